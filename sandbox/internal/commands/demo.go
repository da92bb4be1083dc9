package commands

import (
	"context"
	"fmt"
	"time"

	"dagster-ecs/internal/dagster"
	"dagster-ecs/sandbox/internal/deploy"
	"dagster-ecs/sandbox/internal/tasks"
)

// DemoJob is the job of the example that Demo launches.
const DemoJob = "heavy_computation_job"

const (
	followEvery = 300 * time.Millisecond
	// explainEvery is how often a run that does not go on is looked into.
	explainEvery = 3 * time.Second
)

// Demo launches one run and follows it to its end; a run that does not succeed is an error with what it says. Meanwhile
// it tells what a queued run waits for, and why the run's task stopped.
func (s *Session) Demo(ctx context.Context, job string) error {
	i, err := s.loadStack()
	if err != nil {
		return err
	}
	record, err := deploy.LoadRecord(ctx, i.StackDir(s.Stack), s.Stack, i.Passphrase)
	if err != nil {
		return err
	}
	cluster, _ := record.Outputs["clusterName"].(string)
	client := dagster.New(i.UI(s.Stack))
	start := time.Now()
	run, err := client.Launch(ctx, job, nil)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "%s: run %s\n  %s/runs/%s\n", job, run, client.URL, run)
	account := tasks.New(i.Env())
	f := follower{
		every: followEvery, explainEvery: explainEvery,
		status:  func(ctx context.Context) (string, error) { return client.Status(ctx, run) },
		waits:   client.WhyQueued,
		stopped: func(ctx context.Context) (string, error) { return account.WhyStopped(ctx, cluster, run) },
		tell: func(text string) {
			fmt.Fprintf(s.Out, "  %6s  %s\n", time.Since(start).Round(100*time.Millisecond), text)
		},
	}
	status, err := f.follow(ctx)
	if err != nil {
		return err
	}
	events, err := client.Events(ctx, run)
	if err != nil {
		return err
	}
	for _, event := range events {
		if event.Error != "" {
			fmt.Fprintf(s.Out, "  %s: %s\n", event.Type, event.Error)
		}
	}
	if status != dagster.Success {
		return fmt.Errorf("the run %s of %s ended as %s", run, job, status)
	}
	return nil
}

// follower tells of one run each thing once.
type follower struct {
	every, explainEvery time.Duration
	status              func(context.Context) (string, error)
	// waits says what the queued run waits for, and stopped why its task stopped; empty where there is nothing to say.
	waits, stopped func(context.Context) (string, error)
	tell           func(string)
	said           string
}

// follow tells each status of the run, and what holds it up while it stays in one; it returns the status that the run
// ends with.
func (f *follower) follow(ctx context.Context) (string, error) {
	last, looked := "", time.Now()
	for {
		status, err := f.status(ctx)
		if err != nil {
			return last, err
		}
		changed := status != last
		if changed {
			f.tell(status)
		}
		if !changed && time.Since(looked) > f.explainEvery || status == dagster.Failure {
			looked = time.Now()
			f.explain(ctx, status)
		}
		if last = status; dagster.Ended(status) {
			return status, nil
		}
		select {
		case <-ctx.Done():
			return status, ctx.Err()
		case <-time.After(f.every):
		}
	}
}

// explain tells what holds the run up; what cannot be asked now is asked again soon.
func (f *follower) explain(ctx context.Context, status string) {
	why, before := f.stopped, ""
	if status == dagster.Queued {
		why, before = f.waits, "waits: "
	}
	if text, err := why(ctx); err == nil && text != "" && text != f.said {
		f.said = text
		f.tell(before + text)
	}
}
