//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"dagster-ecs/internal/dagster"
	"dagster-ecs/sandbox/internal/commands"
)

// runWithin bounds a run from its launch to its end on a busy machine.
const runWithin = 6 * time.Minute

func TestDevelopmentStackRunsDagster(t *testing.T) {
	t.Parallel()
	s := newSession(t, "dev")
	if _, err := s.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := connect(t, s)
	for _, step := range []struct {
		name string
		test func(*cloud)
	}{
		{"a second up changes nothing", secondUp},
		{"the UI and psql come by the gateway, and by nothing else", wayIn},
		{"a refresh beside a tunnel finds what was deployed", refreshed},
		{"the UI's live updates pass the balancer", websocket},
		{"a request after a silence is answered", silence},
		{"healthy says that Dagster works", healthy},
		{"the doctor finds nothing, and each thing that somebody breaks", diagnosed},
		{"a run succeeds, leaves its logs and outputs, and the UI opens and downloads the logs", successfulRun},
		{"who reaches whom is as the program lists it, and what a rule lets through fails without it", reached},
		{"a run calls a service on the internet and one inside, and without NAT the one inside", services},
		{"a job's tags give it its own size", heavyRun},
		{"a failing job shows its error", failingRun},
		{"the commands of the runbooks work as they stand, and a healthy start logs what they show", runbook},
		{"old runs go once they may, and what an asset needs stays", cleaned},
		{"code in a run finds the instance of the run", ownInstance},
		{"tags of the Launchpad size a run and give it no other network or role", launchpad},
		{"the run role is denied what is not its own", denials},
		{"neither service can stop a service or pass it off as a run", serviceDenials},
		{"terminating a run stops its container", terminated},
		{"a killed run gives its pool slot back and is started again", killedRun},
		{"a run whose Spot container is taken is started again", reclaimedRun},
		{"a killed task of a service is replaced", replacedTask},
		{"no request fails and no watcher misses a line while the webserver is rolled", rolledWebserver},
		{"an image without Dagster touches no service", brokenImage},
		{"a daemon that fails is taken back with all that belongs to it", brokenDaemon},
		{"an image that breaks the webserver leaves the old one serving", brokenWebserver},
		{"no deployment had two daemons at a time", oneDaemon},
		{"a second daemon that somebody starts is unhealthy, and the first is not", secondDaemon},
		{"without its webserver Dagster is down, which is told, and told again when it is back", webserverGone},
		{"the UI moves to a port that is asked for", movedUI},
		{"the deploy role is denied what leads beyond its stack", deployDenials},
		{"destroy leaves nothing", destroyed},
		{"the roles that deploy and preview did what is recorded, and nothing was refused to them", onlyWhatIsRecorded},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.test(c.with(t)) }) && t.Context().Err() != nil {
			return
		}
	}
}

func secondUp(c *cloud) {
	before, err := c.gatewayTasks(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	changes, err := c.session.Up(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	if !changes.None() {
		c.t.Errorf("a second up changed %s", changes)
	}
	if after, err := c.gatewayTasks(c.t.Context()); err != nil || !slices.Equal(before, after) {
		c.t.Errorf("a second up, which changes nothing, leaves the gateway with %v, before it was %v: %v", after, before, err)
	}
	changes, err = c.session.Preview(c.t.Context(), commands.Summary)
	if err != nil {
		c.t.Fatal(err)
	}
	if !changes.None() {
		c.t.Errorf("a preview after it shows %s", changes)
	}
}

func websocket(c *cloud) {
	socket, err := dialWebsocket(c.t.Context(), c.dagster.URL+"/graphql", "graphql-ws")
	if err != nil {
		c.t.Fatal(err)
	}
	socket.stream.Close()
}

// silence is longer than uvicorn by itself keeps a connection, which the balancer then uses again.
func silence(c *cloud) {
	for pause := range 2 {
		if pause > 0 {
			time.Sleep(7 * time.Second)
		}
		response, err := http.Get(c.dagster.URL + "/server_info")
		if err != nil {
			c.t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			c.t.Errorf("request %d is answered by %s", pause+1, response.Status)
		}
	}
}

func successfulRun(c *cloud) {
	id := c.launch("daily_assets_job")
	c.follow(id, runWithin, dagster.Success)
	bucket := c.output("bucketName")
	for _, prefix := range []string{"dagster/compute-logs/storage/" + id + "/", "dagster/io/"} {
		list, err := c.s3.ListObjectsV2(c.t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(bucket), Prefix: aws.String(prefix)})
		if err != nil {
			c.t.Fatal(err)
		}
		if len(list.Contents) == 0 {
			c.t.Errorf("nothing lies under %s", prefix)
		}
	}
	eventually(c.t, time.Minute, func(ctx context.Context) error { return c.logged(ctx, c.runLogs, id, "RUN_SUCCESS") })
	runObjects(c, id)
	costTags(c, id)
	withoutColors(c)
	openedLogs(c, id)
}

func heavyRun(c *cloud) {
	id := c.launch("heavy_computation_job")
	c.follow(id, runWithin, dagster.Success)
	task, err := c.task(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	if cpu, memory := aws.ToString(task.Cpu), aws.ToString(task.Memory); cpu != "1024" || memory != "2048" {
		c.t.Errorf("the task has cpu %s and memory %s, want 1024 and 2048", cpu, memory)
	}
	sized(c, "heavy_computation_job")
}

func failingRun(c *cloud) {
	id := c.launch("failing_job")
	c.follow(id, runWithin, dagster.Failure)
	events, err := c.dagster.Events(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, event := range events {
		if event.Type == "STEP_FAILURE" && event.Error != "" {
			return
		}
	}
	c.t.Errorf("no event tells the error: %v", events)
}

// denialScript asks with the run's own credentials, from inside of its container.
const denialScript = `
import boto3, botocore.exceptions, sys
def denied(what, call):
    try:
        call()
    except botocore.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        print(what, "AccessDenied" in code, code)
        return
    print(what, False, "allowed")
ssm, ecs, s3 = boto3.client("ssm"), boto3.client("ecs"), boto3.client("s3")
denied("migration-parameter", lambda: ssm.get_parameters(Names=[%[1]q + "/migration/DAGSTER_PG_PASSWORD"], WithDecryption=True))
denied("run-task", lambda: ecs.run_task(cluster=%[2]q, taskDefinition=%[3]q))
denied("stop-task", lambda: ecs.stop_task(cluster=%[2]q, task="0"))
denied("buckets", lambda: s3.list_buckets())
`

func denials(c *cloud) {
	id := c.launch("long_running_job")
	c.follow(id, runWithin, dagster.Started)
	task, err := c.task(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	container := c.container(aws.ToString(task.TaskArn), c.run)
	out, err := c.engine("exec", container, "python", "-c", fmt.Sprintf(denialScript, c.output("parameterPath"), c.cluster, c.run))
	if err != nil {
		c.t.Fatalf("ask from inside of the run: %v: %s", err, out)
	}
	for _, what := range []string{"migration-parameter", "run-task", "stop-task", "buckets"} {
		if !strings.Contains(out, what+" True") {
			c.t.Errorf("%s is not denied to the run's role: %s", what, out)
		}
	}
	if err := c.dagster.Terminate(c.t.Context(), id); err != nil {
		c.t.Error(err)
	}
}

func terminated(c *cloud) {
	id := c.launch("long_running_job")
	c.follow(id, runWithin, dagster.Started)
	task, err := c.task(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	if c.container(aws.ToString(task.TaskArn), c.run) == "" {
		c.t.Fatal("the run has no container")
	}
	if err := c.dagster.Terminate(c.t.Context(), id); err != nil {
		c.t.Fatal(err)
	}
	c.follow(id, runWithin, dagster.Canceled)
	eventually(c.t, 2*time.Minute, func(context.Context) error {
		if c.container(aws.ToString(task.TaskArn), c.run) != "" {
			return errors.New("the run's container still runs")
		}
		return nil
	})
}

func replacedTask(c *cloud) {
	before, err := c.serviceTask(c.t.Context(), c.web)
	if err != nil {
		c.t.Fatal(err)
	}
	if out, err := c.engine("kill", c.container(before, c.web)); err != nil {
		c.t.Fatalf("kill the webserver's container: %v: %s", err, out)
	}
	eventually(c.t, 3*time.Minute, func(ctx context.Context) error {
		after, err := c.serviceTask(ctx, c.web)
		if err != nil {
			return err
		}
		if after == before {
			return errors.New("the killed task still counts as running")
		}
		_, err = c.dagster.ServerInfo(ctx)
		return err
	})
}

// destroyed destroys the stack and looks for what is left of it.
func destroyed(c *cloud) {
	c.t.Helper()
	var buckets []string
	for _, r := range resources(c) {
		if r.Type == "aws:s3/bucketV2:BucketV2" {
			buckets = append(buckets, string(r.ID))
		}
	}
	if _, err := c.session.Destroy(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	resources, err := c.session.Resources(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	if len(resources) > 0 {
		c.t.Errorf("the state still has %d resources", len(resources))
	}
	for _, service := range []string{c.web, c.daemon} {
		if task, err := c.serviceTask(c.t.Context(), service); err == nil {
			c.t.Errorf("%s still runs %s", service, task)
		}
	}
	if running, err := c.containers("com.amazonaws.ecs.container-name", "{{.Labels}}"); err != nil || strings.Contains(running, ":task/"+c.cluster+"/") {
		c.t.Errorf("containers of tasks are left: %s %v", running, err)
	}
	left, err := c.s3.ListBuckets(c.t.Context(), &s3.ListBucketsInput{})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, bucket := range left.Buckets {
		if slices.Contains(buckets, aws.ToString(bucket.Name)) {
			c.t.Errorf("the bucket %s is left", aws.ToString(bucket.Name))
		}
	}
}
