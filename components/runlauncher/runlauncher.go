package runlauncher

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/cluster"
	"dagster-ecs/components/component"
	"dagster-ecs/components/service"
	"dagster-ecs/internal/grants"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:runlauncher:RunLauncher"

// Kind is the short name of runs, as it stands in the family and in log streams.
const Kind = "run"

// stopSeconds is the longest that Fargate allows, the notice that Spot gives: Dagster uses it to mark the run as failed,
// so that it can be retried.
const stopSeconds = 120

// Capacity is a capacity provider and its weight.
type Capacity struct {
	// Provider is FARGATE or FARGATE_SPOT.
	Provider string
	// Weight is its share of the runs.
	Weight int
}

// RunLauncher is what EcsRunLauncher needs.
type RunLauncher struct {
	pulumi.ResourceState

	// TaskDefinitionArn is the run task definition with its revision.
	TaskDefinitionArn pulumi.StringOutput
	// Family is the family of the task definition and the name of its container, known at plan time.
	Family string
	// RoleArns are the task role and the execution role that a run is started with.
	RoleArns []pulumi.StringInput
	// SecurityGroupID is the group of the runs.
	SecurityGroupID pulumi.StringOutput
}

// New builds the run task definition. The logical names of its children are API: those of service.New
// under <name>-run.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*RunLauncher, error) {
	launcher := &RunLauncher{}
	scope, err := component.Open(ctx, TypeToken, name, launcher, args, opts...)
	if err != nil {
		return nil, err
	}
	if err := scope.Run(func() error { return launcher.build(scope, args) }); err != nil {
		return nil, err
	}
	return launcher, scope.Close(pulumi.Map{
		"taskDefinitionArn": launcher.TaskDefinitionArn,
		"family":            pulumi.String(launcher.Family),
		"securityGroupId":   launcher.SecurityGroupID,
	})
}

func (l *RunLauncher) build(scope *component.Scope, args *Args) error {
	run, err := service.New(scope.Ctx, scope.Child(Kind), &service.Args{
		Workload: args.Workload,
		Kind:     Kind,
		Container: service.Container{
			// Replaced at every launch; a task started by hand does no harm.
			Command:     []string{"dagster", "--version"},
			StopSeconds: stopSeconds,
		},
		Permissions: grants.Run(args.Store),
	}, scope.Options()...)
	if err != nil {
		return err
	}
	l.TaskDefinitionArn = run.TaskDefinitionArn
	l.Family = args.Workload.Platform.Names.Workload(Kind)
	l.RoleArns = []pulumi.StringInput{run.TaskRoleArn, run.ExecutionRoleArn}
	l.SecurityGroupID = run.SecurityGroupID
	return nil
}

// CapacityOf is the capacity provider strategy of two weights, without what has none.
func CapacityOf(onDemandWeight, spotWeight int) []Capacity {
	var strategy []Capacity
	for _, capacity := range []Capacity{{cluster.Fargate, onDemandWeight}, {cluster.FargateSpot, spotWeight}} {
		if capacity.Weight > 0 {
			strategy = append(strategy, capacity)
		}
	}
	return strategy
}
