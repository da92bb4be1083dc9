package daemon

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/configuration"
	"dagster-ecs/components/service"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/problems"
)

// Args describes the daemon.
type Args struct {
	// Spec is what every workload of Dagster is given; required.
	Spec workload.Spec
	// Files are what the daemon reads at its start; required.
	Files configuration.Files
	// Bucket is the bucket for compute logs and configuration; required.
	Bucket grants.Bucket
	// Runs are what the daemon starts, by their task definitions; at least one.
	Runs []grants.Runs
	// Sleeps says that something else takes the daemon away and brings it back. Default false.
	Sleeps bool
	// Before is what must have happened before the daemon is created or changed: a migration of the tables. Default nothing.
	Before service.Before
}

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Take("Spec", a.Spec.Validate())
	list.Take("Files", a.Files.Validate())
	list.Take("Bucket", a.Bucket.Validate())
	grants.CheckRuns(&list, a.Runs)
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return a.Spec.Inputs()
}
