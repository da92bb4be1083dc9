package workload

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/internal/traffic"
	"dagster-ecs/components/logs"
	"dagster-ecs/internal/containerdef"
	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Args describes one workload.
type Args struct {
	// Spec is what the workload is given by whoever puts the stack together; required.
	Spec Spec
	// Kind is the workload's short name, such as web: it makes the names of the family and of the container
	// (<prefix>-<kind>) and begins the log streams; required.
	Kind string
	// Container is the workload's own container; required.
	Container Container
	// Init are containers of the same image that must succeed, in this order, before it starts. Default none.
	Init []Init
	// Tags are put on the task definition, beside the provider's default tags. Default none.
	Tags map[string]string
	// Permissions are the statements of the task role. Empty means that the task role may do nothing.
	Permissions []Statement
	// ReachedBy is who may connect to the tasks. Default nobody.
	ReachedBy []Peer
	// Exec lets people open sessions in the tasks by ECS Exec and Session Manager: the task role may do what their agent
	// does, and the root file system of the containers is writable. Default false.
	Exec bool
}

// Spec is what a workload of Dagster is given by whoever puts the stack together.
type Spec struct {
	// Platform is what all the workloads of a stack have in common; required.
	Platform Platform
	// Image is the image of all the workload's containers, with a tag or a digest; required.
	Image string
	// CPU is in Fargate units, 1024 to a vCPU; required.
	CPU int
	// Memory is in MiB; required. Fargate allows certain pairs with CPU only.
	Memory int
	// Log is the log group for all of the workload's containers; required.
	Log logs.Group
	// Secrets maps names of variables to the ARNs of SSM parameters, the database user's among them. Default none.
	Secrets map[string]pulumi.StringInput
	// Reach is where the tasks may connect to. Empty means nowhere, not even to pull the image.
	Reach []Peer
}

// Container is the workload's own container.
type Container struct {
	// EntryPoint is what Command is given to, in exec form; a run's launcher replaces Command only. Default
	// /usr/bin/env, which runs the command as it is.
	EntryPoint []string
	// Command is in exec form; required.
	Command []string
	// Environment is added to the platform's. Default none.
	Environment map[string]pulumi.StringInput
	// Port is the TCP port it listens on. 0 means none.
	Port int
	// HealthCheck is run by ECS inside the container; one that fails gets the task replaced. Nil means none.
	HealthCheck *HealthCheck
	// StopSeconds is the time between SIGTERM and SIGKILL, 2 to 120; required.
	StopSeconds int
}

// Init is a container that must succeed before the workload's own starts.
type Init struct {
	// Name is unique in the task; required.
	Name string
	// Command is in exec form, of strings or Outputs; required.
	Command []any
}

// Peer is the other end of allowed traffic.
type Peer = traffic.Peer

type (
	// Statement is a statement of a policy.
	Statement = iamdoc.Statement
	// Condition narrows a statement.
	Condition = iamdoc.Condition
	// Principal is whom a statement is about.
	Principal = iamdoc.Principal
	// HealthCheck is how ECS sees whether a container works.
	HealthCheck = containerdef.HealthCheck
)

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Take("Kind", rules.WorkloadKind(a.Kind))
	list.Take("Spec", a.Spec.Validate())
	list.Check(len(a.Container.Command) > 0, "Container.Command", "is required")
	list.Take("Container.StopSeconds", rules.StopTimeout(a.Container.StopSeconds))
	for i, init := range a.Init {
		at := fmt.Sprintf("Init[%d]", i)
		list.Take(at+".Name", rules.ContainerName(init.Name))
		list.Check(len(init.Command) > 0, at+".Command", "is required")
	}
	traffic.Check(&list, "ReachedBy", a.ReachedBy)
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	inputs := a.Spec.Inputs()
	inputs["kind"] = pulumi.String(a.Kind)
	return inputs
}

// Validate reports everything that is wrong with the plain values.
func (s Spec) Validate() error {
	var list problems.List
	list.Take("Platform", s.Platform.validate())
	list.Take("Image", rules.Image(s.Image))
	list.Take("CPU", rules.FargateCPU(s.CPU))
	list.Take("Memory", rules.FargateMemory(s.CPU, s.Memory))
	list.Take("Log", s.Log.Validate())
	list.Check(len(s.Secrets) == 0 || s.Platform.ParameterKeyArn != nil, "Platform.ParameterKeyArn", "is required with Secrets")
	traffic.Check(&list, "Reach", s.Reach)
	return list.Err()
}

// Inputs are the facts worth seeing in a component's state.
func (s Spec) Inputs() pulumi.Map {
	return pulumi.Map{
		"image":  pulumi.String(s.Image),
		"cpu":    pulumi.Int(s.CPU),
		"memory": pulumi.Int(s.Memory),
	}
}
