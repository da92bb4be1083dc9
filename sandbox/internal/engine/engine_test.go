package engine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dagster-ecs/sandbox/internal/progress"
)

// fakePrograms puts an empty folder with the given scripts in place of PATH.
func fakePrograms(t *testing.T, scripts map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, body := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	t.Setenv("DOCKER_HOST", "")
}

func TestDockerIsTakenWhenItsDaemonAnswersOnALocalSocket(t *testing.T) {
	fakePrograms(t, map[string]string{"docker": `
case "$1" in context) echo unix:///run/some.sock ;; version) echo 28.0.0 ;;
build) echo "  --secret stringArray" ;; *) exit 1 ;; esac`})
	e, err := Open(t.Context(), t.TempDir(), t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if e.program != "docker" || e.Socket() != "/run/some.sock" {
		t.Errorf("the engine is %s at %s", e.program, e.Socket())
	}
	want := []string{"--volume", "/run/some.sock:/run/engine.sock", "--env", "DOCKER_HOST=unix:///run/engine.sock"}
	if got := e.SocketArgs(); !slices.Equal(got, want) {
		t.Errorf("a container gets the socket by %v", got)
	}
	if err := e.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

func TestWithoutAnyEngineTheErrorIsOneLineThatSaysWhatToDo(t *testing.T) {
	const showContext = `context) echo unix:///run/some.sock ;;`
	cases := []struct {
		name     string
		programs map[string]string
		want     string
	}{
		{"nothing is installed", map[string]string{}, "docker is not installed"},
		{"docker's daemon is silent", map[string]string{"docker": `case "$1" in ` + showContext + ` *) exit 1 ;; esac`},
			"docker's daemon does not answer"},
		{"docker's daemon is far", map[string]string{"docker": `echo tcp://192.0.2.1:2375`},
			"docker's daemon is elsewhere (tcp://192.0.2.1:2375) and must be on this machine"},
		{"docker lacks BuildKit", map[string]string{"docker": `case "$1" in ` + showContext + ` *) echo ;; esac`},
			"docker builds without BuildKit (install its buildx component)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			fakePrograms(t, c.programs)
			_, err := Open(t.Context(), t.TempDir(), t.TempDir(), nil)
			want := "find a container engine: " + c.want + ", and podman is not installed: " +
				"install it by the system's package manager, or start Docker, and run this again"
			if err == nil || err.Error() != want {
				t.Errorf("the error is %v\nwant %s", err, want)
			}
		})
	}
}

func TestAFailedCallTellsTheEnginesLastWordsButNoArguments(t *testing.T) {
	fakePrograms(t, map[string]string{"docker": `echo "no such thing" >&2; exit 125`})
	_, err := (&Engine{program: "docker"}).Run(t.Context(), "run", "--env", "PASSWORD=hush", "image")
	if err == nil || !strings.Contains(err.Error(), "no such thing") {
		t.Errorf("the error is %v", err)
	}
	if err != nil && strings.Contains(err.Error(), "hush") {
		t.Errorf("the error tells a secret: %v", err)
	}
}

func TestTheEnvironmentOfPodmanIsInEveryCall(t *testing.T) {
	e := &Engine{program: "podman", env: []string{"CONTAINERS_CONF=/cache/containers.conf"}}
	if cmd := e.Command(t.Context(), "ps"); !slices.Contains(cmd.Env, "CONTAINERS_CONF=/cache/containers.conf") {
		t.Errorf("the environment is %v", cmd.Env)
	}
}

func TestMissingProgramsAreLookedForBesidePathToo(t *testing.T) {
	fakePrograms(t, map[string]string{"one": ""})
	beside := t.TempDir()
	if err := os.WriteFile(filepath.Join(beside, "two"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	got := missingPrograms(map[string][]string{"one": nil, "two": {beside}, "three": {beside}})
	if !slices.Equal(got, []string{"three"}) {
		t.Errorf("missing are %v", got)
	}
}

func TestALockIsHeldByOneAndWaitingEndsWithTheContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "lock")
	unlock, err := Lock(t.Context(), path, "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := Lock(ctx, path, "wait", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second lock gave %v", err)
	}
	unlock()
	again, err := Lock(t.Context(), path, "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	again()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the lock that nobody holds has a file: %v", err)
	}
}

func TestWhoeverWaitsForALockIsToldWhichCommandHoldsIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := Lock(t.Context(), path, "make up INSTANCE=mine", nil)
	if err != nil {
		t.Fatal(err)
	}
	said, end := io.Pipe()
	go func() {
		second, err := Lock(t.Context(), path, "make destroy", progress.New(end))
		if err == nil {
			second()
		}
		_ = end.CloseWithError(err)
	}()
	line, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("  waiting for `make up INSTANCE=mine` (process %d), which began at ", os.Getpid())
	if !strings.HasPrefix(line, want) {
		t.Errorf("it was told %q, want %q", line, want)
	}
	unlock()
	if _, err := io.ReadAll(said); err != nil {
		t.Errorf("the one that waited did not get the lock: %v", err)
	}
}

func TestManyThatWaitForALockHoldItOneByOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var holders atomic.Int32
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			unlock, err := Lock(t.Context(), path, "test", nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			if holders.Add(1) != 1 {
				t.Error("two hold the lock")
			}
			runtime.Gosched()
			holders.Add(-1)
		})
	}
	group.Wait()
}
