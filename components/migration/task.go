package migration

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/internal/awsapi"
)

const (
	// snapshotVariable names the snapshot to migrate.py, which touches no data without one.
	snapshotVariable = "DAGSTER_MIGRATION_SNAPSHOT"
	// pollEvery is how often a task or snapshot is asked after, tellEvery how often a person hears that it goes on.
	pollEvery, tellEvery = 3 * time.Second, time.Minute
	// patience is for an ECS that does not answer, or does not know a task yet that it has just started.
	patience = 5 * time.Minute
	// starts is how often a task is started that could not start for a reason that passes, startPause what lies between:
	// roles and policies that were made a moment ago are not known everywhere yet (IAM user guide, "Changes that I make
	// are not always immediately visible"), and a service would try again as well.
	starts, startPause = 5, 20 * time.Second
)

// passing are the reasons that pass (ECS developer guide, "Stopped task error messages").
var passing = []string{"ResourceInitializationError", "unable to assume the role", "Capacity is unavailable", "AccessDenied"}

// ecsAPI is what is asked of ECS.
type ecsAPI interface {
	ListTasks(context.Context, *ecs.ListTasksInput, ...func(*ecs.Options)) (*ecs.ListTasksOutput, error)
	RunTask(context.Context, *ecs.RunTaskInput, ...func(*ecs.Options)) (*ecs.RunTaskOutput, error)
	DescribeTasks(context.Context, *ecs.DescribeTasksInput, ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error)
}

// target is what to run, and where.
type target struct {
	cluster, family, definition, group string
	subnets                            []string
}

// tasks runs the tasks of one task definition.
type tasks struct {
	ecs    ecsAPI
	target target
	tell   func(string)
}

// awaitOthers waits for tasks that an update started which was canceled, or a person.
func (t tasks) awaitOthers(ctx context.Context) error {
	list, err := t.ecs.ListTasks(ctx, &ecs.ListTasksInput{
		Cluster: aws.String(t.target.cluster), Family: aws.String(t.target.family), DesiredStatus: types.DesiredStatusRunning,
	})
	if err != nil {
		return fmt.Errorf("look for migrations that still run: %w", err)
	}
	for _, arn := range list.TaskArns {
		t.tell(fmt.Sprintf("task %s of an earlier update still migrates the database: it goes first", awsapi.ShortName(arn)))
		if _, err := t.wait(ctx, arn); err != nil {
			return err
		}
	}
	return nil
}

// run runs a task to its end, however long it takes. A task that cannot start for a reason that passes is started again.
func (t tasks) run(ctx context.Context, snapshot string) (types.Task, error) {
	for attempt := 1; ; attempt++ {
		task, reason, err := t.attempt(ctx, snapshot)
		if err != nil || reason == "" {
			return task, err
		}
		passes := slices.ContainsFunc(passing, func(text string) bool { return strings.Contains(reason, text) })
		if !passes || attempt == starts {
			return types.Task{}, fmt.Errorf("start a task: %s", reason)
		}
		t.tell("migration of the database: no task could start, one more is tried: " + reason)
		if err := awsapi.Pause(ctx, startPause); err != nil {
			return types.Task{}, err
		}
	}
}

// attempt starts a task and waits for its end; with the reason where it could not start.
func (t tasks) attempt(ctx context.Context, snapshot string) (ended types.Task, reason string, err error) {
	started, err := t.ecs.RunTask(ctx, t.input(snapshot))
	if err != nil {
		return ended, "", fmt.Errorf("start a task: %w", err)
	}
	if len(started.Tasks) == 0 {
		reason = "ECS gives no reason"
		if len(started.Failures) > 0 {
			failure := started.Failures[0]
			reason = strings.TrimSpace(aws.ToString(failure.Reason) + " " + aws.ToString(failure.Detail))
		}
		return ended, reason, nil
	}
	if ended, err = t.wait(ctx, aws.ToString(started.Tasks[0].TaskArn)); err != nil {
		return ended, "", err
	}
	if ended.StopCode == types.TaskStopCodeTaskFailedToStart {
		reason = fmt.Sprintf("%s (task %s)", aws.ToString(ended.StoppedReason), awsapi.ShortName(aws.ToString(ended.TaskArn)))
	}
	return ended, reason, nil
}

func (t tasks) input(snapshot string) *ecs.RunTaskInput {
	input := &ecs.RunTaskInput{
		Cluster:        aws.String(t.target.cluster),
		TaskDefinition: aws.String(t.target.definition),
		// A request that is sent twice starts one task.
		ClientToken: aws.String(rand.Text()),
		LaunchType:  types.LaunchTypeFargate,
		NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{
			Subnets: t.target.subnets, SecurityGroups: []string{t.target.group}, AssignPublicIp: types.AssignPublicIpDisabled,
		}},
		EnableECSManagedTags: true,
		PropagateTags:        types.PropagateTagsTaskDefinition,
		StartedBy:            aws.String("pulumi"),
	}
	if snapshot != "" {
		input.Overrides = &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{
			Name:        aws.String(t.target.family),
			Environment: []types.KeyValuePair{{Name: aws.String(snapshotVariable), Value: aws.String(snapshot)}},
		}}}
	}
	return input
}

// wait waits until a task has stopped.
func (t tasks) wait(ctx context.Context, arn string) (types.Task, error) {
	progress, answered := progress{tell: t.tell}, time.Now()
	for {
		task, err := t.describe(ctx, arn)
		if err == nil {
			answered = time.Now()
			status := aws.ToString(task.LastStatus)
			progress.note(fmt.Sprintf("migration of the database: task %s is %s", awsapi.ShortName(arn), status))
			if status == "STOPPED" {
				return task, nil
			}
		} else if time.Since(answered) > patience {
			return types.Task{}, fmt.Errorf("wait for task %s, which goes on and which the next update waits for: %w", awsapi.ShortName(arn), err)
		}
		if err := awsapi.Pause(ctx, pollEvery); err != nil {
			return types.Task{}, err
		}
	}
}

func (t tasks) describe(ctx context.Context, arn string) (types.Task, error) {
	described, err := t.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(t.target.cluster), Tasks: []string{arn}})
	if err != nil {
		return types.Task{}, err
	}
	if len(described.Tasks) != 1 {
		return types.Task{}, errors.New("ECS does not know it")
	}
	return described.Tasks[0], nil
}

// exitCode is what the script said; that of a task that was killed, or whose script never began, is none of its codes.
func (t tasks) exitCode(ended types.Task) int32 {
	for _, container := range ended.Containers {
		if aws.ToString(container.Name) == t.target.family && container.ExitCode != nil {
			return *container.ExitCode
		}
	}
	return -1
}
