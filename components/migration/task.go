package migration

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/internal/awsapi"
	"dagster-ecs/internal/taskrun"
)

// snapshotVariable names the snapshot to migrate.py, which touches no data without one.
const snapshotVariable = "DAGSTER_MIGRATION_SNAPSHOT"

// ecsAPI is what is asked of ECS.
type ecsAPI interface {
	taskrun.ECS
	ListTasks(context.Context, *ecs.ListTasksInput, ...func(*ecs.Options)) (*ecs.ListTasksOutput, error)
}

// tasks runs the tasks of one task definition.
type tasks struct {
	ecs    ecsAPI
	family string
	target taskrun.Target
	tell   func(string)
}

func (t tasks) runner() taskrun.Runner {
	return taskrun.Runner{ECS: t.ecs, Target: t.target, Purpose: "migration of the database", Starter: "pulumi", Tell: t.tell}
}

// awaitOthers waits for tasks that an update started which was canceled, or a person.
func (t tasks) awaitOthers(ctx context.Context) error {
	list, err := t.ecs.ListTasks(ctx, &ecs.ListTasksInput{
		Cluster: aws.String(t.target.Cluster), Family: aws.String(t.family), DesiredStatus: types.DesiredStatusRunning,
	})
	if err != nil {
		return fmt.Errorf("look for migrations that still run: %w", err)
	}
	for _, arn := range list.TaskArns {
		t.tell(fmt.Sprintf("task %s of an earlier update still migrates the database: it goes first", awsapi.ShortName(arn)))
		if _, err := t.runner().Wait(ctx, arn, taskrun.Stopped); err != nil {
			return fmt.Errorf("%w; the next update waits for it", err)
		}
	}
	return nil
}

// run runs a task to its end, however long it takes.
func (t tasks) run(ctx context.Context, snapshot string) (types.Task, error) {
	ended, err := t.runner().Run(ctx, func(input *ecs.RunTaskInput) { t.name(input, snapshot) }, taskrun.Stopped)
	if err != nil {
		return ended, fmt.Errorf("%w; the next update waits for a task that goes on", err)
	}
	return ended, nil
}

// name tells the task of a snapshot, where there is one.
func (t tasks) name(input *ecs.RunTaskInput, snapshot string) {
	if snapshot == "" {
		return
	}
	input.Overrides = &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{
		Name:        aws.String(t.family),
		Environment: []types.KeyValuePair{{Name: aws.String(snapshotVariable), Value: aws.String(snapshot)}},
	}}}
}

// exitCode is what the script said; that of a task that was killed, or whose script never began, is none of its codes.
func (t tasks) exitCode(ended types.Task) int32 {
	for _, container := range ended.Containers {
		if aws.ToString(container.Name) == t.family && container.ExitCode != nil {
			return *container.ExitCode
		}
	}
	return -1
}
