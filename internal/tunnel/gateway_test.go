package tunnel

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"dagster-ecs/internal/taskrun"
)

const taskArn = "arn:aws:ecs:us-west-1:111122223333:task/fulcrum-cluster/0a1b"

// account is an account in which a task is RUNNING after some time, its agent later, and connected later still.
type account struct {
	began                     time.Time
	running, agent, connected time.Duration
	// patience is that of who opens the way; 0 is without an end.
	patience time.Duration

	run     *ecs.RunTaskInput
	granted time.Duration
	session *ssm.StartSessionInput
	// stopped are the tasks that were, in the end.
	stopped []string
}

// stopper notes that a task is stopped.
type stopper struct {
	account *account
	task    string
}

func (s stopper) Close() error {
	s.account.stopped = append(s.account.stopped, s.task)
	return nil
}

func (a *account) RunTask(_ context.Context, in *ecs.RunTaskInput, _ ...func(*ecs.Options)) (*ecs.RunTaskOutput, error) {
	a.run = in
	return &ecs.RunTaskOutput{Tasks: []types.Task{{TaskArn: aws.String(taskArn)}}}, nil
}

func (a *account) DescribeTasks(
	context.Context, *ecs.DescribeTasksInput, ...func(*ecs.Options),
) (*ecs.DescribeTasksOutput, error) {
	status, agentStatus := "PENDING", "PENDING"
	if time.Since(a.began) >= a.running {
		status = "RUNNING"
	}
	if time.Since(a.began) >= a.agent {
		agentStatus = "RUNNING"
	}
	return &ecs.DescribeTasksOutput{Tasks: []types.Task{{
		TaskArn: aws.String(taskArn), LastStatus: aws.String(status),
		Containers: []types.Container{{
			RuntimeId:     aws.String("0a1b-42"),
			ManagedAgents: []types.ManagedAgent{{Name: types.ManagedAgentNameExecuteCommandAgent, LastStatus: aws.String(agentStatus)}},
		}},
	}}}, nil
}

// errSession ends what a test looks at: the plugin is not for it.
var errSession = errors.New("enough")

func (a *account) StartSession(_ context.Context, in *ssm.StartSessionInput, _ ...func(*ssm.Options)) (*ssm.StartSessionOutput, error) {
	if time.Since(a.began) < a.connected {
		return nil, &ssmtypes.TargetNotConnected{Message: aws.String(aws.ToString(in.Target) + " is not connected.")}
	}
	a.session, a.granted = in, time.Since(a.began)
	return nil, errSession
}

// connect starts a task and a session in a time that takes none.
func connect(t *testing.T, a *account) (err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a.began = time.Now()
		keep := func(task string) (io.Closer, error) { return stopper{a, task}, nil }
		o := opener{ecs: a, ssm: a, keep: keep, gateway: Gateway{
			Region: "us-west-1", Tell: func(string) {}, Target: taskrun.Target{
				Cluster: "fulcrum-cluster", Definition: "asset-manager-gateway:1", Group: "sg-1", Subnets: []string{"subnet-a"},
			},
		}}
		ctx := t.Context()
		if a.patience > 0 {
			limited, cancel := context.WithTimeout(ctx, a.patience)
			defer cancel()
			ctx = limited
		}
		_, err = o.open(ctx, "db.example.com", 5432)
	})
	if want := []string{taskArn}; !slices.Equal(a.stopped, want) {
		t.Errorf("stopped are %v, want %v", a.stopped, want)
	}
	return err
}

func TestATaskIsStoppedThatIsWaitedForNoMore(t *testing.T) {
	if err := connect(t, &account{running: time.Hour, patience: time.Minute}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
}

func TestTheSessionLeadsFromTheTaskToTheHost(t *testing.T) {
	a := &account{running: time.Minute, agent: time.Minute, connected: time.Minute}
	if err := connect(t, a); !errors.Is(err, errSession) {
		t.Fatal(err)
	}
	if !a.run.EnableExecuteCommand || aws.ToString(a.run.TaskDefinition) != "asset-manager-gateway:1" {
		t.Errorf("the task is started by %+v", a.run)
	}
	if got, want := aws.ToString(a.session.Target), "ecs:fulcrum-cluster_0a1b_0a1b-42"; got != want {
		t.Errorf("the target is %s, want %s", got, want)
	}
	for name, want := range map[string]string{"host": "db.example.com", "portNumber": "5432", "localPortNumber": "0"} {
		if got := a.session.Parameters[name]; !slices.Equal(got, []string{want}) {
			t.Errorf("%s is %v, want %s", name, got, want)
		}
	}
}

func TestAnAgentIsWaitedForUntilItRunsAndIsConnected(t *testing.T) {
	a := &account{running: 30 * time.Second, agent: time.Minute, connected: 90 * time.Second}
	if err := connect(t, a); !errors.Is(err, errSession) || a.granted < a.connected || a.granted > 2*time.Minute {
		t.Errorf("the error is %v", err)
	}
}

func TestAnAgentThatIsNeverConnectedIsGivenUp(t *testing.T) {
	err := connect(t, &account{connected: time.Hour})
	if err == nil || !strings.Contains(err.Error(), "is not connected") {
		t.Errorf("the error is %v", err)
	}
}
