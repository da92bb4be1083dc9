package reach

import (
	"os"
	"strings"
	"testing"

	"dagster-ecs/sandbox/internal/document"
)

func load(t *testing.T) Needs {
	t.Helper()
	needs, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return needs
}

// The golden files of the program list its resources, as urn:pulumi:dev::dagster::types::name.
func TestEveryRuleRouteAndEndpointHasOneNeed(t *testing.T) {
	needs := load(t)
	for stack, made := range map[string]setup{"dev": {nat: true}, "prod": {nat: true, https: true}} {
		text, err := os.ReadFile("../../stacks/testdata/" + stack + ".urns")
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for line := range strings.Lines(string(text)) {
			parts := strings.Split(strings.TrimSpace(line), "::")
			kind := parts[2][strings.LastIndex(parts[2], ":")+1:]
			switch kind {
			case "SecurityGroupIngressRule", "SecurityGroupEgressRule", "Route", "VpcEndpoint":
				found++
				if _, err := needs.of(parts[3], made); err != nil {
					t.Errorf("%s: %v", stack, err)
				}
			}
		}
		if found == 0 {
			t.Errorf("%s has no rules", stack)
		}
	}
}

func TestOnlyWorkloadsThatReachLessAreAffected(t *testing.T) {
	before := []string{"daemon-tasks reaches database-instance at tcp 5432", "runs-tasks reaches aws s3 by s3", "runs-tasks does not reach aws sts: no way",
		"webserver-balancer reaches webserver-tasks at tcp 3000"}
	for _, c := range []struct {
		after []string
		want  string
	}{
		{before, ""},
		{before[1:], "daemon"},
		{[]string{before[0], "runs-tasks reaches aws s3 by the internet", before[2], before[3]}, "runs"},
		{[]string{before[0], before[1], before[3]}, ""},
		{before[:3], "UI webserver-balancer"},
		{append([]string{"runs-tasks does not reach aws s3: no route in one of two subnets"}, before...), "runs"},
	} {
		if got := strings.Join(affected(before, c.after), " "); got != c.want {
			t.Errorf("without lines but %q are affected %q, want %q", c.after, got, c.want)
		}
	}
}

func TestOtherFailuresThanWrittenAreTold(t *testing.T) {
	need := need{Fails: []string{"daemon"}, Says: "timeout expired"}
	for _, c := range []struct {
		failed map[string]string
		want   string
	}{
		{map[string]string{"daemon": "connection failed: timeout expired"}, ""},
		{nil, `fail [], want ["daemon"]`},
		{map[string]string{"daemon": "timeout expired", "runs": "no"}, `fail ["daemon" "runs"], want ["daemon"]`},
		{map[string]string{"daemon": "another reason"}, `nobody says "timeout expired"`},
	} {
		err := need.compare("a rule", c.failed)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("of %v is told %v, want %s", c.failed, err, c.want)
		}
	}
}

func TestDocumentHasTheTable(t *testing.T) {
	text, err := os.ReadFile("../../docs/sandbox.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := document.Insert(string(text), Source, load(t).Table())
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != want {
		t.Error("docs/sandbox.md has another table than needs.yaml makes: run `make docs`")
	}
}
