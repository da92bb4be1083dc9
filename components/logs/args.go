package logs

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Args describes the log groups of a stack.
type Args struct {
	// Names makes the groups' names; required.
	Names naming.Names
	// Location is where ARNs are made for; required.
	Location component.Location
	// Kinds are the workloads that get a group each; required.
	Kinds []string
	// RetentionDays is how long log lines are kept, one of the values that CloudWatch offers; required.
	RetentionDays int
	// Keep says how the key is held on to: without it what was logged cannot be read any more. Default: let go.
	Keep component.Keep
}

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Required("Names", a.Names.Prefix())
	list.Take("Location", a.Location.Validate())
	list.Check(len(a.Kinds) > 0, "Kinds", "is required")
	for i, kind := range a.Kinds {
		list.Take(fmt.Sprintf("Kinds[%d]", i), rules.WorkloadKind(kind))
	}
	list.Take("RetentionDays", rules.LogRetention(a.RetentionDays))
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return pulumi.Map{"retentionDays": pulumi.Int(a.RetentionDays), "kinds": pulumi.ToStringArray(a.Kinds)}
}
