package reach

import (
	"context"
	"errors"
	"fmt"
	"net"
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
	// sessionProbe is the name of the probe that opens a way in.
	sessionProbe = "way in"
	// agentPatience is how long the agent of a task that runs may take to be connected.
	agentPatience = 30 * time.Second
)

// lookSession opens the way in to the database as a tunnel does, and gives why that fails.
func (p tasks) lookSession(ctx context.Context, subnet string) (said string, err error) {
	gateway := p.workloads["gateway"]
	ctx, cancel := context.WithTimeout(ctx, taskPatience)
	defer cancel()
	input := p.input(gateway, subnet)
	input.EnableExecuteCommand = true
	task, err := p.start(ctx, gateway, input, func(task types.Task) bool { return aws.ToString(task.LastStatus) == "RUNNING" })
	if err != nil {
		return "", err
	}
	if taskrun.Stopped(task) {
		return p.stops.Of(ctx, task).String(), nil
	}
	defer func() {
		_, stopped := p.ecs.StopTask(context.WithoutCancel(ctx), &ecs.StopTaskInput{Cluster: aws.String(p.cluster), Task: task.TaskArn})
		err = errors.Join(err, stopped)
	}()
	host, port, err := net.SplitHostPort(gateway.does[0])
	if err != nil {
		return "", fmt.Errorf("read the database's endpoint: %w", err)
	}
	return p.connect(ctx, taskrun.Forwarding(p.cluster, task, host, port))
}

// connect starts a session as soon as the agent is connected, and ends it.
func (p tasks) connect(ctx context.Context, input *ssm.StartSessionInput) (said string, err error) {
	for began := time.Now(); ; {
		session, err := p.ssm.StartSession(ctx, input)
		if err == nil {
			_, err = p.ssm.TerminateSession(ctx, &ssm.TerminateSessionInput{SessionId: session.SessionId})
			return "", err
		}
		var absent *ssmtypes.TargetNotConnected
		if !errors.As(err, &absent) || time.Since(began) > agentPatience {
			return err.Error(), nil
		}
		if err := awsapi.Pause(ctx, taskPoll); err != nil {
			return "", err
		}
	}
}
