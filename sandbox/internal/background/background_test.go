package background

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func shell(script string) *exec.Cmd { return exec.Command("sh", "-c", script) }

func started(t *testing.T, script, word string) Process {
	t.Helper()
	p := Process(filepath.Join(t.TempDir(), "process"))
	if err := p.Start(t.Context(), shell(script), "key", word); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.End(t.Context()) })
	return p
}

func TestAProcessRunsUntilItIsEndedAndIsKnownByItsFile(t *testing.T) {
	p := started(t, "echo ready; exec sleep 600", "ready")
	if key, runs := p.Runs(); !runs || key != "key" {
		t.Errorf("it runs: %v, by the key %q", runs, key)
	}
	if err := p.Start(t.Context(), shell("sleep 600"), "other"); err == nil || !strings.Contains(err.Error(), "runs already") {
		t.Errorf("a second start gives %v", err)
	}
	if err := p.End(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, runs := p.Runs(); runs {
		t.Error("it runs on")
	}
}

func TestAProcessIsNotOverBeforeThoseThatItHasStarted(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	// A child that ends after its parent, and notes it.
	p := started(t, "(while kill -0 $$; do sleep 0.1; done; touch "+mark+") & echo ready; exec sleep 600", "ready")
	if err := p.End(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(mark); err != nil {
		t.Errorf("what it has started had not ended: %v", err)
	}
}

func TestAProcessThatEndsAtOnceFailsWithItsLastWords(t *testing.T) {
	p := Process(filepath.Join(t.TempDir(), "process"))
	err := p.Start(t.Context(), shell("echo the port is taken >&2; exit 1"), "key", "ready")
	if err == nil || !strings.Contains(err.Error(), "the port is taken") {
		t.Errorf("the error is %v", err)
	}
	if _, runs := p.Runs(); runs {
		t.Error("it runs")
	}
}

func TestAFileThatIsLeftBehindIsOfNoProcess(t *testing.T) {
	p := Process(filepath.Join(t.TempDir(), "process"))
	if err := os.WriteFile(string(p), []byte(`{"pid": 1, "key": "key"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, runs := p.Runs(); runs {
		t.Error("it runs")
	}
	if err := p.End(t.Context()); err != nil {
		t.Error(err)
	}
}
