// Package tasks asks a sandbox's ECS, with AWS's own SDK, why the task of a run stopped.
package tasks

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/internal/taskstop"
	"dagster-ecs/sandbox/internal/account"
)

// Client asks the account that env names in AWS's variables.
type Client struct {
	ecs   *ecs.Client
	stops taskstop.Reader
}

// New returns a client for the account that env names in AWS's variables.
func New(env map[string]string) *Client {
	config := account.Config(env)
	client := ecs.NewFromConfig(config)
	return &Client{ecs: client, stops: taskstop.Reader{ECS: client, Logs: cloudwatchlogs.NewFromConfig(config)}}
}

// WhyStopped says why the task stopped that Dagster's launcher started for a run in a cluster; empty while it runs, when
// it ended well and where there is none.
func (c *Client) WhyStopped(ctx context.Context, cluster, runID string) (string, error) {
	pages := ecs.NewListTasksPaginator(c.ecs, &ecs.ListTasksInput{
		Cluster: aws.String(cluster), DesiredStatus: types.DesiredStatusStopped, MaxResults: aws.Int32(100),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", fmt.Errorf("list the stopped tasks of %s: %w", cluster, err)
		}
		if len(page.TaskArns) == 0 {
			continue
		}
		described, err := c.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{
			Cluster: aws.String(cluster), Tasks: page.TaskArns, Include: []types.TaskField{types.TaskFieldTags},
		})
		if err != nil {
			return "", fmt.Errorf("describe the stopped tasks of %s: %w", cluster, err)
		}
		for _, task := range described.Tasks {
			if ofRun(task, runID) && aws.ToString(task.LastStatus) == "STOPPED" && taskstop.Failed(task) {
				return c.stops.Of(ctx, task).String(), nil
			}
		}
	}
	return "", nil
}

func ofRun(task types.Task, runID string) bool {
	return slices.ContainsFunc(task.Tags, func(tag types.Tag) bool {
		return aws.ToString(tag.Key) == "dagster/run_id" && aws.ToString(tag.Value) == runID
	})
}
