package rollout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/internal/taskstop"
)

const family = "arn:aws:ecs:us-west-1:111122223333:task-definition/web:"

// account is an ECS whose answers to DescribeServices come one after the other, the last one again and again.
type account struct {
	services []types.Service
	tasks    []types.Task
	refused  error
}

func (a *account) DescribeServices(
	context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options),
) (*ecs.DescribeServicesOutput, error) {
	if len(a.services) == 0 {
		return &ecs.DescribeServicesOutput{}, nil
	}
	now := a.services[0]
	if len(a.services) > 1 {
		a.services = a.services[1:]
	}
	return &ecs.DescribeServicesOutput{Services: []types.Service{now}}, nil
}

func (a *account) ListTasks(context.Context, *ecs.ListTasksInput, ...func(*ecs.Options)) (*ecs.ListTasksOutput, error) {
	var arns []string
	for _, task := range a.tasks {
		arns = append(arns, aws.ToString(task.TaskArn))
	}
	return &ecs.ListTasksOutput{TaskArns: arns}, a.refused
}

func (a *account) DescribeTasks(context.Context, *ecs.DescribeTasksInput, ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error) {
	return &ecs.DescribeTasksOutput{Tasks: slices.Clone(a.tasks)}, nil
}

func (*account) DescribeTaskDefinition(
	context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options),
) (*ecs.DescribeTaskDefinitionOutput, error) {
	return &ecs.DescribeTaskDefinitionOutput{TaskDefinition: &types.TaskDefinition{ContainerDefinitions: []types.ContainerDefinition{{
		Name: aws.String("web"), LogConfiguration: &types.LogConfiguration{Options: map[string]string{
			"awslogs-group": "asset-manager/web", "awslogs-stream-prefix": "web"}},
	}}}}, nil
}

func (*account) GetLogEvents(
	context.Context, *cloudwatchlogs.GetLogEventsInput, ...func(*cloudwatchlogs.Options),
) (*cloudwatchlogs.GetLogEventsOutput, error) {
	return &cloudwatchlogs.GetLogEventsOutput{Events: []logtypes.OutputLogEvent{{Message: aws.String("No module named dagster\n")}}}, nil
}

func (a *account) watch() *Watch {
	return &Watch{ecs: a, stops: taskstop.Reader{ECS: a, Logs: a}, every: time.Millisecond, patience: time.Minute, backPatience: time.Minute}
}

// service is a service with deployments, the first of which is the primary one.
func service(deployments ...types.Deployment) types.Service {
	for i := range deployments {
		deployments[i].Status = aws.String("ACTIVE")
	}
	deployments[0].Status = aws.String("PRIMARY")
	return types.Service{
		ServiceName: aws.String("web"), ClusterArn: aws.String("main"), Status: aws.String("ACTIVE"), Deployments: deployments,
	}
}

// deployment is the n-th deployment, of the definition's revision r.
func deployment(n, r int, state types.DeploymentRolloutState) types.Deployment {
	return types.Deployment{
		Id: aws.String(fmt.Sprintf("ecs-svc/%d", n)), TaskDefinition: aws.String(fmt.Sprint(family, r)), RolloutState: state,
		RolloutStateReason: aws.String("ECS's reason " + string(state)), CreatedAt: aws.Time(time.Unix(int64(n), 0)), DesiredCount: 1,
	}
}

const (
	inProgress = types.DeploymentRolloutStateInProgress
	done       = types.DeploymentRolloutStateCompleted
	failed     = types.DeploymentRolloutStateFailed
)

// stopped is a task of the n-th deployment, whose container ended with a code.
func stopped(n int, code int32, at int64) types.Task {
	return types.Task{
		TaskArn: aws.String(fmt.Sprintf("task/main/%d", at)), StartedBy: aws.String(fmt.Sprintf("ecs-svc/%d", n)),
		Group: aws.String("service:web"), TaskDefinitionArn: aws.String(family + "2"), CreatedAt: aws.Time(time.Unix(at, 0)),
		StopCode: types.TaskStopCodeEssentialContainerExited, StoppedReason: aws.String("Essential container in task exited"),
		Containers: []types.Container{{Name: aws.String("web"), ExitCode: aws.Int32(code)}},
	}
}

func await(t *testing.T, a *account, changed bool) (said []string, err error) {
	t.Helper()
	err = a.watch().Await(t.Context(), Service{Cluster: "main", Name: "web", Definition: family + "2", Changed: changed},
		func(text string) { said = append(said, text) })
	return said, err
}

func TestADeploymentThatCompletesIsToldStepByStep(t *testing.T) {
	starting, running := deployment(2, 2, inProgress), deployment(2, 2, inProgress)
	starting.PendingCount, running.RunningCount = 1, 1
	old := deployment(1, 1, done)
	said, err := await(t, &account{services: []types.Service{
		service(old), // an answer from before the update
		service(starting, old), service(starting, old), service(running, old), service(deployment(2, 2, done)),
	}}, true)
	want := []string{"web:2: 0 of 1 tasks running, 1 starting, 0 failed", "web:2: 1 of 1 tasks running, 0 starting, 0 failed"}
	if err != nil || !slices.Equal(said, want) {
		t.Errorf("got %v and said %q, want %q", err, said, want)
	}
}

func TestADeploymentThatAlarmsFailIsAnErrorThatNamesThem(t *testing.T) {
	by := deployment(2, 2, failed)
	by.RolloutStateReason = aws.String("ECS deployment failed: alarm detected.")
	back := service(deployment(1, 1, done), by)
	back.DeploymentConfiguration = &types.DeploymentConfiguration{Alarms: &types.DeploymentAlarms{AlarmNames: []string{"answers", "code"}}}
	_, err := await(t, &account{services: []types.Service{back}}, true)
	want := "\n  One of its alarms fired (answers, code): docs/operations.md#when-a-deployment-fails\n"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}
}

func TestADeploymentThatECSTakesBackIsAnErrorWithWhyItsTaskStoppedAndWhereItsLogIs(t *testing.T) {
	broken := deployment(2, 2, inProgress)
	broken.FailedTasks = 1
	a := &account{
		services: []types.Service{
			service(broken, deployment(1, 1, done)), service(deployment(1, 1, inProgress), deployment(2, 2, failed)),
			service(deployment(1, 1, inProgress), deployment(2, 2, failed)), service(deployment(1, 1, done)),
		},
		tasks: []types.Task{stopped(2, 1, 10), stopped(2, 3, 11), stopped(1, 4, 12)},
	}
	said, err := await(t, a, true)
	want := `service web: the deployment of web:2 failed (ECS's reason FAILED); ECS took the service back to web:1
  a task of web stopped: Essential container in task exited; container web exited with 3
      | No module named dagster
      its log: group asset-manager/web, stream web/web/11
  Mend it and run ` + "`pulumi up`; to try the same again: `pulumi up --refresh`"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	if len(a.services) != 1 {
		t.Errorf("the way back was not waited for: %d answers were left", len(a.services))
	}
	line := "a task of web stopped: Essential container in task exited; container web exited with 3\n      | No module named"
	if len(said) != 2 || !strings.HasPrefix(said[1], line) {
		t.Errorf("it said %q, want %q as soon as the task had failed", said, line)
	}
}

func TestWhatElseMayBecomeOfADeployment(t *testing.T) {
	for name, c := range map[string]struct {
		services []types.Service
		changed  bool
		want     string
	}{
		"the first one fails": {[]types.Service{service(deployment(2, 2, failed))}, true,
			"there is no earlier one to go back to\n  ECS shows no stopped task of it any more, which it does for an hour: see the log, " +
				"and the service's events\n  Mend it and run `pulumi up`; to try the same again: `aws ecs update-service --cluster main " +
				"--service web --force-new-deployment`, then `pulumi up`"},
		"the way back fails": {[]types.Service{service(deployment(1, 1, failed), deployment(2, 2, failed))}, true,
			"The way back failed as well: ECS's reason FAILED"},
		"it was taken back and is shown no more": {[]types.Service{service(deployment(1, 1, done))}, false,
			"service web: the deployment of web:2 failed; ECS took the service back to web:1"},
		"one of the same definition is taken back": {[]types.Service{
			service(deployment(3, 2, inProgress), deployment(2, 2, done)), service(deployment(2, 2, done), deployment(3, 2, failed))}, true,
			"ECS took the service back to web:2"},
		"the service is gone": {nil, false, "describe service web: it is gone: `pulumi up --refresh` makes it anew"},
		"it is as it was":     {[]types.Service{service(deployment(2, 2, done))}, false, ""},
	} {
		_, err := await(t, &account{services: c.services}, c.changed)
		if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestTheReasonStandsInTheEventsOnceTheDeploymentIsShownNoMore(t *testing.T) {
	now := service(deployment(1, 1, done))
	now.Events = []types.ServiceEvent{
		{Id: aws.String("2"), Message: aws.String("(service web) rolling back to deployment ecs-svc/1.")},
		{Id: aws.String("1"), Message: aws.String("(service web) (deployment ecs-svc/2) deployment failed: tasks failed to start.")},
	}
	_, err := await(t, &account{services: []types.Service{service(deployment(2, 2, inProgress), deployment(1, 1, done)), now}}, true)
	if want := "the deployment of web:2 failed (tasks failed to start); ECS took"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestADeploymentThatNeverEndsIsGivenUp(t *testing.T) {
	watch := (&account{services: []types.Service{service(deployment(2, 2, inProgress))}}).watch()
	watch.patience = 20 * time.Millisecond
	err := watch.Await(t.Context(), Service{Name: "web", Definition: family + "2"}, func(string) {})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "web:2 on service web has not ended") {
		t.Errorf("got %v", err)
	}
}

func TestALookSaysNothingOfWhatTheNextUpdateBrings(t *testing.T) {
	a := account{services: []types.Service{service(deployment(1, 1, done))}}
	if err := a.watch().Look(t.Context(), Service{Name: "web", Definition: family + "2"}); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestTheReasonMayBeUnknownAndTheFailureIsSaid(t *testing.T) {
	_, err := await(t, &account{services: []types.Service{service(deployment(2, 2, failed))}, refused: errors.New("AccessDenied")}, false)
	if err == nil || !strings.Contains(err.Error(), "Why its tasks stopped is not known: list the stopped tasks of web: AccessDenied") {
		t.Errorf("got %v", err)
	}
}

func TestAWorryingEventIsToldOnceAndEarlierOnesNever(t *testing.T) {
	event := func(id, text string, at time.Time) types.ServiceEvent {
		return types.ServiceEvent{Id: aws.String(id), Message: aws.String(text), CreatedAt: aws.Time(at)}
	}
	now := service(deployment(2, 2, inProgress))
	now.Events = []types.ServiceEvent{
		event("3", "(service web) was unable to place a task.", time.Now().Add(time.Minute)),
		event("2", "(service web) has started 1 tasks.", time.Now().Add(time.Minute)),
		event("1", "(service web) was unable to place a task: long ago.", time.Now().Add(-time.Minute)),
	}
	said, err := await(t, &account{services: []types.Service{now, now, service(deployment(2, 2, done))}}, false)
	want := []string{"(service web) was unable to place a task.", "web:2: 0 of 1 tasks running, 0 starting, 0 failed"}
	if err != nil || !slices.Equal(said, want) {
		t.Errorf("got %v and said %q, want %q", err, said, want)
	}
}

func TestALookDoesNotWait(t *testing.T) {
	for want, a := range map[string]account{
		"":                           {services: []types.Service{service(deployment(2, 2, inProgress))}},
		"took the service back to w": {services: []types.Service{service(deployment(1, 1, inProgress), deployment(2, 2, failed))}},
		"exited with 3":              {services: []types.Service{service(deployment(1, 1, done))}, tasks: []types.Task{stopped(2, 3, 11)}},
	} {
		err := a.watch().Look(t.Context(), Service{Name: "web", Definition: family + "2"})
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
