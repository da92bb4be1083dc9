package migration

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"dagster-ecs/internal/awsapi"
)

// scripted is how a task goes: how long it runs, and how it ends.
type scripted struct {
	takes time.Duration
	// exit is the code of its container; none where it could not start.
	exit int32
	// cannotStart is why it could not start.
	cannotStart string
}

// account is an AWS account in which one thing happens after the other; done lists what happened.
type account struct {
	// tasks are the tasks that RunTask starts, in this order.
	tasks []scripted
	// running is a task that runs already.
	running *scripted
	// refusal is what RunTask answers instead of a task.
	refusal string
	// silent is how long ECS answers no question after a task was started.
	silent time.Duration
	// busy is how long the database instance is too busy for a snapshot, snapshotTakes how long one takes.
	busy, snapshotTakes time.Duration
	// snapshotEnds is the status in which a snapshot ends; available by default.
	snapshotEnds string
	// log is what stands in each log stream.
	log []string

	begin   time.Time
	started []time.Time
	done    []string
	inputs  []*ecs.RunTaskInput
	taken   time.Time
	tags    []rdstypes.Tag
	streams []string
}

const cluster = "arn:aws:ecs:us-west-1:111122223333:task/fulcrum-cluster/"

func (a *account) ListTasks(context.Context, *ecs.ListTasksInput, ...func(*ecs.Options)) (*ecs.ListTasksOutput, error) {
	if a.running == nil {
		return &ecs.ListTasksOutput{}, nil
	}
	return &ecs.ListTasksOutput{TaskArns: []string{cluster + "earlier"}}, nil
}

func (a *account) RunTask(_ context.Context, in *ecs.RunTaskInput, _ ...func(*ecs.Options)) (*ecs.RunTaskOutput, error) {
	if a.refusal != "" {
		return &ecs.RunTaskOutput{Failures: []types.Failure{{Reason: aws.String(a.refusal)}}}, nil
	}
	if len(a.started) == len(a.tasks) {
		return nil, errors.New("one task too many")
	}
	a.started, a.inputs = append(a.started, time.Now()), append(a.inputs, in)
	a.done = append(a.done, fmt.Sprintf("task %d starts", len(a.started)))
	return &ecs.RunTaskOutput{Tasks: []types.Task{{TaskArn: aws.String(fmt.Sprintf("%s%d", cluster, len(a.started)))}}}, nil
}

func (a *account) DescribeTasks(
	_ context.Context, in *ecs.DescribeTasksInput, _ ...func(*ecs.Options),
) (*ecs.DescribeTasksOutput, error) {
	var task *scripted
	var began time.Time
	if awsapi.ShortName(in.Tasks[0]) == "earlier" {
		task, began = a.running, a.begin
	} else {
		n := len(a.started)
		task, began = &a.tasks[n-1], a.started[n-1]
	}
	if time.Since(began) < a.silent {
		return &ecs.DescribeTasksOutput{Failures: []types.Failure{{Reason: aws.String("MISSING")}}}, nil
	}
	answer := types.Task{
		TaskArn: aws.String(in.Tasks[0]), TaskDefinitionArn: aws.String(cluster + "asset-manager-migration:7"), LastStatus: aws.String("RUNNING"),
	}
	if time.Since(began) >= task.takes {
		answer.LastStatus = aws.String("STOPPED")
		own := types.Container{Name: aws.String("asset-manager-migration"), ExitCode: aws.Int32(task.exit)}
		answer.StopCode, answer.StoppedReason = types.TaskStopCodeEssentialContainerExited, aws.String("Essential container in task exited")
		if task.cannotStart != "" {
			answer.StopCode, answer.StoppedReason, own.ExitCode = types.TaskStopCodeTaskFailedToStart, aws.String(task.cannotStart), nil
		}
		answer.Containers = []types.Container{own}
		a.done = append(a.done, "task "+awsapi.ShortName(in.Tasks[0])+" ends")
	}
	return &ecs.DescribeTasksOutput{Tasks: []types.Task{answer}}, nil
}

func (*account) DescribeTaskDefinition(
	context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options),
) (*ecs.DescribeTaskDefinitionOutput, error) {
	return &ecs.DescribeTaskDefinitionOutput{TaskDefinition: &types.TaskDefinition{ContainerDefinitions: []types.ContainerDefinition{{
		Name: aws.String("asset-manager-migration"),
		LogConfiguration: &types.LogConfiguration{Options: map[string]string{
			"awslogs-group": "asset-manager/daemon", "awslogs-stream-prefix": kind,
		}},
	}}}}, nil
}

func (a *account) GetLogEvents(
	_ context.Context, in *cloudwatchlogs.GetLogEventsInput, _ ...func(*cloudwatchlogs.Options),
) (*cloudwatchlogs.GetLogEventsOutput, error) {
	a.streams = append(a.streams, *in.LogGroupName+" "+*in.LogStreamName)
	if len(a.streams) == 1 {
		return nil, &logtypes.ResourceNotFoundException{} // lines arrive late
	}
	var events []logtypes.OutputLogEvent
	for _, line := range a.log {
		events = append(events, logtypes.OutputLogEvent{Message: aws.String(line)})
	}
	return &cloudwatchlogs.GetLogEventsOutput{Events: events}, nil
}

func (a *account) CreateDBSnapshot(
	_ context.Context, in *rds.CreateDBSnapshotInput, _ ...func(*rds.Options),
) (*rds.CreateDBSnapshotOutput, error) {
	if time.Since(a.begin) < a.busy {
		return nil, &rdstypes.InvalidDBInstanceStateFault{Message: aws.String("Instance is currently backing-up.")}
	}
	a.taken, a.tags = time.Now(), in.Tags
	a.done = append(a.done, "snapshot of "+*in.DBInstanceIdentifier)
	return &rds.CreateDBSnapshotOutput{}, nil
}

func (a *account) DescribeDBSnapshots(
	_ context.Context, in *rds.DescribeDBSnapshotsInput, _ ...func(*rds.Options),
) (*rds.DescribeDBSnapshotsOutput, error) {
	status := "creating"
	if time.Since(a.taken) >= a.snapshotTakes {
		status = "available"
		if a.snapshotEnds != "" {
			status = a.snapshotEnds
		}
		a.done = append(a.done, "snapshot is "+status)
	}
	return &rds.DescribeDBSnapshotsOutput{DBSnapshots: []rdstypes.DBSnapshot{
		{DBSnapshotIdentifier: in.DBSnapshotIdentifier, Status: aws.String(status)},
	}}, nil
}
