package runlauncher

import (
	_ "embed"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/cluster"
	"dagster-ecs/components/component"
	"dagster-ecs/components/configuration"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/grants"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:runlauncher:RunLauncher"

// Kind is the short name of runs, as it stands in the family and in log streams.
const Kind = "run"

// stopSeconds is the longest that Fargate allows, the notice that Spot gives: Dagster uses it to mark the run as failed,
// so that it can be retried.
const stopSeconds = 120

// launchScript is the entry point of runs: it gives DAGSTER_HOME the run's instance and writes the console as JSON.
//
//go:embed launch.py
var launchScript string

// Runs are what the daemon starts and the webserver stops: runs of one task definition.
type Runs = grants.Runs

// RunLauncher is what EcsRunLauncher needs.
type RunLauncher struct {
	pulumi.ResourceState

	// TaskDefinitionArn is the run task definition with its revision.
	TaskDefinitionArn pulumi.StringOutput
	// SecurityGroupID is the group of the runs.
	SecurityGroupID pulumi.StringOutput
	// Runs are the runs as permissions name them.
	Runs Runs
}

// New builds the run task definition.
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
		"family":            pulumi.String(launcher.Runs.Family),
		"securityGroupId":   launcher.SecurityGroupID,
	})
}

func (l *RunLauncher) build(scope *component.Scope, args *Args) error {
	run, err := workload.New(scope.Ctx, scope.Name, &workload.Args{
		Spec: args.Spec,
		Kind: Kind,
		Container: workload.Container{
			EntryPoint: []string{"python", "-c", launchScript},
			// Replaced at every launch; a task started by hand does no harm.
			Command:     []string{"dagster", "--version"},
			StopSeconds: stopSeconds,
		},
		Tags:        map[string]string{grants.RunTag: args.Spec.Platform.Names.Workload(Kind)},
		Permissions: grants.Run(args.Spec.Platform.Location, args.Bucket),
	}, scope.Options()...)
	if err != nil {
		return err
	}
	l.TaskDefinitionArn, l.SecurityGroupID = run.TaskDefinitionArn, run.SecurityGroupID
	l.Runs = Runs{
		Family:      run.Family,
		RoleArns:    []pulumi.StringInput{run.TaskRoleArn, run.ExecutionRoleArn},
		LogGroupArn: args.Spec.Log.Arn,
	}
	return nil
}

// CapacityOf is the capacity provider strategy of two weights, without what has none.
func CapacityOf(onDemandWeight, spotWeight int) []configuration.Capacity {
	var strategy []configuration.Capacity
	for _, capacity := range []configuration.Capacity{
		{Provider: cluster.Fargate, Weight: onDemandWeight}, {Provider: cluster.FargateSpot, Weight: spotWeight},
	} {
		if capacity.Weight > 0 {
			strategy = append(strategy, capacity)
		}
	}
	return strategy
}
