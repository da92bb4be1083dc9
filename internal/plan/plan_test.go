package plan

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

const (
	stackURN   = "urn:pulumi:dev::dagster::pulumi:pulumi:Stack::dagster-dev"
	networkURN = "urn:pulumi:dev::dagster::dagster-ecs:network:Network::network"
	webURN     = "urn:pulumi:dev::dagster::dagster-ecs:webserver:Webserver::web"
)

// step is an operation on a child of a component.
func step(op apitype.OpType, parent, kind, name string, from, to map[string]any, diffs ...string) apitype.StepEventMetadata {
	urn := "urn:pulumi:dev::dagster::" + kind + "::" + name
	state := func(inputs map[string]any) *apitype.StepEventStateMetadata {
		if inputs == nil {
			return nil
		}
		return &apitype.StepEventStateMetadata{URN: urn, Custom: true, Parent: parent, Inputs: inputs}
	}
	return apitype.StepEventMetadata{Op: op, URN: urn, Old: state(from), New: state(to), Diffs: diffs}
}

func component(urn, parent string) apitype.StepEventMetadata {
	return apitype.StepEventMetadata{Op: apitype.OpUpdate, URN: urn, New: &apitype.StepEventStateMetadata{URN: urn, Parent: parent}}
}

func TestTheSummaryCountsWhatIsNewAndNamesWhatChangesWithItsProperties(t *testing.T) {
	plan := Plan{Changes: Changes{"create": 2, "update": 3, "replace": 1, "delete": 1}}
	document := func(image string) string { return `[{"cpu":512,"image":"` + image + `"}]` }
	registry := "111122223333.dkr.ecr.us-west-1.amazonaws.com/asset-manager"
	for _, m := range []apitype.StepEventMetadata{
		component(stackURN, ""), component(networkURN, stackURN), component(webURN, stackURN),
		step(apitype.OpCreate, networkURN, "aws:ec2/subnet:Subnet", "a", nil, map[string]any{}),
		step(apitype.OpCreate, networkURN, "aws:ec2/subnet:Subnet", "b", nil, map[string]any{}),
		step(apitype.OpDelete, networkURN, "aws:ec2/eip:Eip", "old", map[string]any{}, nil),
		step(apitype.OpCreateReplacement, webURN, "aws:ecs/taskDefinition:TaskDefinition", "definition", map[string]any{}, map[string]any{}),
		step(apitype.OpReplace, webURN, "aws:ecs/taskDefinition:TaskDefinition", "definition",
			map[string]any{"containerDefinitions": document(registry + ":1.0.0")},
			map[string]any{"containerDefinitions": document(registry + ":1.1.0")}, "containerDefinitions"),
		step(apitype.OpUpdate, webURN, "aws:ecs/service:Service", "service",
			map[string]any{"taskDefinition": "one", "desiredCount": 1.0, "tags": map[string]any{"a": "1"}, "token": "[secret]"},
			map[string]any{"taskDefinition": unknown, "desiredCount": 2.0, "tags": map[string]any{"a": "1", "b": "2"}, "token": "[secret]"},
			"taskDefinition", "desiredCount", "tags", "token", "versionId"),
	} {
		plan.Add(apitype.EngineEvent{ResourcePreEvent: &apitype.ResourcePreEvent{Metadata: m}})
	}
	want := `network: 2 create, 1 delete
  delete  Eip old
web: 1 replace, 1 update
  replace TaskDefinition definition
            containerDefinitions[0].image: …com/asset-manager:1.0.0" -> …com/asset-manager:1.1.0"
  update  Service service
            desiredCount: 1 -> 2
            tags.b: none -> "2"
            taskDefinition: "one" -> known after the update
            token
in all: 2 create, 1 delete, 1 replace, 1 update
`
	if got := plan.Summary(); got != want {
		t.Errorf("the summary is\n%s\nwant\n%s", got, want)
	}
}

func TestAPlanWithoutAnyChangeIsOneLine(t *testing.T) {
	plan := Plan{Changes: Changes{"same": 141}}
	if got, want := plan.Summary(), "nothing changes (141 same)\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestChangesAreNoneOnlyWhenAllIsTheSame(t *testing.T) {
	if !(Changes{"same": 3}).None() || (Changes{"same": 3, "update": 1}).None() {
		t.Error("same is no change, update is one")
	}
}
