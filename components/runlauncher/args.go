package runlauncher

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/workload"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/problems"
)

// Args describes how runs are started.
type Args struct {
	// Spec is what every workload of Dagster is given; required.
	Spec workload.Spec
	// Bucket is the bucket for compute logs and outputs; required.
	Bucket grants.Bucket
}

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Take("Spec", a.Spec.Validate())
	list.Take("Bucket", a.Bucket.Validate())
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return a.Spec.Inputs()
}
