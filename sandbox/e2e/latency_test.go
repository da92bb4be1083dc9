//go:build e2e && reliability

package e2e

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dagster-ecs/internal/dagster"
)

const (
	// measured is how often a run is launched in each of two places, in turn.
	measured = 7
	// quickJob is one whose only step takes no time.
	quickJob = "run_count_job"
	// mostLatency is how much longer a run in a container may take to its first step than one on this machine itself.
	mostLatency = 1.3
)

// bareInstance is Dagster's own way to start runs, as subprocesses of its code server, with the queue of a deployed stack.
const bareInstance = `
run_coordinator:
  module: dagster._core.run_coordinator
  class: QueuedRunCoordinator
  config: {max_concurrent_runs: 25, dequeue_interval_seconds: 1}
telemetry: {enabled: false}
`

// launchLatency compares how long a run takes from the queue to its first step: in the stack, and by Dagster's own launcher
// as a process of this machine.
func launchLatency(c *cloud) []string {
	bare := bareDagster(c.t, c.session.Repo)
	var stack, machine []time.Duration
	for range measured {
		stack = append(stack, firstStep(c, c.launch(quickJob)))
		id, err := bare.dagster.Launch(c.t.Context(), quickJob, nil)
		if err != nil {
			c.t.Fatal(err)
		}
		machine = append(machine, firstStep(bare, id))
	}
	ours, theirs := median(stack), median(machine)
	ratio := ours.Seconds() / theirs.Seconds()
	c.t.Logf("the stack takes %v, Dagster on this machine %v", stack, machine)
	if ratio > mostLatency {
		c.t.Errorf("a run takes %.2f s to its first step, %.2f times as long as a process of this machine (%.2f s); %.1f is allowed",
			ours.Seconds(), ratio, theirs.Seconds(), mostLatency)
	}
	return []string{fmt.Sprintf("%.2f: %.2f s in a container, %.2f s as a process (medians of %d)", ratio, ours.Seconds(), theirs.Seconds(), measured)}
}

func median(of []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}

// firstStep waits for the end of a run, and answers the time from its entry into the queue to its first step.
func firstStep(c *cloud, id string) time.Duration {
	c.t.Helper()
	c.follow(id, runWithin, dagster.Success)
	var data struct {
		Logs struct {
			Events []struct{ EventType, Timestamp string }
		} `json:"logsForRun"`
	}
	c.query(`query ($id: ID!) { logsForRun(runId: $id) { ... on EventConnection { events {
		... on MessageEvent { eventType timestamp } } } } }`, map[string]any{"id": id}, &data)
	at := map[string]time.Time{}
	for _, event := range data.Logs.Events {
		milliseconds, err := strconv.ParseInt(event.Timestamp, 10, 64)
		if err != nil {
			c.t.Fatal(err)
		}
		at[event.EventType] = time.UnixMilli(milliseconds)
	}
	queued, step := at["RUN_ENQUEUED"], at["STEP_START"]
	if queued.IsZero() || step.IsZero() {
		c.t.Fatalf("the run %s has the events %v", id, at)
	}
	return step.Sub(queued)
}

// bareDagster runs the example by `dagster dev` in the environment of its tests, without any AWS.
func bareDagster(t *testing.T, repo string) *cloud {
	t.Helper()
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "dagster.yaml"), []byte(bareInstance), 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(repo, ".sandbox", "venv", "example", "bin")
	command := exec.Command(filepath.Join(bin, "dagster"), "dev", "-m", "asset_manager.definitions", "-p", strconv.Itoa(port))
	command.Dir = filepath.Join(repo, "examples", "asset-manager")
	command.Env = append(os.Environ(), "DAGSTER_HOME="+home, "PATH="+bin+":"+os.Getenv("PATH"))
	var said strings.Builder
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt) // its processes end with it
		_ = command.Wait()
		if t.Failed() {
			t.Logf("dagster dev said\n%s", said.String())
		}
	})
	c := &cloud{t: t, dagster: dagster.New(fmt.Sprintf("http://127.0.0.1:%d", port))}
	eventually(t, 3*time.Minute, func(ctx context.Context) error {
		_, err := c.dagster.Jobs(ctx)
		return err
	})
	return c
}
