package logs

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/naming"
	"dagster-ecs/internal/problems"
)

// retentions are the days that CloudWatch Logs offers (API reference, PutRetentionPolicy).
var retentions = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

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
	list.Nest("Location", a.Location.Validate())
	list.Check(len(a.Kinds) > 0, "Kinds", "is required")
	list.Check(slices.Contains(retentions, a.RetentionDays), "RetentionDays", "%d is not one of %v", a.RetentionDays, retentions)
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return pulumi.Map{"retentionDays": pulumi.Int(a.RetentionDays), "kinds": pulumi.ToStringArray(a.Kinds)}
}
