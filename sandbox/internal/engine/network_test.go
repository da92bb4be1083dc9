package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// dockerWithNetworks is a Docker that fails to make networks with an error until the given attempt, and writes down how
// it was called.
func dockerWithNetworks(t *testing.T, failure string, attempt string) (e *Engine, called func() []string) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	fakePrograms(t, map[string]string{"docker": `
case "$2" in inspect) exit 1 ;; esac
echo "$@" >>` + log + `
count=0; while read -r _; do count=$((count + 1)); done <` + log + `
test $count -ge ` + attempt + ` || { echo "` + failure + `" >&2; exit 1; }`})
	return &Engine{program: "docker"}, func() []string {
		written, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSpace(string(written)), "\n")
	}
}

func TestABridgeTakesTheNextRangeWhereOneIsTaken(t *testing.T) {
	for _, words := range []string{"subnet is already used on the host or by another config", "Pool overlaps with other one"} {
		e, called := dockerWithNetworks(t, words, "3")
		if err := e.NetworkCreate(t.Context(), "mine", "a=b"); err != nil {
			t.Fatal(err)
		}
		calls := called()
		if len(calls) != 3 || !strings.Contains(calls[2], "--subnet "+bridge("mine", 2).String()) {
			t.Errorf("%s: %q", words, calls)
		}
	}
}

func TestAnotherErrorOfABridgeIsNotTriedAgain(t *testing.T) {
	e, called := dockerWithNetworks(t, "permission denied", "3")
	err := e.NetworkCreate(t.Context(), "mine", "a=b")
	if err == nil || !strings.Contains(err.Error(), "create network mine: ") || len(called()) != 1 {
		t.Errorf("%v after %q", err, called())
	}
}

func TestBridgesAreDifferentAndOutsideOfWhatAVpcHas(t *testing.T) {
	found := map[string]bool{}
	for attempt := range 512 {
		each := bridge("mine", attempt)
		if each != each.Masked() || !bridges.Overlaps(each) {
			t.Errorf("%s is no piece of %s", each, bridges)
		}
		found[each.String()] = true
	}
	if len(found) != 512 {
		t.Errorf("512 attempts find %d ranges", len(found))
	}
	if bridge("mine", 0) == bridge("other", 0) {
		t.Error("two names begin at one range")
	}
}
