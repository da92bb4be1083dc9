//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/internal/dagster"
)

// runObjects checks that a run's lines are JSON objects, one a line, with run, job and level, and the step where there is one.
func runObjects(c *cloud, id string) {
	steps := 0
	lines, err := c.runLines(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, text := range lines {
		var line struct{ Run, Job, Step, Level, Event, Type string }
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			c.t.Errorf("a line of the run is no object: %v: %s", err, text)
			continue
		}
		if line.Run != id || line.Job != "daily_assets_job" || line.Level == "" || line.Event == "" {
			c.t.Errorf("a line lacks run, job, level or event: %s", text)
		}
		if line.Type == "STEP_SUCCESS" && line.Step != "" {
			steps++
		}
	}
	if steps < 4 {
		c.t.Errorf("%d of %d lines tell the end of a step, want one for each of the four assets", steps, len(lines))
	}
}

// runLines are the lines that the task of a run has written.
func (c *cloud) runLines(ctx context.Context, id string) (lines []string, err error) {
	task, err := c.task(ctx, id)
	if err != nil {
		return nil, err
	}
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(c.logs, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: aws.String(c.runLogs), LogStreamNames: []string{"run/" + c.run + "/" + idOf(task)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, event := range page.Events {
			lines = append(lines, aws.ToString(event.Message))
		}
	}
	return lines, nil
}

func idOf(task ecstypes.Task) string {
	arn := aws.ToString(task.TaskArn)
	return arn[strings.LastIndex(arn, "/")+1:]
}

// costTags checks the tags by which a run's cost is seen.
func costTags(c *cloud, id string) {
	task, err := c.task(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	tags := map[string]string{}
	for _, tag := range task.Tags {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	for key, want := range map[string]string{
		"Application": "asset-manager", "Environment": "dev", "ManagedBy": "pulumi", "Workload": c.run,
		"dagster/job_name": "daily_assets_job", "dagster/run_id": id, "aws:ecs:clusterName": c.cluster,
	} {
		if tags[key] != want {
			c.t.Errorf("the tag %s is %q, want %q", key, tags[key], want)
		}
	}
}

func ownInstance(c *cloud) {
	c.follow(c.launch("run_count_job"), runWithin, dagster.Success)
}

// launchpad launches with tags that a person may set and with such that nobody may.
func launchpad(c *cloud) {
	network := c.launchTagged("failing_job", map[string]string{
		"ecs/run_task_kwargs": `{"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "ENABLED"}}}`,
	})
	role := c.launchTagged("failing_job", map[string]string{
		"ecs/task_overrides": fmt.Sprintf(`{"taskRoleArn": %q}`, roleOf(c, "daemon-task-role")),
	})
	c.follow(role, runWithin, dagster.Failure)
	c.says(role, "is not authorized to perform: iam:PassRole")
	sized := c.launchTagged("failing_job", map[string]string{
		"ecs/cpu": "1024", "ecs/memory": "3072", "ecs/ephemeral_storage": "30",
	})
	c.follow(sized, runWithin, dagster.Failure)
	c.says(sized, "This job fails on purpose.")
	task, err := c.task(c.t.Context(), sized)
	if err != nil {
		c.t.Fatal(err)
	}
	if cpu, memory := aws.ToString(task.Cpu), aws.ToString(task.Memory); cpu != "1024" || memory != "3072" || task.EphemeralStorage.SizeInGiB != 30 {
		c.t.Errorf("the task has cpu %s, memory %s and storage %v", cpu, memory, task.EphemeralStorage.SizeInGiB)
	}
	// Runs that were launched later have come and gone.
	if status, err := c.dagster.Status(c.t.Context(), network); err != nil || status != dagster.Queued {
		c.t.Errorf("the run that chose its network is %s, %v", status, err)
	}
	if err := c.dagster.Terminate(c.t.Context(), network); err != nil {
		c.t.Error(err)
	}
	c.follow(network, runWithin, dagster.Canceled)
}

// roleOf is the ARN of the role with a logical name.
func roleOf(c *cloud, name string) string {
	c.t.Helper()
	for _, r := range resources(c) {
		if r.Type == "aws:iam/role:Role" && r.URN.Name() == name {
			return fmt.Sprint(r.Outputs["arn"])
		}
	}
	c.t.Fatalf("the stack has no role %s", name)
	return ""
}

// says fails unless an event of the run has the words.
func (c *cloud) says(id, words string) {
	c.t.Helper()
	events, err := c.dagster.Events(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, event := range events {
		if strings.Contains(event.Error, words) {
			return
		}
	}
	c.t.Errorf("no event of the run %s says %q: %v", id, words, events)
}

// tells fails unless the run's events have all the words in their messages.
func (c *cloud) tells(id string, words ...string) {
	c.t.Helper()
	var data struct {
		Logs struct{ Events []struct{ Message string } } `json:"logsForRun"`
	}
	c.query(`query ($id: ID!) { logsForRun(runId: $id) { ... on EventConnection { events {
		... on MessageEvent { message } } } } }`, map[string]any{"id": id}, &data)
	for _, each := range words {
		if !strings.Contains(fmt.Sprint(data.Logs.Events), each) {
			c.t.Errorf("no event of the run %s tells %q: %v", id, each, data.Logs.Events)
		}
	}
}

// serviceScript asks with a service's own credentials, from inside of its container, for what services may not do.
const serviceScript = `
import boto3, botocore.exceptions
def denied(what, call):
    try:
        call()
    except botocore.exceptions.ClientError as error:
        print(what, "AccessDenied" in error.response["Error"]["Code"], error)
        return
    print(what, False, "allowed")
ecs = boto3.client("ecs")
for task in %[2]q.split():
    denied("stop-service", lambda: ecs.stop_task(cluster=%[1]q, task=task))
denied("register", lambda: ecs.register_task_definition(family=%[3]q, containerDefinitions=[{"name": "run", "image": "none"}]))
denied("run-service", lambda: ecs.run_task(cluster=%[1]q, taskDefinition=%[4]q))
denied("run-elsewhere", lambda: ecs.run_task(cluster="elsewhere", taskDefinition=%[3]q))
denied("tag-service", lambda: ecs.tag_resource(resourceArn=%[2]q.split()[0], tags=[{"key": "Workload", "value": %[3]q}]))
`

// serviceDenials checks that neither service can stop the other, or pass a task off as a run.
func serviceDenials(c *cloud) {
	tasks := map[string]string{}
	for _, service := range []string{c.web, c.daemon} {
		task, err := c.serviceTask(c.t.Context(), service)
		if err != nil {
			c.t.Fatal(err)
		}
		tasks[service] = task
	}
	script := fmt.Sprintf(serviceScript, c.cluster, tasks[c.web]+" "+tasks[c.daemon], c.run, c.web)
	for service, task := range tasks {
		out, err := c.engine("exec", c.container(task, service), "python", "-c", script)
		if err != nil {
			c.t.Fatalf("ask from inside of %s: %v: %s", service, err, out)
		}
		if strings.Count(out, " True ") != 6 || strings.Contains(out, " False ") {
			c.t.Errorf("not all is denied to %s:\n%s", service, out)
		}
	}
}

// killedRun kills a run that holds the only slot of a pool: the run fails, gives its slot back, and is started again.
func killedRun(c *cloud) {
	c.query(`mutation { setConcurrencyLimit(concurrencyKey: "waiting", limit: 1) }`, nil, &struct{}{})
	id := c.launch("long_running_job")
	c.holdsSlot(id, 6*time.Minute)
	task, err := c.task(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	if out, err := c.engine("kill", c.container(aws.ToString(task.TaskArn), c.run)); err != nil {
		c.t.Fatalf("kill the run's container: %v: %s", err, out)
	}
	// Run monitoring asks ECS for the task and the log for its end, both with the daemon's role.
	c.follow(id, 6*time.Minute, dagster.Failure)
	c.tells(id, "Stop code: EssentialContainerExited", "failed - exit code 137", "Run worker logs:\n{")
	again := c.retryOf(id)
	c.holdsSlot(again, 6*time.Minute)
	c.terminate(again)
}

// reclaimedRun takes the Spot capacity of a run back: the run fails in good order and is started again.
func reclaimedRun(c *cloud) {
	id := c.launch("long_running_job")
	c.follow(id, runWithin, dagster.Started)
	task, err := c.task(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	env, err := c.session.Environment(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	response, err := http.Post(env["AWS_ENDPOINT_URL"]+"/_sandbox/spot-interruption?task="+idOf(task), "", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		c.t.Fatalf("the interruption was answered by %s", response.Status)
	}
	c.follow(id, 2*time.Minute, dagster.Failure)
	again := c.retryOf(id)
	eventually(c.t, time.Minute, func(ctx context.Context) error {
		stopped, err := c.task(ctx, id)
		if err == nil && stopped.StopCode != ecstypes.TaskStopCodeSpotInterruption {
			err = fmt.Errorf("the task shows %s: %s", stopped.StopCode, aws.ToString(stopped.StoppedReason))
		}
		return err
	})
	c.follow(again, runWithin, dagster.Started)
	c.terminate(again)
}

// retryOf waits for the run that Dagster starts in the place of a failed one.
func (c *cloud) retryOf(id string) (again string) {
	c.t.Helper()
	eventually(c.t, 5*time.Minute, func(context.Context) error {
		var data struct {
			Runs struct {
				Results []struct{ RunID, ParentRunID string }
			} `json:"runsOrError"`
		}
		c.query(`query ($id: String!) { runsOrError(filter: {tags: [{key: "dagster/parent_run_id", value: $id}]}) {
			... on Runs { results { runId parentRunId } } } }`, map[string]any{"id": id}, &data)
		if len(data.Runs.Results) == 0 {
			return errors.New("the run was not started again")
		}
		again = data.Runs.Results[0].RunID
		return nil
	})
	return again
}

// holdsSlot waits until a run holds the slot of the pool.
func (c *cloud) holdsSlot(id string, within time.Duration) {
	c.t.Helper()
	eventually(c.t, within, func(context.Context) error {
		var data struct {
			Instance struct {
				Limit struct{ ClaimedSlots []struct{ RunID string } } `json:"concurrencyLimit"`
			}
		}
		c.query(`{ instance { concurrencyLimit(concurrencyKey: "waiting") { claimedSlots { runId } } } }`, nil, &data)
		for _, slot := range data.Instance.Limit.ClaimedSlots {
			if slot.RunID == id {
				return nil
			}
		}
		return fmt.Errorf("the run %s holds no slot: %v", id, data.Instance.Limit.ClaimedSlots)
	})
}

// terminate stops a run and waits for its end.
func (c *cloud) terminate(id string) {
	c.t.Helper()
	if err := c.dagster.Terminate(c.t.Context(), id); err != nil {
		c.t.Fatal(err)
	}
	c.follow(id, runWithin, dagster.Canceled)
}
