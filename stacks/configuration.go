package stacks

import (
	"dagster-ecs/components/configuration"
	"dagster-ecs/components/runlauncher"
	"dagster-ecs/internal/config"
	"dagster-ecs/internal/dagsterconf"
	"dagster-ecs/internal/naming"
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
		Workspace:  dagsterconf.Workspace{Module: s.settings.Code.Module},
		Generation: s.secrets.Fingerprint(""),
	}, s.withAws())
	return err
}

// instance is what is known of dagster.yaml from the settings alone.
func instance(settings config.Settings, names naming.Names) dagsterconf.Instance {
	runs := settings.Runs
	instance := dagsterconf.Instance{
		Name:                "dagster-" + settings.Stack + ".yaml",
		ComputeLogPrefix:    prefixes.ComputeLogs,
		Queue:               dagsterconf.Queue{MaxConcurrent: runs.MaxConcurrent},
		StartTimeoutSeconds: runs.StartTimeoutSeconds,
		MaxRuntimeSeconds:   runs.MaxRuntimeSeconds,
		MaxRetries:          runs.MaxRetries,
		TickDays:            settings.Logs.TickDays,
		Launcher: dagsterconf.Launcher{
			Container: names.Workload(runlauncher.Kind), Cluster: settings.Cluster.ClusterName(), CPU: runs.CPU, Memory: runs.Memory,
		},
	}
	for _, limit := range runs.TagLimits {
		instance.Queue.TagLimits = append(instance.Queue.TagLimits, dagsterconf.TagLimit(limit))
	}
	for _, capacity := range runlauncher.CapacityOf(runs.OnDemandWeight, runs.SpotWeight) {
		instance.Launcher.Capacity = append(instance.Launcher.Capacity, dagsterconf.Capacity(capacity))
	}
	return instance
}
