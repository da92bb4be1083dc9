package daemon

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/service"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/problems"
)

// Args describes the daemon.
type Args struct {
	// Workload is what every workload of Dagster is given; required.
	Workload service.Workload
	// Configuration is what the daemon reads at its start; required.
	Configuration service.Configuration
	// Store is the bucket for compute logs and configuration; required.
	Store grants.Store
	// Runs is what the daemon starts; required.
	Runs grants.Runs
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
	list.Nest("Workload", a.Workload.Validate())
	list.Required("Migration.OwnerRole", a.Migration.OwnerRole)
	list.Check(len(a.Migration.Secrets) > 0, "Migration.Secrets", "is required")
	list.Nest("Configuration", a.Configuration.Validate())
	list.Nest("Store", a.Store.Validate())
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return a.Workload.Inputs()
}
