package runlauncher

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/service"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/problems"
)

// Args describes how runs are started.
type Args struct {
	// Platform is what all the workloads of a stack have in common; required.
	Platform service.Platform
	// Cpu is a run's CPU in Fargate units unless its job says another; required.
	Cpu int
	// Memory is a run's memory in MiB unless its job says another; required.
	Memory int
	// Log is the log group of the runs; required.
	Log service.Log
	// Store is the bucket for compute logs and outputs; required.
	Store grants.Store
	// Secrets maps names to the ARNs of SSM parameters: the database user and what the settings name.
	Secrets map[string]pulumi.StringInput
	// Reach is where runs may connect to.
	Reach []service.Peer
}

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Nest("Store", a.Store.Validate())
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return pulumi.Map{"cpu": pulumi.Int(a.Cpu), "memory": pulumi.Int(a.Memory)}
}
