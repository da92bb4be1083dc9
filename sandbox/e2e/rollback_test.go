//go:build e2e

package e2e

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"dagster-ecs/internal/dagster"
	"dagster-ecs/sandbox/internal/progress"
)

// living is what a failed update must leave as it is.
type living struct{ web, daemon, webTask, run string }

func (c *cloud) living() (l living) {
	c.t.Helper()
	var err error
	if l.web, err = c.definition(c.t.Context(), c.web); err != nil {
		c.t.Fatal(err)
	}
	if l.daemon, err = c.definition(c.t.Context(), c.daemon); err != nil {
		c.t.Fatal(err)
	}
	if l.webTask, err = c.serviceTask(c.t.Context(), c.web); err != nil {
		c.t.Fatal(err)
	}
	l.run = c.output("runTaskDefinitionArn")
	return l
}

// deployBroken deploys another project, which must end with an error that says all the words. It gives what a person was
// told before.
func (c *cloud) deployBroken(project string, words ...string) (told string) {
	c.t.Helper()
	var waiting strings.Builder
	broken := *c.session
	broken.Project, broken.Progress = project, progress.New(io.MultiWriter(c.t.Output(), &waiting))
	_, err := broken.Up(c.t.Context())
	told = waiting.String()
	for _, each := range words {
		if err == nil || !strings.Contains(err.Error(), each) {
			c.t.Errorf("the broken deployment ended with %v, want one that says %q", err, each)
		}
	}
	if err != nil && strings.Count(err.Error(), words[0]) != 1 {
		c.t.Errorf("the error says more than once what failed: %v", err)
	}
	// Nothing is new for Pulumi, and yet nothing is well.
	if _, err := broken.Up(c.t.Context()); err == nil || !strings.Contains(err.Error(), words[0]) {
		c.t.Errorf("the same once more ended with %v, want one that says %q", err, words[0])
	}
	return told
}

// runsAsBefore starts a run, which must be one of the definition of before.
func (c *cloud) runsAsBefore(before living) {
	c.t.Helper()
	id := c.launch("daily_assets_job")
	c.follow(id, runWithin, dagster.Success)
	task, err := c.task(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	if got := aws.ToString(task.TaskDefinitionArn); got != before.run {
		c.t.Errorf("the run was started from %s, want %s", got, before.run)
	}
}

// brokenImage deploys an image without Dagster: the migration comes first, fails, and no service is touched.
func brokenImage(c *cloud) {
	before := c.living()
	c.deployBroken(writeProject(c.t, map[string]string{"Dockerfile": "ARG BASE\nFROM ${BASE}\n"}), "No service was changed")
	if now := c.living(); now != before {
		c.t.Errorf("%+v gave way to %+v", before, now)
	}
	c.runsAsBefore(before)
}

// brokenDaemon deploys an image whose daemon ends at once: it is taken back, and the webserver is not touched.
func brokenDaemon(c *cloud) {
	before := c.living()
	told := c.deployBroken(exampleAfter(c, `cd /opt/venv/lib/python3*/site-packages/dagster/_daemon/cli && rm -r __pycache__ \
	&& printf 'import sys\nprint("no daemon today", flush=True)\nsys.exit(3)\n' > __init__.py`),
		"service "+c.daemon+": the deployment of ", "ECS took the service back to "+short(before.daemon),
		"exited with 3", "no daemon today", "its log: group "+c.daemonLogs+", stream daemon/"+c.daemon+"/")
	for _, words := range []string{"a task of " + c.daemon + " stopped: ", "exited with 3", "| no daemon today"} {
		if !strings.Contains(told, words) {
			c.t.Errorf("while it waited nobody was told %q:\n%s", words, told)
		}
	}
	if now := c.living(); now.web != before.web || now.daemon != before.daemon || now.webTask != before.webTask {
		c.t.Errorf("%+v gave way to %+v", before, now)
	}
	c.runsAsBefore(before)
}

// brokenWebserver deploys an image that lacks the webserver alone: the new daemon runs, the old webserver goes on.
func brokenWebserver(c *cloud) {
	before := c.living()
	c.deployBroken(exampleAfter(c, "rm -r /opt/venv/lib/python3*/site-packages/dagster_webserver"),
		"service "+c.web+": the deployment of ", "ECS took the service back to "+short(before.web), "dagster_webserver")
	now := c.living()
	if now.web != before.web || now.webTask != before.webTask || now.daemon == before.daemon {
		c.t.Errorf("%+v gave way to %+v, want a new daemon and the old webserver", before, now)
	}
	if _, err := c.session.Up(c.t.Context()); err != nil {
		c.t.Errorf("the next good deployment failed: %v", err)
	}
	if now := c.living(); now.web == before.web {
		c.t.Error("the next good deployment did not reach the webserver")
	}
}

// exampleAfter is the example in an image that a command has changed.
func exampleAfter(c *cloud, command string) (project string) {
	c.t.Helper()
	project = copyOfExample(c.t, c.session.Repo)
	edit(c.t, filepath.Join(project, "Dockerfile"), func(text string) string {
		return text + "USER root\nRUN " + command + "\nUSER dagster\n"
	})
	return project
}

// copyOfExample is the example in a folder of its own.
func copyOfExample(t *testing.T, repo string) (project string) {
	t.Helper()
	project = filepath.Join(t.TempDir(), "project")
	if err := os.CopyFS(project, os.DirFS(filepath.Join(repo, "examples/asset-manager"))); err != nil {
		t.Fatal(err)
	}
	return project
}

func short(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }
