package stacks

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/runlauncher"
	"dagster-ecs/components/service"
	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/config"
	"dagster-ecs/internal/dagsterconf"
	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/naming"
)

// writeConfiguration stores dagster-<stack>.yaml and workspace.yaml in the bucket, for the services' init containers.
func (s *stack) writeConfiguration() error {
	workspace, err := dagsterconf.Workspace{Module: s.settings.Code.Module}.Render()
	if err != nil {
		return fmt.Errorf("render workspace.yaml: %w", err)
	}
	rendered := s.renderInstance()
	file := "dagster-" + s.settings.Stack + ".yaml"
	instanceKey, err := s.object("config-instance", file, rendered)
	if err != nil {
		return err
	}
	workspaceKey, err := s.object("config-workspace", "workspace.yaml", pulumi.String(workspace).ToStringOutput())
	if err != nil {
		return err
	}
	s.configs = service.Configuration{
		InstanceKey:  instanceKey,
		WorkspaceKey: workspaceKey,
		Hash:         s.hash(rendered, string(workspace)),
	}
	return nil
}

// renderInstance renders dagster.yaml once the run task definition has its revision and the network its ids.
func (s *stack) renderInstance() pulumi.StringOutput {
	known := instance(s.settings, s.names)
	return pulumi.All(s.launcher.TaskDefinitionArn, s.network.PrivateSubnetIDs, s.launcher.SecurityGroupID).ApplyT(
		func(computed []any) (string, error) {
			instance := known
			instance.Launcher.TaskDefinition, _ = computed[0].(string)
			instance.Launcher.Subnets, _ = computed[1].([]string)
			instance.Launcher.SecurityGroup, _ = computed[2].(string)
			text, err := instance.Render()
			if err != nil {
				return "", fmt.Errorf("render %s: %w", known.Name, err)
			}
			return string(text), nil
		}).(pulumi.StringOutput)
}

// instance is what is known of dagster.yaml from the settings alone.
func instance(settings config.Settings, names naming.Names) dagsterconf.Instance {
	runs := settings.Runs
	instance := dagsterconf.Instance{
		Name:                "dagster-" + settings.Stack + ".yaml",
		ComputeLogPrefix:    computeLogs,
		Queue:               dagsterconf.Queue{MaxConcurrent: runs.MaxConcurrent},
		StartTimeoutSeconds: runs.StartTimeoutSeconds,
		MaxRuntimeSeconds:   runs.MaxRuntimeSeconds,
		MaxRetries:          runs.MaxRetries,
		TickDays:            settings.Logs.TickDays,
		Launcher: dagsterconf.Launcher{
			Container: names.Workload(runlauncher.Kind), Cluster: settings.Cluster.Name, Cpu: runs.Cpu, Memory: runs.Memory,
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
	zones := max(settings.Network.Zones, len(settings.Network.PrivateSubnetIds))
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

// hash changes with whatever the services must be rolled for though their task definitions stay as they are: the two
// files, and the active user, whose new password stands in the same parameter.
func (s *stack) hash(instance pulumi.StringOutput, workspace string) pulumi.StringOutput {
	user := s.database.User
	rotation := s.settings.Database.Rotation
	return instance.ApplyT(func(text string) string {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s %d", text, workspace, user, rotation))
		return hex.EncodeToString(sum[:8])
	}).(pulumi.StringOutput)
}

// object stores a file and gives its key, which is there once the object is: no service starts before its files exist.
func (s *stack) object(name, file string, content pulumi.StringInput) (pulumi.StringInput, error) {
	object, err := s3.NewBucketObjectv2(s.ctx, name, &s3.BucketObjectv2Args{
		Bucket:      s.bucket.Name,
		Key:         pulumi.String(configs + "/" + file),
		Content:     content.ToStringOutput().ToStringPtrOutput(),
		ContentType: pulumi.String("application/yaml"),
	}, pulumi.Provider(s.provider.main))
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", file, err)
	}
	return object.Key, nil
}
