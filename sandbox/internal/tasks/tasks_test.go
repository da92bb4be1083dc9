package tasks

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// answers are what the account says to each action, in the wire format of ECS and CloudWatch Logs.
type answers map[string]any

func (a answers) client(t *testing.T) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		answer, known := a[action]
		if !known {
			t.Errorf("nobody expected %s", action)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return New(map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "us-west-1",
		"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"})
}

type object = map[string]any

const definition = "arn:aws:ecs:us-west-1:111122223333:task-definition/daemon:2"

// services are those of a stack.
var services = []Service{{Name: "daemon", Cluster: "main", Definition: definition}}

// failing is an account in which the service daemon was rolled back after its task's migration had failed.
func failing() answers {
	return answers{
		"ListTasks": object{"taskArns": []string{"arn:aws:ecs:us-west-1:111122223333:task/main/abc"}},
		"DescribeTasks": object{"tasks": []object{{
			"taskArn": "arn:aws:ecs:us-west-1:111122223333:task/main/abc", "taskDefinitionArn": definition,
			"clusterArn": "arn:aws:ecs:us-west-1:111122223333:cluster/main", "group": "service:daemon",
			"lastStatus": "STOPPED", "stopCode": "EssentialContainerExited", "stoppedAt": 1.8e9,
			"stoppedReason": "Essential container in task exited",
			"tags":          []object{{"key": "dagster/run_id", "value": "run-1"}},
			"containers": []object{
				{"name": "configure", "exitCode": 0}, {"name": "daemon", "exitCode": 1}, {"name": "sidecar", "exitCode": 143}},
		}}},
		"DescribeTaskDefinition": object{"taskDefinition": object{"containerDefinitions": []object{{
			"name": "daemon", "essential": true, "logConfiguration": object{"logDriver": "awslogs", "options": object{
				"awslogs-group": "asset-manager/daemon", "awslogs-stream-prefix": "daemon"}},
		}}}},
		"GetLogEvents": object{"events": []object{
			{"message": "\x1b[31mTraceback\x1b[0m\n"}, {"message": "ScannerError: line 3"}}},
		"DescribeServices": object{"services": []object{{
			"serviceName": "daemon", "taskDefinition": "arn:aws:ecs:us-west-1:111122223333:task-definition/daemon:1",
			"deployments": []object{{"status": "PRIMARY", "rolloutState": "IN_PROGRESS"}},
		}}},
	}
}

const stopped = "a task of daemon stopped: Essential container in task exited; container daemon exited with 1\n" +
	"      | Traceback\n      | ScannerError: line 3"

func TestAServiceThatWasRolledBackIsNamedWithWhyItsTaskStoppedAndWhereItsLogIs(t *testing.T) {
	client := failing().client(t)
	problems, err := client.RolledBack(t.Context(), services)
	if err != nil {
		t.Fatal(err)
	}
	want := "the service daemon was rolled back: it runs daemon:1 again, not daemon:2: " + stopped +
		"\n      its log: group asset-manager/daemon, stream daemon/daemon/abc"
	if len(problems) != 1 || problems[0].Error() != want {
		t.Errorf("got %v, want %s", problems, want)
	}
	same := []Service{{Name: "daemon", Cluster: "main", Definition: "arn:aws:ecs:us-west-1:111122223333:task-definition/daemon:1"}}
	if problems, err := client.RolledBack(t.Context(), same); err != nil || len(problems) > 0 {
		t.Errorf("a service that runs what was deployed gave %v, %v", problems, err)
	}
}

func TestTheTaskOfARunIsFoundByItsTag(t *testing.T) {
	client := failing().client(t)
	stop, err := client.OfRun(t.Context(), services, "run-1")
	if err != nil || stop == nil || stop.String() != stopped {
		t.Errorf("got %v, %v; want %s", stop, err, stopped)
	}
	if stop, err := client.OfRun(t.Context(), services, "run-2"); err != nil || stop != nil {
		t.Errorf("a run without a task got %v, %v", stop, err)
	}
}

func TestAFailureAndAWorryingEventAreToldOnceAndEarlierOnesNever(t *testing.T) {
	account := failing()
	account["DescribeServices"] = object{"services": []object{{"serviceName": "daemon", "events": []object{
		{"id": "3", "createdAt": 1.8e9 + 3, "message": "(service daemon) rolled back to the last completed deployment."},
		{"id": "2", "createdAt": 1.8e9 + 2, "message": "(service daemon) has started 1 tasks: (task abc)."},
		{"id": "1", "createdAt": 1.8e9 + 1, "message": "(service daemon) was unable to place a task."},
	}}}}
	client := account.client(t)
	said := func(services []Service, begin time.Time, times int) string {
		var lines []string
		told := map[string]bool{}
		tell := func(service, text string) { lines = append(lines, service+": "+text) }
		for range times {
			client.tellOfTasks(t.Context(), services, begin, told, tell)
			client.tellOfEvents(t.Context(), services, begin, told, tell)
		}
		return strings.Join(lines, "\n")
	}
	want := "daemon: " + stopped + "\ndaemon: (service daemon) was unable to place a task.\n" +
		"daemon: (service daemon) rolled back to the last completed deployment."
	if got := said(services, time.Unix(1.8e9, 0), 2); got != want {
		t.Errorf("it said\n%s\nwant\n%s", got, want)
	}
	if got := said(services, time.Unix(1.8e9+10, 0), 1); got != "" {
		t.Errorf("of what was before it said\n%s", got)
	}
	account["DescribeServices"] = object{"services": []object{{"serviceName": "other"}}}
	if got := said([]Service{{Name: "other", Cluster: "main"}}, time.Unix(1.8e9, 0), 1); got != "" {
		t.Errorf("for another stack in the same cluster it said\n%s", got)
	}
	if got := said(nil, time.Unix(1.8e9, 0), 1); got != "" {
		t.Errorf("for nobody it said\n%s", got)
	}
}

func TestAServiceSettlesWhileADeploymentThatIsNotItsFirstIsInProgress(t *testing.T) {
	account := failing()
	for want, deployments := range map[string][]object{"": {{}}, "daemon": {{}, {}}} {
		account["ListServiceDeployments"] = object{"serviceDeployments": deployments}
		name, err := account.client(t).Settling(t.Context(), []Service{{Name: "daemon", Cluster: "main"}})
		if err != nil || name != want {
			t.Errorf("with %d deployments got %q, %v; want %q", len(deployments), name, err, want)
		}
	}
}

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
		if got := failed(c.task); got != c.want {
			t.Errorf("%s: failed is %v", c.name, got)
		}
	}
}
