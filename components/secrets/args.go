package secrets

import (
	"fmt"
	"regexp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/problems"
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

var (
	pathForm  = regexp.MustCompile(`^(/[A-Za-z0-9_.-]+)+$`)
	groupForm = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	nameForm  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// Validate reports everything that is wrong.
func (a *Args) Validate() error {
	var p problems.List
	p.Required("NamePrefix", a.NamePrefix)
	p.Nest("Location", a.Location.Validate())
	p.Check(pathForm.MatchString(a.Path), "Path", "%q is no path such as /asset-manager/dev", a.Path)
	p.Check(len(a.Parameters) > 0, "Parameters", "at least one is needed")
	seen := map[string]bool{}
	for i, each := range a.Parameters {
		at := fmt.Sprintf("Parameters[%d]", i)
		p.Nest(at, each.validate())
		p.Check(!seen[each.key()], at, "%s is there twice", each.key())
		seen[each.key()] = true
	}
	return p.Err()
}

func (s Parameter) validate() error {
	var p problems.List
	p.Check(nameForm.MatchString(s.Name), "Name", "%q is no name of an environment variable", s.Name)
	p.Check(s.Group == "" || groupForm.MatchString(s.Group), "Group", "%q: lower-case letters, digits and hyphens", s.Group)
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
