package statebucket

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Args describe the place.
type Args struct {
	// Location is where it is; required.
	Location component.Location
	// Prefix begins the names of the keys; required.
	Prefix string
	// Bucket is the bucket's name, unique in the world; required. That of the records of accesses is Bucket-logs.
	Bucket string
	// Stacks are the names of the stacks whose secrets have a key; required.
	Stacks []string
	// ForceDestroy lets the bucket be deleted with every state in it. Default false.
	ForceDestroy bool
	// Keep says whether bucket and keys are held on to.
	Keep component.Keep
}

// Validate joins every problem.
func (a *Args) Validate() error {
	var list problems.List
	list.Take("Location", a.Location.Validate())
	list.Take("Prefix", rules.Prefix(a.Prefix))
	list.Take("Bucket", rules.BucketName(a.Bucket))
	list.Check(len(a.Stacks) > 0, "Stacks", "is required")
	for i, stack := range a.Stacks {
		list.Take(fmt.Sprintf("Stacks[%d]", i), rules.Stack(stack))
	}
	return list.Err()
}

// Inputs are the facts recorded in the state.
func (a *Args) Inputs() pulumi.Map {
	return pulumi.Map{"bucket": pulumi.String(a.Bucket), "stacks": pulumi.ToStringArray(a.Stacks)}
}
