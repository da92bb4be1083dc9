package daemon

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/service"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/problems"
)

// Args describes the daemon.
type Args struct {
	// Platform is what all the workloads of a stack have in common; required.
	Platform service.Platform
	// Cpu is in Fargate units, 1024 to a vCPU; required.
	Cpu int
	// Memory is in MiB; required.
	Memory int
	// Configuration is what the daemon reads at its start; required.
	Configuration service.Configuration
	// Log is the daemon's log group; required.
	Log service.Log
	// Store is the bucket for compute logs and configuration; required.
	Store grants.Store
	// Runs is what the daemon starts; required.
	Runs grants.Runs
	// Secrets maps names to the ARNs of SSM parameters, the database user's among them.
	Secrets map[string]pulumi.StringInput
	// Migration is who creates and migrates the tables; required.
	Migration Migration
	// Reach is where the daemon may connect to.
	Reach []service.Peer
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
	list.Required("Migration.OwnerRole", a.Migration.OwnerRole)
	list.Check(len(a.Migration.Secrets) > 0, "Migration.Secrets", "is required")
	list.Nest("Configuration", a.Configuration.Validate())
	list.Nest("Store", a.Store.Validate())
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return pulumi.Map{"cpu": pulumi.Int(a.Cpu), "memory": pulumi.Int(a.Memory)}
}
