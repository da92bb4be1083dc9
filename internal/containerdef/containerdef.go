// Package containerdef writes ECS container definitions in the form in which AWS gives them back, so that an unchanged
// program never shows a new revision in a preview.
//
// It owns the hardening that every container of the program gets and none can leave out, but for what ECS Exec needs where
// that is used: a read-only root file system, an explicit user that is not root, all capabilities dropped, an init process
// that passes signals on, and awslogs. It refuses root, relative mount paths, doubled names and dependencies on containers that are not there.
//
// The form follows the ECS API reference, ContainerDefinition: containers, environment and secrets sorted by name, empty
// lists written rather than left out, no nulls, the host port equal to the container port (awsvpc).
package containerdef

import (
	"cmp"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Container is one container of a task.
type Container struct {
	// Name is unique in the task; required. Dagster's launcher and the log streams use it.
	Name string
	// Image is the image reference, a string or an Output; required.
	Image any
	// EntryPoint is what Command is given to, in exec form. Default /usr/bin/env, which runs the command as it is: an
	// image's own entry point would take the command for its arguments. EcsRunLauncher replaces Command only.
	EntryPoint []string
	// Command is the command in exec form, of strings or Outputs; required, the image's own is never relied upon.
	Command []any
	// User is user:group as the image knows it, such as 10001:10001; required, and not root.
	User string
	// Essential stops the whole task when this container stops. False for init containers.
	Essential bool
	// Environment maps names to plain values (strings or Outputs). Nothing secret belongs here.
	Environment map[string]any
	// Secrets maps names to the ARNs of SSM parameters (strings or Outputs).
	Secrets map[string]any
	// Mounts are the volumes of the task that this container sees.
	Mounts []Mount
	// Port is the TCP port that the container listens on. 0 means none.
	Port int
	// DependsOn are the containers that come first, and how far they must be.
	DependsOn []Dependency
	// HealthCheck tells ECS whether the container works. Nil means that only its process counts.
	HealthCheck *HealthCheck
	// StopTimeout is how many seconds pass between SIGTERM and SIGKILL, 2 to 120 on Fargate; required.
	StopTimeout int
	// Log is where the console goes; required.
	Log Log
	// Exec leaves the root file system writable and the capabilities as they are: the agent of ECS Exec, which acts as root,
	// works in no read-only root (ECS developer guide, "Monitor containers with ECS Exec"). Default false.
	Exec bool
}

// Mount puts a volume of the task into a container, writable.
type Mount struct {
	// Volume is the volume's name; required.
	Volume string
	// Path is where the container sees it, absolute; required.
	Path string
}

// Dependency makes a container wait for another.
type Dependency struct {
	// Container is the name of the other container of the same task; required.
	Container string
	// Condition is how far it must be; required.
	Condition Condition
}

// Condition is a state that a container is waited for.
type Condition string

// The conditions that this program uses, of those in the API reference of ContainerDependency.
const (
	// Success waits until the other has ended with exit code 0.
	Success Condition = "SUCCESS"
	// Healthy waits until the other's health check has passed.
	Healthy Condition = "HEALTHY"
)

// HealthCheck is a command that ECS runs inside the container.
type HealthCheck struct {
	// Command is in exec form, without the leading CMD; required.
	Command []string
	// IntervalSeconds is the time between two checks, 5 to 300; required.
	IntervalSeconds int
	// TimeoutSeconds is how long one check may take, 2 to 60; required.
	TimeoutSeconds int
	// Retries is how many failures in a row make the container unhealthy, 1 to 10; required.
	Retries int
	// StartSeconds is how long failures do not count at first, up to 300.
	StartSeconds int
}

// Log is the log group that a container's console goes to. Its streams are <prefix>/<container>/<task id>, the form from
// which EcsRunLauncher reads the last lines of a failed run.
type Log struct {
	// Group is the log group's name, a string or an Output; required.
	Group any
	// Region is the region of the group; required.
	Region string
	// StreamPrefix begins the name of every stream; required.
	StreamPrefix string
}

// Render checks the containers and gives the task's container definitions as JSON. All problems are reported at once.
// The result is unknown in a preview as long as one of its values is.
func Render(containers ...Container) (pulumi.StringOutput, error) {
	if err := check(containers); err != nil {
		return pulumi.StringOutput{}, err
	}
	sorted := slices.SortedFunc(slices.Values(containers), func(a, b Container) int { return cmp.Compare(a.Name, b.Name) })
	definitions := make([]definition, len(sorted))
	for i, container := range sorted {
		definitions[i] = container.definition()
	}
	return pulumi.JSONMarshal(definitions), nil
}

func (c Container) definition() definition {
	d := definition{
		Name:                   c.Name,
		Image:                  c.Image,
		Essential:              c.Essential,
		EntryPoint:             c.EntryPoint,
		Command:                c.Command,
		User:                   c.User,
		ReadonlyRootFilesystem: !c.Exec,
		LinuxParameters: linuxParameters{
			Capabilities:       capabilities{Add: []string{}, Drop: []string{"ALL"}},
			InitProcessEnabled: true,
		},
		StopTimeout:    c.StopTimeout,
		Environment:    []variable{},
		MountPoints:    []mountPoint{},
		PortMappings:   []portMapping{},
		SystemControls: []string{},
		VolumesFrom:    []string{},
		LogConfiguration: logConfiguration{LogDriver: "awslogs", Options: map[string]any{
			"awslogs-group":         c.Log.Group,
			"awslogs-region":        c.Log.Region,
			"awslogs-stream-prefix": c.Log.StreamPrefix,
		}},
	}
	if c.Exec {
		d.LinuxParameters.Capabilities.Drop = []string{}
	}
	if len(d.EntryPoint) == 0 {
		d.EntryPoint = []string{"/usr/bin/env"}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Environment)) {
		d.Environment = append(d.Environment, variable{Name: name, Value: c.Environment[name]})
	}
	for _, name := range slices.Sorted(maps.Keys(c.Secrets)) {
		d.Secrets = append(d.Secrets, secret{Name: name, ValueFrom: c.Secrets[name]})
	}
	for _, mount := range c.Mounts {
		d.MountPoints = append(d.MountPoints, mountPoint{SourceVolume: mount.Volume, ContainerPath: mount.Path})
	}
	if c.Port != 0 {
		d.PortMappings = []portMapping{{ContainerPort: c.Port, HostPort: c.Port, Protocol: "tcp"}}
	}
	for _, dependency := range c.DependsOn {
		d.DependsOn = append(d.DependsOn, dependsOn{ContainerName: dependency.Container, Condition: dependency.Condition})
	}
	if check := c.HealthCheck; check != nil {
		d.HealthCheck = &healthCheck{
			Command:     append([]string{"CMD"}, check.Command...),
			Interval:    check.IntervalSeconds,
			Timeout:     check.TimeoutSeconds,
			Retries:     check.Retries,
			StartPeriod: check.StartSeconds,
		}
	}
	return d
}
