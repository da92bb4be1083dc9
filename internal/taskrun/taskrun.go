// Package taskrun starts a task of a task definition and waits for what becomes of it, for hooks and commands that need
// one task and no service.
//
// It starts a task again that could not start for a reason that passes, as ECS does for services, and bears an ECS that
// does not answer for some minutes. It never stops a task.
package taskrun

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

// PollEvery is how often AWS is asked what has become of a thing.
const PollEvery = 3 * time.Second

const (
	// patience is for an ECS that does not answer, or does not know a task yet that it has just started.
	patience = 5 * time.Minute
	// Starts is how often a task is started that could not start for a reason that passes, startPause what lies between:
	// roles and policies that were made a moment ago are not known everywhere yet (IAM user guide, "Changes that I make
	// are not always immediately visible"), and a service would try again as well.
	Starts, startPause = 5, 20 * time.Second
)

// passing are the reasons that pass (ECS developer guide, "Stopped task error messages").
var passing = []string{"ResourceInitializationError", "unable to assume the role", "Capacity is unavailable", "AccessDenied"}

// ECS is what is asked of ECS.
type ECS interface {
	RunTask(context.Context, *ecs.RunTaskInput, ...func(*ecs.Options)) (*ecs.RunTaskOutput, error)
	DescribeTasks(context.Context, *ecs.DescribeTasksInput, ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error)
}

// Target is what to run, and where.
type Target struct {
	// Cluster is the cluster's name, Definition the ARN of the task definition or its family and revision; both required.
	Cluster, Definition string
	// Group is the security group of the task, Subnets are its subnets, private ones; required.
	Group   string
	Subnets []string
}

// Runner runs tasks of one task definition.
type Runner struct {
	// ECS is where tasks run; required.
	ECS ECS
	// Target is what to run, and where; required.
	Target Target
	// Purpose is what the task is for, as it is told, such as "migration of the database"; required.
	Purpose string
	// Starter stands in the task as who started it, up to 36 letters, digits, hyphens and underscores; required.
	Starter string
	// Tell is given a line at each change and each minute; required.
	Tell func(string)
}

// Run starts a task, as it is changed by change, and waits until it is as wanted or has stopped, however long that takes. A
// task that cannot start for a reason that passes is started again. It fails where no task starts.
func (r Runner) Run(ctx context.Context, change func(*ecs.RunTaskInput), wanted func(types.Task) bool) (types.Task, error) {
	for attempt := 1; ; attempt++ {
		task, reason, err := r.attempt(ctx, change, wanted)
		if err != nil || reason == "" {
			return task, err
		}
		passes := slices.ContainsFunc(passing, func(text string) bool { return strings.Contains(reason, text) })
		if !passes || attempt == Starts {
			return types.Task{}, fmt.Errorf("start a task: %s", reason)
		}
		r.Tell(r.Purpose + ": no task could start, one more is tried: " + reason)
		if err := awsapi.Pause(ctx, startPause); err != nil {
			return types.Task{}, err
		}
	}
}

// attempt starts a task and waits; with the reason where it could not start.
func (r Runner) attempt(
	ctx context.Context, change func(*ecs.RunTaskInput), wanted func(types.Task) bool,
) (task types.Task, reason string, err error) {
	input := r.input()
	change(input)
	started, err := r.ECS.RunTask(ctx, input)
	if err != nil {
		return task, "", fmt.Errorf("start a task: %w", err)
	}
	if len(started.Tasks) == 0 {
		reason = "ECS gives no reason"
		if len(started.Failures) > 0 {
			failure := started.Failures[0]
			reason = strings.TrimSpace(aws.ToString(failure.Reason) + " " + aws.ToString(failure.Detail))
		}
		return task, reason, nil
	}
	if task, err = r.Wait(ctx, aws.ToString(started.Tasks[0].TaskArn), wanted); err != nil {
		return task, "", err
	}
	if task.StopCode == types.TaskStopCodeTaskFailedToStart {
		reason = fmt.Sprintf("%s (task %s)", aws.ToString(task.StoppedReason), awsapi.ShortName(aws.ToString(task.TaskArn)))
	}
	return task, reason, nil
}

func (r Runner) input() *ecs.RunTaskInput {
	return &ecs.RunTaskInput{
		Cluster:        aws.String(r.Target.Cluster),
		TaskDefinition: aws.String(r.Target.Definition),
		// A request that is sent twice starts one task.
		ClientToken: aws.String(rand.Text()),
		LaunchType:  types.LaunchTypeFargate,
		NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{
			Subnets: r.Target.Subnets, SecurityGroups: []string{r.Target.Group}, AssignPublicIp: types.AssignPublicIpDisabled,
		}},
		EnableECSManagedTags: true,
		PropagateTags:        types.PropagateTagsTaskDefinition,
		StartedBy:            aws.String(r.Starter),
	}
}

// Stopped says that a task has ended.
func Stopped(task types.Task) bool { return aws.ToString(task.LastStatus) == "STOPPED" }

// Wait waits until a task is as wanted, or has stopped. It fails where ECS does not answer for five minutes.
func (r Runner) Wait(ctx context.Context, arn string, wanted func(types.Task) bool) (types.Task, error) {
	progress, answered := awsapi.Progress{Tell: r.Tell}, time.Now()
	for {
		task, err := r.describe(ctx, arn)
		if err == nil {
			answered = time.Now()
			progress.Note(fmt.Sprintf("%s: task %s is %s", r.Purpose, awsapi.ShortName(arn), aws.ToString(task.LastStatus)))
			if Stopped(task) || wanted(task) {
				return task, nil
			}
		} else if time.Since(answered) > patience {
			return types.Task{}, fmt.Errorf("wait for task %s, which goes on: %w", awsapi.ShortName(arn), err)
		}
		if err := awsapi.Pause(ctx, PollEvery); err != nil {
			return types.Task{}, err
		}
	}
}

func (r Runner) describe(ctx context.Context, arn string) (types.Task, error) {
	described, err := r.ECS.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(r.Target.Cluster), Tasks: []string{arn}})
	if err != nil {
		return types.Task{}, err
	}
	if len(described.Tasks) != 1 {
		return types.Task{}, errors.New("ECS does not know it")
	}
	return described.Tasks[0], nil
}
