package tasks

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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

// failing is an account in which a task failed.
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
	}
}

const stopped = "a task of daemon stopped: Essential container in task exited; container daemon exited with 1\n" +
	"      | Traceback\n      | ScannerError: line 3\n      its log: group asset-manager/daemon, stream daemon/daemon/abc"

func TestTheTaskOfARunIsFoundByItsTag(t *testing.T) {
	client := failing().client(t)
	if why, err := client.WhyStopped(t.Context(), "main", "run-1"); err != nil || why != stopped {
		t.Errorf("got %q, %v; want %s", why, err, stopped)
	}
	if why, err := client.WhyStopped(t.Context(), "main", "run-2"); err != nil || why != "" {
		t.Errorf("a run without a task got %q, %v", why, err)
	}
}
