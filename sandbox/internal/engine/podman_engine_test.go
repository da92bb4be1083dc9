//go:build engine

package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// open opens an engine for a throw-away instance in the shared cache.
func open(t *testing.T, state string) *Engine {
	t.Helper()
	home, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	e, err := Open(t.Context(), state, filepath.Join(home, "dagster-sandbox"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if e.program != "podman" {
		t.Skip("this is about Podman's service")
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func pidOf(t *testing.T, state string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(state, "engine.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func TestTheServiceIsKeptStartedAnewWhenKilledAndStoppedAtTheEnd(t *testing.T) {
	state := t.TempDir()
	e := open(t, state)
	first := pidOf(t, state)
	open(t, state)
	if again := pidOf(t, state); again != first {
		t.Errorf("a second Open started a second service: %d and %d", first, again)
	}
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	open(t, state)
	second := pidOf(t, state)
	if second == first || !e.service.answers(t.Context()) {
		t.Errorf("after its death the service is %d, before %d", second, first)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, running := e.service.process(); running || e.service.answers(t.Context()) {
		t.Error("the service outlives Close")
	}
	if _, err := os.Stat(filepath.Dir(e.socket)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the service's folder outlives Close: %v", err)
	}
}

func TestRemovalTakesWhatIsLabeledAndNothingElse(t *testing.T) {
	e := open(t, t.TempDir())
	image, err := e.Run(t.Context(), "images", "--quiet", "--filter", "reference=localhost/dagster-sandbox/base")
	if err != nil || image == "" {
		t.Skip("there is no base image: the test of the images builds one")
	}
	image, _, _ = strings.Cut(image, "\n")
	name := "t-" + shortHash(t.TempDir())
	mine, other := InstanceLabel+"="+name, InstanceLabel+"="+name+"-other"
	t.Cleanup(func() {
		// The test's own context has ended by then.
		if err := e.RemoveLabeled(context.Background(), other); err != nil {
			t.Error(err)
		}
	})
	run := func(args ...string) {
		t.Helper()
		if _, err := e.Run(t.Context(), args...); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.NetworkCreate(t.Context(), name, mine); err != nil {
		t.Fatal(err)
	}
	run("volume", "create", "--label", mine, name)
	run("volume", "create", "--label", other, name+"-other")
	// The second container stands on the first one's network: the first cannot be removed before it.
	run("run", "--detach", "--name", name, "--network", name, "--label", mine, image, "sleep", "60")
	run("run", "--detach", "--network", "container:"+name, "--volume", name+":/data", "--label", mine, image, "sleep", "60")
	if err := e.RemoveLabeled(t.Context(), mine); err != nil {
		t.Fatal(err)
	}
	if left, err := e.Labeled(t.Context(), mine); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if left, err := e.Labeled(t.Context(), other); err != nil || len(left) != 1 {
		t.Errorf("of the other instance there is %v, %v", left, err)
	}
}
