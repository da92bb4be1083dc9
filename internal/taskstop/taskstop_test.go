package taskstop

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestOnlyTasksThatWereNotMeantToStopCountAsFailed(t *testing.T) {
	exited := func(code int32) []types.Container { return []types.Container{{ExitCode: aws.Int32(code)}} }
	for _, c := range []struct {
		name string
		task types.Task
		want bool
	}{
		{"a person stopped it", types.Task{StopCode: types.TaskStopCodeUserInitiated, Containers: exited(143)}, false},
		{"a deployment replaced it", types.Task{StopCode: types.TaskStopCodeServiceSchedulerInitiated,
			StoppedReason: aws.String("Scaling activity initiated by deployment ecs-svc/1")}, false},
		{"the balancer found it unhealthy", types.Task{StopCode: types.TaskStopCodeServiceSchedulerInitiated,
			StoppedReason: aws.String("Task failed ELB health checks in (target-group x)")}, true},
		{"its image was not found", types.Task{StopCode: types.TaskStopCodeTaskFailedToStart}, true},
		{"a run ended well", types.Task{StopCode: types.TaskStopCodeEssentialContainerExited, Containers: exited(0)}, false},
		{"a run failed", types.Task{StopCode: types.TaskStopCodeEssentialContainerExited, Containers: exited(1)}, true},
		{"a service's process ended, even well", types.Task{StopCode: types.TaskStopCodeEssentialContainerExited,
			Group: aws.String("service:web"), Containers: exited(0)}, true},
	} {
		if got := Failed(c.task); got != c.want {
			t.Errorf("%s: failed is %v", c.name, got)
		}
	}
}

// account answers for one definition, or refuses.
type account struct{ refused error }

func (a account) DescribeTaskDefinition(
	context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options),
) (*ecs.DescribeTaskDefinitionOutput, error) {
	logs := &types.LogConfiguration{Options: map[string]string{"awslogs-group": "g", "awslogs-stream-prefix": "web"}}
	return &ecs.DescribeTaskDefinitionOutput{TaskDefinition: &types.TaskDefinition{ContainerDefinitions: []types.ContainerDefinition{
		{Name: aws.String("configure"), Essential: aws.Bool(false), LogConfiguration: logs},
		{Name: aws.String("web"), LogConfiguration: logs},
	}}}, a.refused
}

func (a account) GetLogEvents(
	_ context.Context, asked *cloudwatchlogs.GetLogEventsInput, _ ...func(*cloudwatchlogs.Options),
) (*cloudwatchlogs.GetLogEventsOutput, error) {
	return &cloudwatchlogs.GetLogEventsOutput{Events: []logtypes.OutputLogEvent{
		{Message: aws.String("\x1b[31mlast words of " + *asked.LogStreamName + "\x1b[0m\n")}, {Message: aws.String(strings.Repeat("x", 300))},
	}}, a.refused
}

func TestAStopNamesTheContainersThatShowWhyAndTheirLogs(t *testing.T) {
	container := func(name string, code *int32, reason string) types.Container {
		c := types.Container{Name: aws.String(name), ExitCode: code}
		if reason != "" {
			c.Reason = aws.String(reason)
		}
		return c
	}
	cut := "\n      | " + strings.Repeat("x", 200) + "…"
	for name, c := range map[string]struct {
		containers []types.Container
		group      string
		account    account
		want       string
	}{
		"an init container failed, what waited for it was told to end": {
			[]types.Container{container("configure", aws.Int32(1), ""), container("web", aws.Int32(143), "dependency")}, "service:web", account{},
			"a task of web stopped: why; container configure exited with 1\n      | last words of web/configure/abc" + cut +
				"\n      its log: group g, stream web/configure/abc",
		},
		"the image cannot be pulled": {
			[]types.Container{container("configure", nil, ""), container("web", nil, "CannotPullContainerError: no")}, "family:run", account{},
			"a task of run stopped: why; container web: CannotPullContainerError: no",
		},
		"the process ended well": {
			[]types.Container{container("configure", aws.Int32(0), ""), container("web", aws.Int32(0), "")}, "service:web", account{},
			"a task of web stopped: why; container web exited with 0\n      | last words of web/web/abc" + cut + "\n      its log: group g, stream web/web/abc",
		},
		"nothing more may be asked": {
			[]types.Container{container("web", aws.Int32(1), "")}, "service:web", account{refused: errors.New("AccessDenied")},
			"a task of web stopped: why; container web exited with 1",
		},
	} {
		stop := Reader{ECS: c.account, Logs: c.account}.Of(t.Context(), types.Task{
			TaskArn: aws.String("task/main/abc"), TaskDefinitionArn: aws.String("task-definition/run:1"), Group: aws.String(c.group),
			StoppedReason: aws.String("why"), Containers: c.containers,
		})
		if got := stop.String(); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}
