package workload

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/cluster"
	"dagster-ecs/components/component"
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rollout"
)

// Platform is what all the workloads of a stack have in common.
type Platform struct {
	// Names makes the physical names; required.
	Names naming.Names
	// Location is where ARNs are made for; required.
	Location component.Location
	// Cluster is the ECS cluster; required.
	Cluster cluster.Ref
	// VpcID is the VPC of the security groups; required.
	VpcID pulumi.StringInput
	// Subnets are the subnets of the tasks, private ones; required.
	Subnets pulumi.StringArrayInput
	// Environment is given to every container; plain values.
	Environment map[string]pulumi.StringInput
	// ParameterKeyArn is the key of the SSM parameters that secrets come from; required by workloads with secrets.
	ParameterKeyArn pulumi.StringInput
	// Rollouts follow what becomes of the deployments of services. Nil: nobody waits for them, and one that fails goes
	// unnoticed.
	Rollouts Rollouts
}

// Rollouts follow what becomes of the deployments of services.
type Rollouts interface {
	// Await waits until the service's tasks are those of its definition. A deployment that failed is an error.
	Await(ctx context.Context, service rollout.Service, tell func(string)) error
	// Look is the same for what is so already.
	Look(ctx context.Context, service rollout.Service) error
}

// FollowRollouts asks ECS in a region, with AWS's own client and the credentials of the environment.
func FollowRollouts(ctx context.Context, region string) (Rollouts, error) {
	return rollout.Open(ctx, region)
}

// Tasks are the cluster's tasks as permissions name them.
func (p Platform) Tasks() grants.Tasks {
	return grants.Tasks{Location: p.Location, Cluster: p.Cluster.Name}
}

func (p Platform) validate() error {
	var list problems.List
	list.Required("Names", p.Names.Prefix())
	list.Take("Location", p.Location.Validate())
	list.Take("Cluster", p.Cluster.Validate())
	list.Check(p.VpcID != nil, "VpcID", "is required")
	list.Check(p.Subnets != nil, "Subnets", "is required")
	return list.Err()
}
