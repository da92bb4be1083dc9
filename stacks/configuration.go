package stacks

import (
	"dagster-ecs/components/configuration"
	"dagster-ecs/components/naming"
	"dagster-ecs/components/runlauncher"
	"dagster-ecs/internal/config"
)

func (s *stack) buildConfiguration() (err error) {
	s.configuration, err = configuration.New(s.ctx, "configuration", &configuration.Args{
		Bucket:   s.bucket.Name,
		Prefix:   prefixes.Config,
		Instance: instance(s.settings, s.names),
		Launch: configuration.Launch{
			TaskDefinitionArn: s.launcher.TaskDefinitionArn,
			SubnetIDs:         s.network.PrivateSubnetIDs,
			SecurityGroupID:   s.launcher.SecurityGroupID,
		},
		Workspace:  configuration.Workspace{Module: s.settings.Code.Module},
		Generation: s.secrets.Fingerprint(""),
	}, s.withAws())
	return err
}

// instance is what is known of dagster.yaml from the settings alone.
func instance(settings config.Settings, names naming.Names) configuration.Instance {
	runs := settings.Runs
	instance := configuration.Instance{
		Name:                "dagster-" + settings.Stack + ".yaml",
		ComputeLogPrefix:    prefixes.ComputeLogs,
		Queue:               configuration.Queue{MaxConcurrent: runs.MaxConcurrent},
		StartTimeoutSeconds: runs.StartTimeoutSeconds,
		MaxRuntimeSeconds:   runs.MaxRuntimeSeconds,
		MaxRetries:          runs.MaxRetries,
		TickDays:            settings.Logs.TickDays,
		Launcher: configuration.Launcher{
			Container: names.Workload(runlauncher.Kind), Cluster: settings.Cluster.ClusterName(), CPU: runs.CPU, Memory: runs.Memory,
			Capacity: runlauncher.CapacityOf(runs.OnDemandWeight, runs.SpotWeight),
		},
	}
	for _, limit := range runs.TagLimits {
		instance.Queue.TagLimits = append(instance.Queue.TagLimits, configuration.TagLimit(limit))
	}
	return instance
}
