package daemon

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/configuration"
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
	// Migration is who creates and migrates the tables; required.
	Migration Migration
}

// Migration is the login that creates and migrates the tables.
type Migration struct {
	// Secrets maps DAGSTER_PG_USER and DAGSTER_PG_PASSWORD to the ARNs of the migration's own parameters; required.
	Secrets map[string]pulumi.StringInput
	// OwnerRole is the PostgreSQL role that owns the tables, which the login takes on; required.
	OwnerRole string
}

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Take("Spec", a.Spec.Validate())
	list.Required("Migration.OwnerRole", a.Migration.OwnerRole)
	list.Check(len(a.Migration.Secrets) > 0, "Migration.Secrets", "is required")
	list.Take("Files", a.Files.Validate())
	list.Take("Bucket", a.Bucket.Validate())
	grants.CheckRuns(&list, a.Runs)
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return a.Spec.Inputs()
}
