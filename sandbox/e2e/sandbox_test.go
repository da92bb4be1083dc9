//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"dagster-ecs/internal/dagster"
	"dagster-ecs/sandbox/internal/account"
	"dagster-ecs/sandbox/internal/commands"
	"dagster-ecs/sandbox/internal/progress"
)

// cloud is one sandbox and what looks at it.
type cloud struct {
	t       *testing.T
	session *commands.Session
	dagster *dagster.Client
	ecs     *ecs.Client
	s3      *s3.Client
	logs    *cloudwatchlogs.Client

	// names from the stack's outputs
	cluster, web, daemon, run, runLogs, webLogs, daemonLogs string
}

// newSession names a sandbox that no other test or person has, and takes it down at the end whatever happens.
func newSession(t *testing.T, stack string) *commands.Session {
	t.Helper()
	return newSessionIn(t, repository(t), stack)
}

// repository is the root of this checkout.
func repository(t *testing.T) string {
	t.Helper()
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

// newSessionIn is newSession for another checkout.
func newSessionIn(t *testing.T, repo, stack string) *commands.Session {
	t.Helper()
	suffix := make([]byte, 4)
	if _, err := rand.Read(suffix); err != nil {
		t.Fatal(err)
	}
	cache, err := commands.DefaultCache()
	if err != nil {
		t.Fatal(err)
	}
	s := &commands.Session{
		Repo: repo, Cache: cache, Name: "t-" + hex.EncodeToString(suffix), Stack: stack,
		Progress: progress.New(t.Output()), Out: t.Output(), Set: map[string]string{},
	}
	t.Cleanup(func() {
		if t.Failed() {
			keepLog(t, s)
		}
		if err := s.Down(context.Background()); err != nil {
			t.Errorf("take the sandbox down: %v", err)
		}
		remains, err := s.Remains(context.Background())
		if err != nil {
			t.Errorf("look for what the sandbox left: %v", err)
		}
		if len(remains) > 0 {
			t.Errorf("the sandbox left %v", remains)
		}
	})
	return s
}

// keepLog saves what the emulator said, which goes with the sandbox.
func keepLog(t *testing.T, s *commands.Session) {
	e, err := s.Attach(context.Background())
	if err != nil {
		t.Logf("no log of the emulator: %v", err)
		return
	}
	file, err := os.CreateTemp("", s.Name+"-*.log")
	if err != nil {
		t.Logf("no log of the emulator: %v", err)
		return
	}
	defer file.Close()
	cmd := e.Engine.Command(context.Background(), "logs", e.Instance.Container())
	cmd.Stdout, cmd.Stderr = file, file
	if err := cmd.Run(); err != nil {
		t.Logf("read the log of the emulator: %v", err)
	}
	t.Logf("the emulator's log: %s", file.Name())
}

// connect looks at a sandbox that is up.
func connect(t *testing.T, s *commands.Session) *cloud {
	t.Helper()
	env, err := s.Environment(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	config := account.Config(env)
	c := &cloud{t: t, session: s, dagster: dagster.New(env["DAGSTER_UI_URL"]), ecs: ecs.NewFromConfig(config), s3: s3.NewFromConfig(config),
		logs: cloudwatchlogs.NewFromConfig(config)}
	c.cluster, c.web, c.daemon = c.output("clusterName"), c.output("webserverServiceName"), c.output("daemonServiceName")
	groups := c.outputs()["logGroups"].(map[string]any)
	c.runLogs, c.webLogs, c.daemonLogs = groups["runs"].(string), groups["web"].(string), groups["daemon"].(string)
	_, family, _ := strings.Cut(c.output("runTaskDefinitionArn"), "/")
	c.run, _, _ = strings.Cut(family, ":")
	return c
}

// writeProject writes files into a folder of their own.
func writeProject(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	writeFiles(t, dir, files)
	return dir
}

// writeFiles writes texts by their paths below dir.
func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// with is the same cloud for a subtest.
func (c *cloud) with(t *testing.T) *cloud {
	other := *c
	other.t = t
	return &other
}

// eventually polls until check answers nil, and fails the test with its last answer after the given time.
func eventually(t *testing.T, within time.Duration, check func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	for {
		err := check(ctx)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("not within %s: %v", within, err)
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func (c *cloud) launch(job string) string {
	c.t.Helper()
	return c.launchTagged(job, nil)
}

// launchTagged launches a job with tags, as a person can in the Launchpad.
func (c *cloud) launchTagged(job string, tags map[string]string) string {
	c.t.Helper()
	id, err := c.dagster.Launch(c.t.Context(), job, tags)
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

// follow waits until the run has one of the statuses; a run that ends otherwise fails the test.
func (c *cloud) follow(id string, within time.Duration, wanted ...string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), within)
	defer cancel()
	is := func(status string) bool {
		for _, each := range wanted {
			if status == each {
				return true
			}
		}
		return dagster.Ended(status)
	}
	status, err := c.dagster.Follow(ctx, id, 500*time.Millisecond, is, func(status string) { c.t.Logf("run %s: %s", id, status) })
	if err != nil {
		c.t.Fatal(err)
	}
	for _, each := range wanted {
		if status == each {
			return
		}
	}
	events, err := c.dagster.Events(c.t.Context(), id)
	c.t.Fatalf("the run ended as %s, want %v: %v %v", status, wanted, events, err)
}

// task finds the task of a run by the tag that Dagster's launcher gives it, running or stopped.
func (c *cloud) task(ctx context.Context, runID string) (ecstypes.Task, error) {
	for _, status := range []ecstypes.DesiredStatus{ecstypes.DesiredStatusRunning, ecstypes.DesiredStatusStopped} {
		list, err := c.ecs.ListTasks(ctx, &ecs.ListTasksInput{Cluster: aws.String(c.cluster), Family: aws.String(c.run), DesiredStatus: status})
		if err != nil {
			return ecstypes.Task{}, err
		}
		if len(list.TaskArns) == 0 {
			continue
		}
		described, err := c.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{
			Cluster: aws.String(c.cluster), Tasks: list.TaskArns, Include: []ecstypes.TaskField{ecstypes.TaskFieldTags},
		})
		if err != nil {
			return ecstypes.Task{}, err
		}
		for _, task := range described.Tasks {
			for _, tag := range task.Tags {
				if aws.ToString(tag.Key) == "dagster/run_id" && aws.ToString(tag.Value) == runID {
					return task, nil
				}
			}
		}
	}
	return ecstypes.Task{}, errors.New("no task carries the run's id")
}

// container answers the engine's id of a task's container, or "".
func (c *cloud) container(taskARN, name string) string {
	c.t.Helper()
	e, err := c.session.Attach(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	out, err := e.Engine.Run(c.t.Context(), "ps", "--quiet", "--no-trunc", "--filter", "label=com.amazonaws.ecs.task-arn="+taskARN,
		"--filter", "label=com.amazonaws.ecs.container-name="+name)
	if err != nil {
		c.t.Fatal(err)
	}
	return strings.TrimSpace(out)
}

// engine runs the container engine's command line.
func (c *cloud) engine(args ...string) (string, error) {
	e, err := c.session.Attach(c.t.Context())
	if err != nil {
		return "", err
	}
	out, err := e.Engine.Command(c.t.Context(), args...).CombinedOutput()
	return string(out), err
}

// containers lists those of the sandbox that run and have a label, in a format; others use the same engine.
func (c *cloud) containers(label, format string) (string, error) {
	e, err := c.session.Attach(c.t.Context())
	if err != nil {
		return "", err
	}
	return c.engine("ps", "--filter", "label="+label, "--filter", "label="+e.Label(), "--format", format)
}

// serviceTask answers the one running task of a service.
func (c *cloud) serviceTask(ctx context.Context, service string) (string, error) {
	list, err := c.ecs.ListTasks(ctx, &ecs.ListTasksInput{Cluster: aws.String(c.cluster), ServiceName: aws.String(service)})
	if err != nil {
		return "", err
	}
	if len(list.TaskArns) == 0 {
		return "", errors.New("the service has no running task")
	}
	described, err := c.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(c.cluster), Tasks: list.TaskArns})
	if err != nil {
		return "", err
	}
	for _, task := range described.Tasks {
		if aws.ToString(task.LastStatus) == "RUNNING" {
			return aws.ToString(task.TaskArn), nil
		}
	}
	return "", errors.New("no task of the service is RUNNING")
}

// definition answers the task definition of a service's primary deployment.
func (c *cloud) definition(ctx context.Context, service string) (string, error) {
	described, err := c.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String(c.cluster), Services: []string{service}})
	if err != nil {
		return "", err
	}
	for _, s := range described.Services {
		for _, deployment := range s.Deployments {
			if aws.ToString(deployment.Status) == "PRIMARY" {
				return aws.ToString(deployment.TaskDefinition), nil
			}
		}
	}
	return "", errors.New("the service has no primary deployment")
}

// outputs are the stack's, as of the last deployment.
func (c *cloud) outputs() map[string]any {
	c.t.Helper()
	outputs, err := c.session.Outputs(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	return outputs
}

// output reads a stack output as a text.
func (c *cloud) output(name string) string {
	c.t.Helper()
	outputs := c.outputs()
	text, ok := outputs[name].(string)
	if !ok {
		all, _ := json.Marshal(outputs)
		c.t.Fatalf("the output %s is no text: %s", name, all)
	}
	return text
}

// query asks the UI's GraphQL what the sandbox itself never asks, and decodes the member `data`.
func (c *cloud) query(document string, variables map[string]any, data any) {
	c.t.Helper()
	if err := c.ask(c.t.Context(), document, variables, data); err != nil {
		c.t.Fatal(err)
	}
}

// ask is query where no answer is no failure yet.
func (c *cloud) ask(ctx context.Context, document string, variables map[string]any, data any) error {
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.dagster.URL+"/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GraphQL is answered by %s", response.Status)
	}
	answer := struct {
		Data   any
		Errors []struct{ Message string }
	}{Data: data}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || len(answer.Errors) > 0 {
		return fmt.Errorf("GraphQL answers %v, %v", answer.Errors, err)
	}
	return nil
}
