package stacks_test

import (
	"fmt"
	"slices"
	"testing"

	"dagster-ecs/internal/awstest"
)

func TestWhatLoadsTheCodeReachesItsDestinationsAndNothingElseDoes(t *testing.T) {
	recorder := recordWith(t, map[string]any{"dagster:code.destinations": []any{"10.20.0.0/16:5439", "sg-0a1b2c3d:8443"}})
	reached := map[string][]string{}
	for _, each := range rulesOf(recorder, awstest.EgressRule) {
		at := fmt.Sprintf("%s at %s", each.peer, each.ports())
		reached[at] = append(reached[at], each.group)
	}
	want := []string{"daemon-tasks-group-id", "migration-tasks-group-id", "runs-tasks-group-id", "webserver-tasks-group-id"}
	for _, destination := range []string{"10.20.0.0/16 at tcp 5439", "sg-0a1b2c3d at tcp 8443"} {
		if got := slices.Sorted(slices.Values(reached[destination])); !slices.Equal(got, want) {
			t.Errorf("%s is reached by %v", destination, got)
		}
	}
}
