package stacks

import (
	"fmt"
	"slices"

	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/config"
	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/naming"
	"dagster-ecs/internal/problems"
)

// jobName is how long the name of a job may be for the check of the launch command.
const jobName = 255

// checkLaunch refuses settings with which no run could be started, since its command would be too long for ECS. The ids
// that AWS gives are not known yet but their lengths are.
func checkLaunch(settings config.Settings) error {
	names, err := naming.New(settings.Prefix, settings.Stack, settings.StackInNames)
	if err != nil {
		return nil // the rules of the two have said so
	}
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
	var list problems.List
	list.Check(length <= capacity.OverrideLimit, "dagster:runs.tagLimits",
		"%d limits make a run's launch command about %d characters long; ECS allows %d",
		len(settings.Runs.TagLimits), length, capacity.OverrideLimit)
	return list.Err()
}
