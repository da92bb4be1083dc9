package tunnel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"dagster-ecs/internal/awsapi"
	"dagster-ecs/internal/taskrun"
)

const (
	// agent is the container's agent, as DescribeTasks names it.
	agent = "ExecuteCommandAgent"
	// connectPatience is for an agent that runs and is not connected yet.
	connectPatience = 2 * time.Minute
)

// Gateway is a task definition whose tasks lead into the VPC.
type Gateway struct {
	// Region is where the task runs; required.
	Region string
	// Target is what to run, and where; required.
	Target taskrun.Target
	// Tell is given a line at each step; required.
	Tell func(string)
}

// Far names a host and port behind the gateway, for Listen.
func (g Gateway) Far(host string, port int) string {
	return fmt.Sprintf("%s %s %s:%d", g.Region, g.Target.Cluster, host, port)
}

// Open starts a task and opens a session through it to a host and port; the way lasts until it is closed, and ctx is for
// the opening only. What was started is stopped again where that fails.
func (g Gateway) Open(ctx context.Context, host string, port int) (Way, error) {
	config, err := awsapi.Load(ctx, g.Region)
	if err != nil {
		return nil, err
	}
	opener := opener{gateway: g, ecs: ecs.NewFromConfig(config), ssm: ssm.NewFromConfig(config), keep: func(task string) (io.Closer, error) {
		return keep(g.Region, g.Target.Cluster, task)
	}}
	way, err := opener.open(ctx, host, port)
	if err != nil {
		return nil, fmt.Errorf("open the way to %s:%d: %w", host, port, err)
	}
	return way, nil
}

// sessions is what is asked of Session Manager.
type sessions interface {
	StartSession(context.Context, *ssm.StartSessionInput, ...func(*ssm.Options)) (*ssm.StartSessionOutput, error)
}

type opener struct {
	gateway Gateway
	ecs     taskrun.ECS
	ssm     sessions
	// keep gives what stops a task.
	keep func(task string) (io.Closer, error)
}

func (o opener) open(ctx context.Context, host string, port int) (Way, error) {
	task, tasks, err := o.start(ctx)
	if err != nil {
		return nil, errors.Join(err, tasks.Close())
	}
	way, err := o.connect(ctx, task, tasks, host, port)
	if err != nil {
		return nil, errors.Join(err, tasks.Close())
	}
	o.gateway.Tell(fmt.Sprintf("gateway: the way to %s:%d is open", host, port))
	return way, nil
}

// start starts a task and waits for its agent. What was started is to be stopped, also where it fails.
func (o opener) start(ctx context.Context) (task types.Task, tasks keepers, err error) {
	kept := map[string]bool{}
	var failed error
	wanted := func(task types.Task) bool {
		if arn := aws.ToString(task.TaskArn); !kept[arn] {
			kept[arn] = true
			keeper, err := o.keep(arn)
			if err != nil {
				failed = err
				return true
			}
			tasks = append(tasks, keeper)
		}
		return ready(task)
	}
	runner := taskrun.Runner{ECS: o.ecs, Target: o.gateway.Target, Purpose: "gateway", Starter: "tunnel", Tell: o.gateway.Tell}
	task, err = runner.Run(ctx, func(input *ecs.RunTaskInput) { input.EnableExecuteCommand = true }, wanted)
	if err == nil && taskrun.Stopped(task) {
		err = fmt.Errorf("task %s has ended: %s", awsapi.ShortName(aws.ToString(task.TaskArn)), aws.ToString(task.StoppedReason))
	}
	return task, tasks, errors.Join(err, failed)
}

// ready says that a task and its agent run.
func ready(task types.Task) bool {
	if aws.ToString(task.LastStatus) != "RUNNING" || len(task.Containers) != 1 {
		return false
	}
	for _, each := range task.Containers[0].ManagedAgents {
		if string(each.Name) == agent {
			return aws.ToString(each.LastStatus) == "RUNNING"
		}
	}
	return false
}

// connect opens a session with a task whose agent runs.
func (o opener) connect(ctx context.Context, task types.Task, tasks io.Closer, host string, port int) (Way, error) {
	input := taskrun.Forwarding(o.gateway.Target.Cluster, task, host, strconv.Itoa(port))
	target := aws.ToString(input.Target)
	session, err := o.startSession(ctx, input)
	if err != nil {
		return nil, fmt.Errorf("start a session with %s: %w", target, err)
	}
	return startPlugin(ctx, pluginOf{region: o.gateway.Region, target: target, session: session, tasks: tasks})
}

// startSession starts a session as soon as the agent is connected, which takes some seconds after its start.
func (o opener) startSession(ctx context.Context, input *ssm.StartSessionInput) (*ssm.StartSessionOutput, error) {
	for begin := time.Now(); ; {
		session, err := o.ssm.StartSession(ctx, input)
		var absent *ssmtypes.TargetNotConnected
		if err == nil || !errors.As(err, &absent) || time.Since(begin) > connectPatience {
			return session, err
		}
		if err := awsapi.Pause(ctx, taskrun.PollEvery); err != nil {
			return nil, err
		}
	}
}
