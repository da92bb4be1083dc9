//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"dagster-ecs/sandbox/internal/commands"
	"dagster-ecs/sandbox/internal/engine"
	"dagster-ecs/sandbox/internal/images"
	"dagster-ecs/sandbox/internal/progress"
)

// TestEmulatorKeepsWhatAWSDocuments runs those tests of sandbox/cloud that need a container engine: tasks, services and
// databases of the emulator on its own, without Pulumi. The Makefile makes their Python environment.
func TestEmulatorKeepsWhatAWSDocuments(t *testing.T) {
	t.Parallel()
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	cache, err := commands.DefaultCache()
	if err != nil {
		t.Fatal(err)
	}
	report := progress.New(t.Output())
	e, err := engine.Open(t.Context(), t.TempDir(), cache, report)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	set, err := images.New(e, repo, cache, report).All(t.Context(), nil, 16, 17)
	if err != nil {
		t.Fatal(err)
	}
	python := filepath.Join(repo, ".sandbox", "venv", "cloud", "bin", "python")
	cmd := exec.CommandContext(t.Context(), python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "engine")
	cmd.Dir = filepath.Join(repo, "sandbox", "cloud")
	cmd.Env = append(os.Environ(), "DOCKER_HOST=unix://"+e.Socket(), "SANDBOX_IMAGE="+set.Emulator, "PYTHONPATH=.")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	} else {
		t.Logf("%s", out)
	}
}
