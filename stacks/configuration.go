package stacks

import (
	"fmt"
	"slices"

	"dagster-ecs/components/configuration"
	"dagster-ecs/components/runlauncher"
	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/config"
	"dagster-ecs/internal/dagsterconf"
	"dagster-ecs/internal/iamdoc"
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
		Generation: fmt.Sprintf("%s %d", s.database.User, s.settings.Database.Rotation),
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
			Container: names.Workload(runlauncher.Kind), Cluster: settings.Cluster.Name, CPU: runs.CPU, Memory: runs.Memory,
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

// jobName is how long the name of a job may be for the check of the launch command.
const jobName = 255

// checkLaunch refuses settings with which no run could be started, since its command would be too long for ECS. The ids
// that AWS gives are not known yet but their lengths are.
func checkLaunch(settings config.Settings, names naming.Names) error {
	wanted := instance(settings, names)
	wanted.Launcher.TaskDefinition = iamdoc.Scope{
		Partition: "aws-us-gov", Region: settings.Region, Account: settings.Account,
	}.ARN("ecs", "task-definition/"+wanted.Launcher.Container+":999999")
	wanted.Launcher.SecurityGroup = "sg-0123456789abcdef0"
	zones := max(settings.Network.Zones, len(settings.Network.PrivateSubnetIDs))
	wanted.Launcher.Subnets = slices.Repeat([]string{"subnet-0123456789abcdef0"}, zones)
	length, err := wanted.LaunchLength(settings.Code.Module, jobName)
	if err != nil {
		return fmt.Errorf("measure the launch command: %w", err)
	}
	if length > capacity.OverrideLimit {
		return fmt.Errorf("dagster:runs.tagLimits: %d limits make a run's launch command about %d characters long, and ECS allows %d",
			len(settings.Runs.TagLimits), length, capacity.OverrideLimit)
	}
	return nil
}
