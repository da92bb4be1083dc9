//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dagster-ecs/sandbox/internal/dagster"
)

// joined brings up another stack in the sandbox of c, which shares its account.
func joined(c *cloud, stack string) *cloud {
	c.t.Helper()
	s := *c.session
	s.Stack, s.Set = stack, map[string]string{}
	if _, err := s.Up(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	return connect(c.t, &s)
}

// devBeside brings dev up and destroys it again, while prod goes on.
func devBeside(prod *cloud) {
	before := prod.standing()
	dev := joined(prod, "dev")
	dev.follow(dev.launch("daily_assets_job"), runWithin, dagster.Success)
	prod.t.Run("the daemon of each starts its own runs and not the other's", func(t *testing.T) {
		startsOwnRunsOnly(dev.with(t), prod)
		startsOwnRunsOnly(prod.with(t), dev)
	})
	destroyed(dev)
	untouched(prod, before)
}

// standing are the tasks of the services.
func (c *cloud) standing() (tasks []string) {
	c.t.Helper()
	for _, service := range []string{c.web, c.daemon} {
		task, err := c.serviceTask(c.t.Context(), service)
		if err != nil {
			c.t.Fatal(err)
		}
		tasks = append(tasks, task)
	}
	return tasks
}

// untouched checks that a stack still has the tasks that stood before, runs jobs, and has nothing to mend.
func untouched(c *cloud, before []string) {
	c.t.Helper()
	if now := c.standing(); !slices.Equal(now, before) {
		c.t.Errorf("the services of %s run %v, before it was %v", c.session.Stack, now, before)
	}
	c.follow(c.launch("daily_assets_job"), runWithin, dagster.Success)
	changes, err := c.session.Preview(c.t.Context(), false)
	if err != nil {
		c.t.Fatal(err)
	}
	if !changes.None() {
		c.t.Errorf("a preview of %s shows %s", c.session.Stack, changes)
	}
}

// launchScript starts runs as the daemon's launcher does, with the daemon's own credentials, of its own stack first, and
// stops what it has started.
const launchScript = `
import boto3, botocore.exceptions, yaml
ecs = boto3.client("ecs")
with open("/opt/dagster/dagster.yaml") as file:
    own = yaml.safe_load(file)["run_launcher"]["config"]["run_task_kwargs"]
def start(what, definition, **changed):
    try:
        task = ecs.run_task(taskDefinition=definition, **(own | changed))["tasks"][0]
        ecs.stop_task(cluster=task["clusterArn"], task=task["taskArn"])
        print(what, "started")
    except botocore.exceptions.ClientError as error:
        print(what, error.response["Error"]["Code"])
start("own", %[1]q)
start("definition", %[2]q)
start("cluster", %[1]q, cluster=%[3]q)
start("both", %[2]q, cluster=%[3]q)
`

func startsOwnRunsOnly(c, other *cloud) {
	task, err := c.serviceTask(c.t.Context(), c.daemon)
	if err != nil {
		c.t.Fatal(err)
	}
	script := fmt.Sprintf(launchScript, c.output("runTaskDefinitionArn"), other.output("runTaskDefinitionArn"), other.cluster)
	out, err := c.engine("exec", c.container(task, c.daemon), "python", "-c", script)
	if err != nil {
		c.t.Fatalf("start runs from inside of the daemon: %v: %s", err, out)
	}
	const denied = "AccessDeniedException"
	want := fmt.Sprintf("own started\ndefinition %[1]s\ncluster %[1]s\nboth %[1]s", denied)
	if got := strings.TrimSpace(out); got != want {
		c.t.Errorf("the daemon of %s is answered\n%s\nwant\n%s", c.session.Stack, got, want)
	}
}
