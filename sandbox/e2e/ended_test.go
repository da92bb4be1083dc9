//go:build e2e && reliability

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"dagster-ecs/sandbox/internal/commands"
)

// ends is how often a deployment is ended before it may come to its end.
const ends = 10

// endedTenTimes deploys, and ends the deployment at ten points: by Ctrl-C, and by killing who waits for it. What stands in
// the end is what the golden list of the stack has, and a preview changes nothing.
func endedTenTimes(t *testing.T, s *commands.Session) (seen []string) {
	want, driver := golden(t, s), buildDriver(t)
	for point := range ends {
		up := startUp(t, s, driver)
		up.await(len(want)*(point+1)/(ends+1), 1)
		if point%2 == 0 {
			up.signalGroup(syscall.SIGINT) // as a terminal does for Ctrl-C
		} else if err := up.command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		up.ended()
		if said := up.said(); strings.Contains(said, "empty account") {
			t.Errorf("the deployment that was ended at point %d had begun anew: %s", point+1, said)
		}
		t.Logf("ended at %d resources", len(readState(t, s).Resources))
	}
	changes, err := s.Up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if plan, err := s.Preview(t.Context(), commands.Summary); err != nil || !plan.None() {
		t.Errorf("a preview shows %s: %v", plan, err)
	}
	var got []string
	for _, each := range readState(t, s).Resources {
		if !strings.Contains(each.URN, "::pulumi:pulumi:Stack::") { // which is no resource of the program's
			got = append(got, each.URN)
		}
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("the stack has %v, want %v", got, want)
	}
	return []string{fmt.Sprintf("the last one still had %s, and the stack has its %d resources", changes, len(want))}
}

// golden are the URNs of the stack that the program's own tests expect.
func golden(t *testing.T, s *commands.Session) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.Repo, "stacks", "testdata", s.Stack+".urns"))
	if err != nil {
		t.Fatal(err)
	}
	// The second zone that an account is shown in us-west-1 differs; the emulated one has c.
	urns := strings.Fields(strings.ReplaceAll(string(text), "us-west-1b", "us-west-1c"))
	slices.Sort(urns)
	return urns
}
