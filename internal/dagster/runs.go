package dagster

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// The statuses of a run that this package names, as GraphQL's RunStatus spells them.
const (
	Queued   = "QUEUED"
	Started  = "STARTED"
	Success  = "SUCCESS"
	Failure  = "FAILURE"
	Canceled = "CANCELED"
)

// Ended says whether a run with this status changes no more.
func Ended(status string) bool {
	return status == Success || status == Failure || status == Canceled
}

// Job is one job of a code location.
type Job struct{ name, repository, location string }

// Jobs lists the jobs of all code locations; a location that failed to load is an error with its message.
func (c *Client) Jobs(ctx context.Context) ([]Job, error) {
	var data struct {
		Workspace struct {
			Message string
			Entries []struct {
				Name   string
				Loaded struct {
					Message      string
					Repositories []struct {
						Name string
						Jobs []struct{ Name string }
					}
				} `json:"locationOrLoadError"`
			} `json:"locationEntries"`
		} `json:"workspaceOrError"`
	}
	err := c.query(ctx, `{ workspaceOrError {
		... on PythonError { message }
		... on Workspace { locationEntries { name locationOrLoadError {
			... on PythonError { message }
			... on RepositoryLocation { repositories { name jobs { name } } } } } } } }`, nil, &data)
	if err != nil {
		return nil, fmt.Errorf("list the jobs: %w", err)
	}
	if data.Workspace.Message != "" {
		return nil, fmt.Errorf("load the workspace: %s", data.Workspace.Message)
	}
	var jobs []Job
	for _, entry := range data.Workspace.Entries {
		if entry.Loaded.Message != "" {
			return nil, fmt.Errorf("load the code location %s: %s", entry.Name, entry.Loaded.Message)
		}
		for _, repository := range entry.Loaded.Repositories {
			for _, job := range repository.Jobs {
				jobs = append(jobs, Job{name: job.Name, repository: repository.Name, location: entry.Name})
			}
		}
	}
	return jobs, nil
}

// Launch starts the named job with its default configuration, and with tags as the Launchpad gives them, and answers the
// run's id.
func (c *Client) Launch(ctx context.Context, name string, tags map[string]string) (string, error) {
	return c.LaunchConfigured(ctx, name, map[string]any{}, tags)
}

// LaunchConfigured is Launch with a run configuration.
func (c *Client) LaunchConfigured(ctx context.Context, name string, config map[string]any, tags map[string]string) (string, error) {
	job, err := c.job(ctx, name)
	if err != nil {
		return "", err
	}
	given := []map[string]any{}
	for key, value := range tags {
		given = append(given, map[string]any{"key": key, "value": value})
	}
	var data struct {
		Launch struct {
			Type    string `json:"__typename"`
			Message string
			Run     struct{ RunID string }
		} `json:"launchRun"`
	}
	err = c.query(ctx, `mutation ($params: ExecutionParams!) { launchRun(executionParams: $params) {
		__typename
		... on LaunchRunSuccess { run { runId } }
		... on Error { message } } }`,
		map[string]any{"params": map[string]any{
			"selector": map[string]any{
				"jobName": job.name, "repositoryName": job.repository, "repositoryLocationName": job.location,
			},
			"runConfigData":     config,
			"executionMetadata": map[string]any{"tags": given},
		}}, &data)
	if err != nil {
		return "", fmt.Errorf("launch the job %s: %w", name, err)
	}
	if data.Launch.Run.RunID == "" {
		return "", fmt.Errorf("launch the job %s: %s: %s", name, data.Launch.Type, data.Launch.Message)
	}
	return data.Launch.Run.RunID, nil
}

// implicitJobs begin the names of the jobs that Dagster itself makes of assets.
const implicitJobs = "__"

func (c *Client) job(ctx context.Context, name string) (Job, error) {
	jobs, err := c.Jobs(ctx)
	if err != nil {
		return Job{}, err
	}
	var known []string
	for _, job := range jobs {
		if job.name == name {
			return job, nil
		}
		if !strings.HasPrefix(job.name, implicitJobs) {
			known = append(known, job.name)
		}
	}
	return Job{}, fmt.Errorf("the code has no job %s: it has %s", name, strings.Join(known, ", "))
}

// Status answers the status of a run.
func (c *Client) Status(ctx context.Context, runID string) (string, error) {
	var data struct {
		Run struct{ Status, Message string } `json:"runOrError"`
	}
	err := c.query(ctx, `query ($id: ID!) { runOrError(runId: $id) {
		... on Run { status } ... on Error { message } } }`, map[string]any{"id": runID}, &data)
	if err != nil {
		return "", fmt.Errorf("ask for the run %s: %w", runID, err)
	}
	if data.Run.Status == "" {
		return "", fmt.Errorf("ask for the run %s: %s", runID, data.Run.Message)
	}
	return data.Run.Status, nil
}

// Follow polls a run each interval and calls seen with each new status, until done says that it is enough.
func (c *Client) Follow(
	ctx context.Context, runID string, interval time.Duration, done func(status string) bool, seen func(status string),
) (string, error) {
	last := ""
	for {
		status, err := c.Status(ctx, runID)
		if err != nil {
			return last, err
		}
		if status != last {
			last = status
			seen(status)
		}
		if done(status) {
			return status, nil
		}
		select {
		case <-ctx.Done():
			return last, fmt.Errorf("follow the run %s, which is %s: %w", runID, last, ctx.Err())
		case <-time.After(interval):
		}
	}
}

// Terminate asks that a run be stopped, as the UI's button does: the run becomes CANCELED when its process has ended.
func (c *Client) Terminate(ctx context.Context, runID string) error {
	var data struct {
		Terminate struct {
			Type    string `json:"__typename"`
			Message string
		} `json:"terminateRun"`
	}
	err := c.query(ctx, `mutation ($id: String!) { terminateRun(runId: $id) {
		__typename ... on Error { message } ... on TerminateRunFailure { message } } }`,
		map[string]any{"id": runID}, &data)
	if err != nil {
		return fmt.Errorf("terminate the run %s: %w", runID, err)
	}
	if data.Terminate.Type != "TerminateRunSuccess" {
		return fmt.Errorf("terminate the run %s: %s: %s", runID, data.Terminate.Type, data.Terminate.Message)
	}
	return nil
}

// Event is one entry of a run's event log. Error holds the message and stack of the failure that it tells, if any.
type Event struct{ Type, Error string }

// Events answers the event log of a run, at most its first 1,000 entries.
func (c *Client) Events(ctx context.Context, runID string) ([]Event, error) {
	type failure struct {
		Message string
		Cause   *struct{ Message string } `json:"cause"`
	}
	var data struct {
		Logs struct {
			Message string
			Events  []struct {
				Type  string `json:"eventType"`
				Error *failure
			}
		} `json:"logsForRun"`
	}
	err := c.query(ctx, `query ($id: ID!) { logsForRun(runId: $id, limit: 1000) {
		... on Error { message }
		... on EventConnection { events { ... on MessageEvent { eventType }
			... on ErrorEvent { error { message cause { message } } } } } } }`, map[string]any{"id": runID}, &data)
	if err != nil {
		return nil, fmt.Errorf("read the events of the run %s: %w", runID, err)
	}
	if data.Logs.Message != "" {
		return nil, fmt.Errorf("read the events of the run %s: %s", runID, data.Logs.Message)
	}
	var events []Event
	for _, e := range data.Logs.Events {
		event := Event{Type: e.Type}
		if e.Error != nil {
			event.Error = e.Error.Message
			if e.Error.Cause != nil {
				event.Error += e.Error.Cause.Message
			}
		}
		events = append(events, event)
	}
	return events, nil
}
