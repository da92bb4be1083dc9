package workload

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/containerdef"
)

// initStopSeconds is enough for an init container, which is stopped only when the whole task is.
const initStopSeconds = 30

// taskDefinition registers the task definition with the workload's container and its init containers.
func (b *builder) taskDefinition() error {
	containers, err := containerdef.Render(b.containers()...)
	if err != nil {
		return fmt.Errorf("describe containers of %s: %w", b.Family, err)
	}
	own, err := b.BeforeCreate("family-own", b.refuseForeignFamily)
	if err != nil {
		return err
	}
	args := &ecs.TaskDefinitionArgs{
		Family:                  pulumi.String(b.Family),
		RequiresCompatibilities: pulumi.StringArray{pulumi.String("FARGATE")},
		NetworkMode:             pulumi.String("awsvpc"),
		Cpu:                     pulumi.String(strconv.Itoa(b.args.Spec.CPU)),
		Memory:                  pulumi.String(strconv.Itoa(b.args.Spec.Memory)),
		ExecutionRoleArn:        b.ExecutionRoleArn,
		TaskRoleArn:             b.TaskRoleArn,
		ContainerDefinitions:    containers,
		RuntimePlatform: &ecs.TaskDefinitionRuntimePlatformArgs{
			CpuArchitecture: pulumi.String("X86_64"), OperatingSystemFamily: pulumi.String("LINUX"),
		},
		Volumes: ecs.TaskDefinitionVolumeArray{
			&ecs.TaskDefinitionVolumeArgs{Name: pulumi.String(homeVolume)},
			&ecs.TaskDefinitionVolumeArgs{Name: pulumi.String(tmpVolume)},
		},
		// ECS starts tasks of ACTIVE revisions only: a service that it takes back needs its old one, and a daemon that it
		// takes back starts runs of the old one. Revisions cost nothing.
		SkipDestroy: pulumi.Bool(true),
	}
	if len(b.args.Tags) > 0 {
		args.Tags = pulumi.ToStringMap(b.args.Tags)
	}
	b.definition, err = ecs.NewTaskDefinition(b.Ctx, b.Child("definition"), args, b.Options(own)...)
	if err != nil {
		return fmt.Errorf("create task definition %s: %w", b.Family, err)
	}
	b.TaskDefinitionArn = b.definition.Arn
	b.Needed = append(b.Needed, b.definition)
	return nil
}

// containers gives the init containers, each waiting for the one before, and the workload's own, waiting for the last.
func (b *builder) containers() []containerdef.Container {
	var containers []containerdef.Container
	var before []containerdef.Dependency
	for _, init := range b.args.Init {
		container := b.container(init.Name, init.Command, nil, nil)
		container.StopTimeout = initStopSeconds
		container.DependsOn = before
		containers = append(containers, container)
		before = []containerdef.Dependency{{Container: init.Name, Condition: containerdef.Success}}
	}
	own := b.args.Container
	command := make([]any, len(own.Command))
	for i, word := range own.Command {
		command[i] = word
	}
	container := b.container(b.Family, command, own.Environment, b.args.Spec.Secrets)
	container.Essential = true
	container.EntryPoint = own.EntryPoint
	container.DependsOn = before
	container.Port = own.Port
	container.HealthCheck = own.HealthCheck
	container.StopTimeout = own.StopSeconds
	return append(containers, container)
}

// container gives what all containers of the workload have in common.
func (b *builder) container(
	name string, command []any, environment, secrets map[string]pulumi.StringInput,
) containerdef.Container {
	values := map[string]any{}
	for _, variables := range []map[string]pulumi.StringInput{b.args.Spec.Platform.Environment, environment} {
		for variable, value := range variables {
			values[variable] = value
		}
	}
	references := map[string]any{}
	for variable, arn := range secrets {
		references[variable] = arn
	}
	return containerdef.Container{
		Name:        name,
		Image:       b.args.Spec.Image,
		Command:     command,
		User:        User,
		Environment: values,
		Secrets:     references,
		Exec:        b.args.Exec,
		Mounts:      []containerdef.Mount{{Volume: homeVolume, Path: Home}, {Volume: tmpVolume, Path: tmp}},
		Log: containerdef.Log{
			Group: b.args.Spec.Log.Name, Region: b.args.Spec.Platform.Location.Region, StreamPrefix: b.args.Kind,
		},
	}
}
