package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// world is an installation.
type world struct {
	desired, running map[string]int32
	database         string
	// tasks are the last statuses of tasks by family, told to stop or not.
	tasks, stopping map[string][]string
	values          map[string]string
	refused         error
	calls           []string
}

func (w *world) DescribeServices(_ context.Context, in *ecs.DescribeServicesInput, _ ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	var out ecs.DescribeServicesOutput
	for _, name := range in.Services {
		out.Services = append(out.Services, ecstypes.Service{
			ServiceName: &name, Status: aws.String("ACTIVE"), DesiredCount: w.desired[name], RunningCount: w.running[name],
		})
	}
	return &out, nil
}

func (w *world) UpdateService(_ context.Context, in *ecs.UpdateServiceInput, _ ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error) {
	w.calls = append(w.calls, "scale "+*in.Service)
	w.desired[*in.Service] = *in.DesiredCount
	return &ecs.UpdateServiceOutput{}, w.refused
}

func (w *world) ListTasks(_ context.Context, in *ecs.ListTasksInput, _ ...func(*ecs.Options)) (*ecs.ListTasksOutput, error) {
	if in.DesiredStatus == ecstypes.DesiredStatusStopped {
		return &ecs.ListTasksOutput{TaskArns: w.stopping[*in.Family]}, nil
	}
	return &ecs.ListTasksOutput{TaskArns: w.tasks[*in.Family]}, nil
}

// DescribeTasks takes the status of a task for its ARN.
func (*world) DescribeTasks(_ context.Context, in *ecs.DescribeTasksInput, _ ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error) {
	var out ecs.DescribeTasksOutput
	for _, status := range in.Tasks {
		out.Tasks = append(out.Tasks, ecstypes.Task{LastStatus: &status})
	}
	return &out, nil
}

func (w *world) DescribeDBInstances(context.Context, *rds.DescribeDBInstancesInput, ...func(*rds.Options)) (*rds.DescribeDBInstancesOutput, error) {
	return &rds.DescribeDBInstancesOutput{DBInstances: []rdstypes.DBInstance{{DBInstanceStatus: &w.database}}}, nil
}

func (w *world) StartDBInstance(context.Context, *rds.StartDBInstanceInput, ...func(*rds.Options)) (*rds.StartDBInstanceOutput, error) {
	w.calls, w.database = append(w.calls, "start database"), "starting"
	return &rds.StartDBInstanceOutput{}, nil
}

func (w *world) StopDBInstance(context.Context, *rds.StopDBInstanceInput, ...func(*rds.Options)) (*rds.StopDBInstanceOutput, error) {
	w.calls, w.database = append(w.calls, "stop database"), "stopping"
	return &rds.StopDBInstanceOutput{}, nil
}

func (w *world) GetParameters(_ context.Context, in *ssm.GetParametersInput, _ ...func(*ssm.Options)) (*ssm.GetParametersOutput, error) {
	var out ssm.GetParametersOutput
	for _, name := range in.Names {
		out.Parameters = append(out.Parameters, ssmtypes.Parameter{Name: &name, Value: aws.String(w.values[name])})
	}
	return &out, nil
}

func (w *world) PutParameter(_ context.Context, in *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	w.values[*in.Name] = *in.Value
	return &ssm.PutParameterOutput{}, nil
}

// variables are a whole environment.
func variables() map[string]string {
	return map[string]string{
		"NAMESPACE": "Dagster/dev", "TIMEZONE": "Europe/Berlin", "DAYS": "mon,tue,wed,thu,fri", "START": "07:00", "STOP": "20:00",
		"CLUSTER": "cluster", "SERVICES": "web=2,daemon=1", "FAMILIES": "web,daemon,run", "DATABASE": "database",
		"MEMORY_PARAMETER": "/dev/hours", "AWAKE_PARAMETER": "/dev/awake-until",
	}
}

func settingsOf(t *testing.T) settings {
	t.Helper()
	given := variables()
	s, err := read(func(name string) string { return given[name] })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// at is a moment in Berlin, in whose winter it is an hour later than UTC.
func at(t *testing.T, local string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	moment, err := time.ParseInLocation("2006-01-02 15:04", local, zone)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

const (
	friday  = "2026-11-27 12:00"
	evening = "2026-11-27 20:00"
	monday  = "2026-11-30 07:00"
)

// up is an installation in the daytime, with as much at work as a test says.
func up() *world {
	return &world{
		desired: map[string]int32{"web": 2, "daemon": 1}, running: map[string]int32{"web": 2, "daemon": 1}, database: "available",
		values: map[string]string{"/dev/hours": "awake 2026-11-27T06:00:00Z", "/dev/awake-until": "1970-01-01T00:00:00Z"},
	}
}

// down is one in its sleep.
func down() *world {
	w := up()
	w.desired, w.running = map[string]int32{}, map[string]int32{}
	w.database, w.values["/dev/hours"] = "stopped", "asleep 2026-11-27T19:00:00Z"
	return w
}

// look calls the function at a moment and gives whether the alarm that pages is to be silent.
func (w *world) look(t *testing.T, local string) (silent bool) {
	t.Helper()
	var out bytes.Buffer
	h := hours{settings: settingsOf(t), tasks: w, databases: w, parameters: w, now: time.Now, out: &out}
	if _, err := h.look(t.Context(), event{at(t, local)}); err != nil {
		t.Fatal(err)
	}
	var line struct{ Asleep int }
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	return line.Asleep == 1
}

func (w *world) did(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(w.calls, want) {
		t.Errorf("it did %q, want %q", w.calls, want)
	}
	w.calls = nil
}

func TestServicesGoBeforeTheDatabase(t *testing.T) {
	w := up()
	if !w.look(t, evening) {
		t.Error("somebody is paged for the night")
	}
	w.did(t, "scale daemon", "scale web")
	w.tasks, w.stopping = map[string][]string{"run": {"RUNNING"}}, map[string][]string{"daemon": {"DEACTIVATING"}, "web": {"STOPPED"}}
	w.look(t, "2026-11-27 20:01")
	w.did(t)
	w.stopping["daemon"] = []string{"STOPPED"}
	w.look(t, "2026-11-27 22:00")
	w.did(t) // a run is under way
	w.tasks = nil
	w.look(t, "2026-11-27 22:01")
	w.did(t, "stop database")
	w.look(t, "2026-11-27 22:02")
	w.did(t)
}

func TestDatabaseIsUpBeforeTheServicesComeBack(t *testing.T) {
	w := down()
	if !w.look(t, monday) {
		t.Error("somebody is paged before the morning's work is done")
	}
	w.did(t, "start database")
	w.look(t, "2026-11-30 07:01")
	w.did(t)
	w.database = "available"
	w.look(t, "2026-11-30 07:06")
	w.did(t, "scale daemon", "scale web")
	if w.desired["web"] != 2 || w.desired["daemon"] != 1 {
		t.Errorf("the services have %v tasks", w.desired)
	}
	w.running = map[string]int32{"web": 1, "daemon": 1}
	w.look(t, "2026-11-30 07:08")
	if got := w.values["/dev/hours"]; got != "awake 2026-11-30T06:00:00Z" {
		t.Errorf("it remembers %q", got)
	}
	if w.look(t, "2026-11-30 07:30") {
		t.Error("nobody is paged although the morning is over")
	}
}

func TestAMorningThatFailsPagesAfterHalfAnHour(t *testing.T) {
	w := down()
	w.look(t, monday)
	if !w.look(t, "2026-11-30 07:29") || w.look(t, "2026-11-30 07:30") {
		t.Error("a database that does not start pages nobody, or at once")
	}
}

// Somebody who restores the database takes the services away by hand.
func TestNothingIsTouchedWhileItIsAwake(t *testing.T) {
	w := up()
	w.desired["web"], w.database = 0, "stopped"
	if w.look(t, friday) {
		t.Error("an outage by day pages nobody")
	}
	w.did(t)
}

func TestADatabaseThatAWSStartsIsStoppedAgain(t *testing.T) {
	w := down()
	w.database = "available"
	w.look(t, "2026-11-28 12:00")
	w.did(t, "stop database")
}

func TestSomebodyMayStayUpLonger(t *testing.T) {
	w := up()
	w.values["/dev/awake-until"] = at(t, "2026-11-27 22:00").UTC().Format(time.RFC3339)
	w.look(t, "2026-11-27 21:59")
	w.did(t)
	w.look(t, "2026-11-27 22:00")
	w.did(t, "scale daemon", "scale web")
	w = down()
	w.values["/dev/awake-until"] = at(t, "2026-11-28 16:00").UTC().Format(time.RFC3339)
	w.look(t, "2026-11-28 14:00")
	w.did(t, "start database")
}

func TestHoursFollowTheClocksOfTheZone(t *testing.T) {
	c := settingsOf(t).calendar
	for local, want := range map[string]bool{
		"2026-11-27 06:59": false, "2026-11-27 07:00": true, "2026-11-27 19:59": true, "2026-11-27 20:00": false,
		"2026-11-28 12:00": false, "2026-11-29 12:00": false, "2026-11-30 07:00": true,
		"2026-07-01 07:00": true, "2026-07-01 06:59": false, // an hour earlier by UTC
	} {
		if got := c.open(at(t, local)); got != want {
			t.Errorf("%s: %v", local, got)
		}
	}
}

func TestARefusalIsAnErrorAndTheNextCallGoesOn(t *testing.T) {
	w := up()
	w.refused = errors.New("AccessDenied")
	h := hours{settings: settingsOf(t), tasks: w, databases: w, parameters: w, now: time.Now, out: &bytes.Buffer{}}
	_, err := h.look(t.Context(), event{at(t, evening)})
	if err == nil || !strings.Contains(err.Error(), "service daemon 0 tasks: AccessDenied") {
		t.Errorf("got %v", err)
	}
	if got := w.values["/dev/hours"]; got != "asleep 2026-11-27T19:00:00Z" {
		t.Errorf("it remembers %q", got)
	}
}

func TestAParameterThatNobodyUnderstandsIsAnError(t *testing.T) {
	w := up()
	w.values["/dev/awake-until"] = "tomorrow"
	h := hours{settings: settingsOf(t), tasks: w, databases: w, parameters: w, now: time.Now, out: &bytes.Buffer{}}
	if _, err := h.look(t.Context(), event{at(t, evening)}); err == nil || !strings.Contains(err.Error(), "/dev/awake-until, which is such as") {
		t.Errorf("got %v", err)
	}
	w.did(t)
}

func TestEverySettingThatIsWrongIsTold(t *testing.T) {
	for name, wrong := range map[string]string{
		"NAMESPACE": "", "CLUSTER": "", "DATABASE": "", "MEMORY_PARAMETER": "", "AWAKE_PARAMETER": "", "FAMILIES": "", "TIMEZONE": "Mars/Olympus",
		"DAYS": "day", "START": "7", "STOP": "25:00", "SERVICES": "web",
	} {
		given := variables()
		given[name] = wrong
		if _, err := read(func(name string) string { return given[name] }); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s %q: got %v", name, wrong, err)
		}
	}
}
