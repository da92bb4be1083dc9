package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"dagster-ecs/sandbox/internal/progress"
)

func TestOnlyTheUpdateOfTheSandboxIsEndedAndByAnInterrupt(t *testing.T) {
	mine, other := t.TempDir(), t.TempDir()
	orphan, stranger := startEngine(t, mine), startEngine(t, other)
	if err := EndOrphans(t.Context(), mine, &progress.Reporter{}); err != nil {
		t.Fatal(err)
	}
	if state := orphan(); state.ExitCode() != 7 {
		t.Errorf("the engine ended by %v, want the exit code of its own handler", state)
	}
	if len(workingOn(other)) == 0 {
		t.Error("the engine of another sandbox was ended")
	}
	if err := signal(workingOn(other), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	stranger()
}

func TestWhatStopsTheGatewaysTaskIsLeftToEndByItself(t *testing.T) {
	dir := t.TempDir()
	startEngine(t, dir, ofTunnel+"us-west-1")
	if found := workingOn(dir); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}

// startEngine starts a stand-in for Pulumi's CLI that works on the state below dir; await answers how it ended.
func startEngine(t *testing.T, dir string, environment ...string) (await func() *os.ProcessState) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pulumi")
	script := "#!/bin/sh\ntrap 'exit 7' INT\necho ready\nwhile :; do sleep 0.05; done\n"
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path)
	cmd.Env = append(append(os.Environ(), ownedBy(dir)), environment...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil { // the handler is set now
		t.Fatal(err)
	}
	ended := make(chan *os.ProcessState, 1)
	go func() {
		_ = cmd.Wait()
		ended <- cmd.ProcessState
	}()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return func() *os.ProcessState { return <-ended }
}
