//go:build e2e && scaling

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"dagster-ecs/internal/dagster"
	"dagster-ecs/sandbox/internal/account"
	"dagster-ecs/sandbox/internal/commands"
)

const (
	// untilNight is from the first update to the evening.
	untilNight = 25 * time.Minute
	// underWay is how long the run lasts that goes on in the evening, in seconds.
	underWay = 120
)

// sleeper is a stack with hours.
type sleeper struct {
	*pager
	databases  *rds.Client
	parameters *ssm.Client
}

// It takes a quarter of an hour by itself, so it has a command of its own: make test-scaling.
func TestAStackScalesWithItsLoadAndSleepsOutsideOfItsHours(t *testing.T) {
	s := newSession(t, "dev")
	s.Set["dagster:runs.maxConcurrent"], s.Set["dagster:webserver.maxInstances"] = "1", "2"
	s.Set["dagster:database.instanceClass"] = "db.t4g.large"
	for key, value := range hoursFromNow() {
		s.Set["dagster:hours."+key] = value
	}
	if _, err := s.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := connect(t, s)
	env, err := s.Environment(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	config := account.Config(env)
	all := sleeper{pager: subscribe(c), databases: rds.NewFromConfig(config), parameters: ssm.NewFromConfig(config)}
	for _, step := range []struct {
		name string
		test func(sleeper)
	}{
		{"in the evening runs under way end, and queued ones wait", evening},
		{"an update at night gets the stack up and changes nothing", updateAtNight},
		{"when the update is long over the stack sleeps again", evening},
		{"in the morning the queue goes on", morning},
		{"nobody is told of the night", untold},
		{"load gives the webserver a second task, and takes it away again when it is over", loaded},
	} {
		if !t.Run(step.name, func(t *testing.T) {
			own := *all.pager
			own.cloud = c.with(t)
			step.test(sleeper{&own, all.databases, all.parameters})
		}) {
			return
		}
	}
}

// hoursFromNow are hours of which the night begins soon and is short: in the time zone in which it is late in the evening.
func hoursFromNow() map[string]string {
	stop := time.Now().UTC().Add(untilNight)
	ahead := 23 - stop.Hour()
	if ahead > 12 {
		ahead -= 24
	}
	set := map[string]string{
		"enabled": "true", "timezone": fmt.Sprintf("Etc/GMT%+d", -ahead),
		"stop": stop.Add(time.Duration(ahead) * time.Hour).Format("15:04"), "start": "00:20",
	}
	for i, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		set[fmt.Sprintf("weekdays[%d]", i)] = day
	}
	return set
}

// busy keeps a processor busy for two minutes.
const busy = "import time\nend = time.time() + 120\nwhile time.time() < end: pass"

// loaded has something in the webserver's container use all of its processor.
func loaded(s sleeper) {
	container := s.container(s.mustServiceTask(s.web), s.web)
	var busies sync.WaitGroup
	for range 3 {
		busies.Go(func() {
			if out, err := s.engine("exec", container, "python", "-c", busy); err != nil {
				s.t.Errorf("keep the webserver busy: %v: %s", err, out)
			}
		})
	}
	s.pass(func() error { return s.desires(2) })
	busies.Wait()
	eventually(s.t, serviceWithin, func(ctx context.Context) error {
		if task, err := s.serviceTask(ctx, s.web); err != nil || s.tasksOf(s.web) != 2 {
			return fmt.Errorf("of the webserver %s and not two tasks run: %v", task, err)
		}
		return nil
	})
	updated(s)
	if err := s.desires(2); err != nil {
		s.t.Errorf("the update took the second task away: %v", err)
	}
	s.pass(func() error { return s.desires(1) })
}

// desires tells whether the webserver has so many tasks.
func (s sleeper) desires(count int32) error {
	described, err := s.ecs.DescribeServices(s.t.Context(), &ecs.DescribeServicesInput{Cluster: &s.cluster, Services: []string{s.web}})
	if err != nil {
		return err
	}
	if got := described.Services[0].DesiredCount; got != count {
		return fmt.Errorf("%d tasks are desired, not %d", got, count)
	}
	return nil
}

// evening lets the clock run into the night with a run under way and one in the queue.
func evening(s sleeper) {
	first := s.wait(underWay)
	s.follow(first, runWithin, dagster.Started)
	s.wait(1)
	s.stayUntil("1970-01-01T00:00:00Z")
	s.pass(func() error { return s.stands("asleep") })
	task, err := s.task(s.t.Context(), first)
	if err != nil {
		s.t.Fatal(err)
	}
	if s.container(aws.ToString(task.TaskArn), s.run) == "" || s.status() != "available" {
		s.t.Errorf("the run under way has lost its container, or its database, which is %s", s.status())
	}
	eventually(s.t, runWithin, func(ctx context.Context) error { // by a clock of its own: it runs in real time
		if task, err := s.task(ctx, first); err != nil || aws.ToString(task.LastStatus) != "STOPPED" {
			return fmt.Errorf("the run under way is still %s: %v", aws.ToString(task.LastStatus), err)
		}
		return nil
	})
	s.pass(func() error {
		if status := s.status(); status != "stopped" {
			return errors.New("the database is " + status)
		}
		return nil
	})
	if lines, err := s.runLines(s.t.Context(), first); err != nil || !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "RUN_SUCCESS") }) {
		s.t.Errorf("the run under way did not end well: %v", err)
	}
	if tasks := s.tasksOf(s.web) + s.tasksOf(s.daemon); tasks > 0 {
		s.t.Errorf("%d tasks run at night", tasks)
	}
	if err := s.patient().healthy(s.t.Context()); err != nil {
		s.t.Errorf("asleep: %v", err)
	}
}

func updateAtNight(s sleeper) {
	updated(s)
	s.emptied()
}

// updated has an update change nothing.
func updated(s sleeper) {
	s.t.Helper()
	changes, err := s.session.Up(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	if !changes.None() {
		s.t.Errorf("the update changed %s", changes)
	}
}

func morning(s sleeper) {
	s.pass(func() error { return s.stands("awake") })
	s.emptied()
	for range 5 {
		s.minute()
	}
	changes, err := s.session.Preview(s.t.Context(), commands.Summary)
	if err != nil || !changes.None() {
		s.t.Errorf("a preview shows %s, %v", changes, err)
	}
}

// untold looks at all that the subscriber was told.
func untold(s sleeper) {
	for {
		got, err := s.queues.ReceiveMessage(s.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: s.queue, MaxNumberOfMessages: 10})
		if err != nil {
			s.t.Fatal(err)
		}
		if len(got.Messages) == 0 {
			return
		}
		for _, each := range got.Messages {
			var envelope struct{ Message string }
			var message struct{ AlarmName, NewStateValue string }
			_ = json.Unmarshal([]byte(*each.Body), &envelope)
			if json.Unmarshal([]byte(envelope.Message), &message) == nil && message.AlarmName != "" {
				s.t.Errorf("somebody is told that %s is %s", message.AlarmName, message.NewStateValue)
			}
		}
		if _, err := s.queues.DeleteMessage(s.t.Context(), &sqs.DeleteMessageInput{QueueUrl: s.queue, ReceiptHandle: got.Messages[0].ReceiptHandle}); err != nil {
			s.t.Fatal(err)
		}
	}
}

// wait launches a run that waits.
func (s sleeper) wait(seconds int) string {
	s.t.Helper()
	id, err := s.dagster.LaunchConfigured(s.t.Context(), "long_running_job", map[string]any{
		"ops": map[string]any{"wait": map[string]any{"config": map[string]any{"seconds": seconds}}},
	}, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// emptied waits until every run has ended well. In the first seconds after a night nobody answers yet.
func (s sleeper) emptied() {
	s.t.Helper()
	eventually(s.t, runWithin, func(ctx context.Context) error {
		var found struct {
			RunsOrError struct {
				Results []struct{ RunID, Status string }
			}
		}
		if err := s.cloud.ask(ctx, `{ runsOrError { ... on Runs { results { runId status } } } }`, nil, &found); err != nil {
			return err
		}
		for _, run := range found.RunsOrError.Results {
			if run.Status != dagster.Success {
				return fmt.Errorf("run %s is %s", run.RunID, run.Status)
			}
		}
		return nil
	})
}

// pass moves the clock by minutes until something is so.
func (s sleeper) pass(check func() error) {
	s.t.Helper()
	var err error
	for range 120 {
		if err = check(); err == nil {
			return
		}
		s.minute()
	}
	s.t.Fatalf("after two hours: %v", err)
}

func (s sleeper) path(name string) *string {
	return aws.String(s.output("parameterPath") + "/hours/" + name)
}

// stands tells whether the function remembers a state.
func (s sleeper) stands(state string) error {
	found, err := s.parameters.GetParameter(s.t.Context(), &ssm.GetParameterInput{Name: s.path("memory")})
	if err != nil {
		return err
	}
	if value := aws.ToString(found.Parameter.Value); !strings.HasPrefix(value, state) {
		return errors.New("it is " + value)
	}
	return nil
}

func (s sleeper) stayUntil(moment string) {
	s.t.Helper()
	if _, err := s.parameters.PutParameter(s.t.Context(), &ssm.PutParameterInput{Name: s.path("awake-until"), Value: &moment, Overwrite: aws.Bool(true)}); err != nil {
		s.t.Fatal(err)
	}
}

func (s sleeper) status() string {
	s.t.Helper()
	found, err := s.databases.DescribeDBInstances(s.t.Context(), &rds.DescribeDBInstancesInput{})
	if err != nil || len(found.DBInstances) != 1 {
		s.t.Fatalf("the databases are %v, %v", found, err)
	}
	return aws.ToString(found.DBInstances[0].DBInstanceStatus)
}

// tasksOf counts the tasks of a service.
func (s sleeper) tasksOf(service string) int {
	s.t.Helper()
	found, err := s.ecs.ListTasks(s.t.Context(), &ecs.ListTasksInput{Cluster: &s.cluster, ServiceName: &service})
	if err != nil {
		s.t.Fatal(err)
	}
	return len(found.TaskArns)
}
