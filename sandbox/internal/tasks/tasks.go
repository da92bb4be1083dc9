// Package tasks asks a sandbox's ECS, with AWS's own SDK, what a person asks when something does not come up: why a task
// stopped, what its containers said last, and which service was rolled back.
package tasks

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/sandbox/internal/account"
)

// Client asks the account that env names in AWS's variables.
type Client struct {
	ecs  *ecs.Client
	logs *cloudwatchlogs.Client
}

// New returns a client for the account that env names in AWS's variables.
func New(env map[string]string) *Client {
	config := account.Config(env)
	return &Client{ecs: ecs.NewFromConfig(config), logs: cloudwatchlogs.NewFromConfig(config)}
}

// servicePrefix begins the group of each task that a service started.
const servicePrefix = "service:"

// OfRun answers the stop of the task that Dagster's launcher started for a run beside the services; nil while it runs, when
// it ended well and where there is none.
func (c *Client) OfRun(ctx context.Context, services []Service, runID string) (*Stop, error) {
	stopped, err := c.stopped(ctx, services)
	if err != nil {
		return nil, err
	}
	for _, task := range stopped {
		for _, tag := range task.Tags {
			if aws.ToString(tag.Key) == "dagster/run_id" && aws.ToString(tag.Value) == runID && failed(task) {
				return c.describe(ctx, task)
			}
		}
	}
	return nil, nil
}

// lastOf answers the last stop of a service's tasks of one task definition; nil when none stopped by itself.
func (c *Client) lastOf(ctx context.Context, service Service) (*Stop, error) {
	services := []Service{service}
	stopped, err := c.stopped(ctx, services)
	if err != nil {
		return nil, err
	}
	var last *types.Task
	for i, task := range stopped {
		ofDeployment := ofAny(services, task) && aws.ToString(task.TaskDefinitionArn) == service.Definition
		if ofDeployment && failed(task) && (last == nil || aws.ToTime(task.StoppedAt).After(aws.ToTime(last.StoppedAt))) {
			last = &stopped[i]
		}
	}
	if last == nil {
		return nil, nil
	}
	return c.describe(ctx, *last)
}

// ofAny says whether one of the services started a task of their clusters.
func ofAny(services []Service, task types.Task) bool {
	return slices.ContainsFunc(services, func(s Service) bool { return aws.ToString(task.Group) == servicePrefix+s.Name })
}

// stopped answers the stopped tasks that ECS still shows, of the services' clusters.
func (c *Client) stopped(ctx context.Context, services []Service) (tasks []types.Task, err error) {
	var clusters []string
	for _, service := range services {
		clusters = append(clusters, service.Cluster)
	}
	slices.Sort(clusters)
	for _, cluster := range slices.Compact(clusters) {
		pages := ecs.NewListTasksPaginator(c.ecs, &ecs.ListTasksInput{
			Cluster: aws.String(cluster), DesiredStatus: types.DesiredStatusStopped, MaxResults: aws.Int32(100),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, fmt.Errorf("list the stopped tasks of %s: %w", afterLast(cluster, "/"), err)
			}
			if len(page.TaskArns) == 0 {
				continue
			}
			described, err := c.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{
				Cluster: aws.String(cluster), Tasks: page.TaskArns, Include: []types.TaskField{types.TaskFieldTags},
			})
			if err != nil {
				return nil, fmt.Errorf("describe the stopped tasks of %s: %w", afterLast(cluster, "/"), err)
			}
			tasks = append(tasks, described.Tasks...)
		}
	}
	return slices.DeleteFunc(tasks, func(task types.Task) bool { return aws.ToString(task.LastStatus) != "STOPPED" }), nil
}

// failed says whether a task stopped otherwise than it was meant to: nobody asked for it, no deployment took its place,
// and a task that is not a service's did not simply end.
func failed(task types.Task) bool {
	switch task.StopCode {
	case types.TaskStopCodeUserInitiated, types.TaskStopCodeSpotInterruption:
		return false
	case types.TaskStopCodeServiceSchedulerInitiated:
		return !strings.HasPrefix(aws.ToString(task.StoppedReason), "Scaling activity initiated")
	case types.TaskStopCodeTaskFailedToStart:
		return true
	}
	if strings.HasPrefix(aws.ToString(task.Group), servicePrefix) {
		return true
	}
	return slices.ContainsFunc(task.Containers, func(c types.Container) bool { return aws.ToInt32(c.ExitCode) != 0 })
}

func afterLast(text, separator string) string {
	return text[strings.LastIndex(text, separator)+len(separator):]
}
