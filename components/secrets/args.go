package secrets

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Args say which secrets to keep.
type Args struct {
	// Location is where the parameters live; required.
	Location component.Location
	// NamePrefix begins the key's alias, such as asset-manager-dev; required.
	NamePrefix string
	// Path is the path of the parameters, such as /asset-manager/dev, without a slash at its end; required.
	Path string
	// Parameters are the secrets to keep; at least one. Their order is of no consequence.
	Parameters []Parameter
	// Keep says whether the key is held on to. The parameters can be written again, the database's users are in the
	// database.
	Keep component.Keep
}

// Parameter is one secret.
type Parameter struct {
	// Group separates secrets of one workload from the others': it stands between path and name, and only its own
	// list has it. Default: the group of everything that runs Dagster.
	Group string
	// Name is the environment variable that the secret arrives in; required.
	Name string
	// Value is the secret itself; required.
	Value pulumi.StringInput
}

// Validate reports everything that is wrong.
func (a *Args) Validate() error {
	var p problems.List
	p.Take("NamePrefix", rules.NamePrefix(a.NamePrefix))
	p.Take("Location", a.Location.Validate())
	p.Take("Path", rules.ParameterPath(a.Path))
	p.Check(len(a.Parameters) > 0, "Parameters", "at least one is needed")
	seen := map[string]bool{}
	for i, each := range a.Parameters {
		at := fmt.Sprintf("Parameters[%d]", i)
		p.Take(at, each.validate())
		p.Check(!seen[each.key()], at, "%s is there twice", each.key())
		seen[each.key()] = true
	}
	return p.Err()
}

func (s Parameter) validate() error {
	var p problems.List
	p.Take("Name", rules.VariableName(s.Name))
	if s.Group != "" {
		p.Take("Group", rules.WorkloadKind(s.Group))
	}
	p.Check(s.Value != nil, "Value", "is required")
	return p.Err()
}

// key is what the parameter is called under the path.
func (s Parameter) key() string {
	if s.Group == "" {
		return s.Name
	}
	return s.Group + "/" + s.Name
}

// Inputs are the facts recorded in the component's state; no value of a secret is among them.
func (a *Args) Inputs() pulumi.Map {
	names := pulumi.StringArray{}
	for _, each := range a.Parameters {
		names = append(names, pulumi.String(each.key()))
	}
	return pulumi.Map{"path": pulumi.String(a.Path), "parameters": names}
}
