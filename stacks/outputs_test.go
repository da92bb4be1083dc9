package stacks_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"dagster-ecs/outputs"
)

// What is not in the contract nobody may rely on, and what is missing breaks the stacks of others.
func TestTheOutputsAreThoseOfTheContract(t *testing.T) {
	kinds := outputs.Kinds()
	for _, stack := range names {
		exports := record(t, stack).Exports()
		for name, value := range exports {
			if kind := kindOf(value); kinds[string(name)] != kind {
				t.Errorf("%s: %s is a %s; in the contract it is %q", stack, name, kind, kinds[string(name)])
			}
		}
		for _, name := range outputs.Required() {
			if _, given := exports[resource.PropertyKey(name)]; !given {
				t.Errorf("%s does not give %s", stack, name)
			}
		}
	}
}

func kindOf(value resource.PropertyValue) string {
	switch {
	case value.IsString():
		return "text"
	case value.IsNumber():
		return "number"
	case value.IsArray():
		return "list"
	}
	return "map"
}

func TestTheOutputsArePublishedAsParametersAsCloudFormationTakesThem(t *testing.T) {
	recorder := record(t, "dev")
	published := map[string]any{}
	for _, parameter := range recorder.Of("aws:ssm/parameter:Parameter") {
		if parameter.Parent == "outputs" {
			published[parameter.Input("name").(string)] = parameter.Input("insecureValue")
		}
	}
	if len(published) != len(recorder.Exports()) {
		t.Errorf("%d of %d outputs are published", len(published), len(recorder.Exports()))
	}
	subnets, _ := published["/asset-manager/dev/outputs/privateSubnetIds"].(string)
	if published["/asset-manager/dev/outputs/clusterName"] != "fulcrum-cluster-dev" || strings.Count(subnets, ",") != 1 {
		t.Errorf("published are %v", published)
	}
}
