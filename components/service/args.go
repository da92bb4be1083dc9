package service

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/traffic"
	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/containerdef"
	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/naming"
	"dagster-ecs/internal/problems"
)

// Args describes one workload.
type Args struct {
	// Workload is what every workload of Dagster is given; required.
	Workload Workload
	// Kind is the workload's short name, such as web: it makes the family, the container's and the service's name
	// (<prefix>-<kind>) and begins the log streams; required.
	Kind string
	// Container is the workload's own container; required.
	Container Container
	// Init are containers of the same image that must succeed, in this order, before it starts. Default none.
	Init []Init
	// Permissions are the statements of the task role. Empty means that the task role may do nothing.
	Permissions []iamdoc.Statement
	// ReachedBy is who may connect to the tasks. Default nobody.
	ReachedBy []Peer
	// Deployment makes an ECS service that keeps the workload running. Nil means a task definition only.
	Deployment *Deployment
}

// Workload is what every workload of Dagster is given.
type Workload struct {
	// Platform is what all the workloads of a stack have in common; required.
	Platform Platform
	// Cpu is in Fargate units, 1024 to a vCPU; required.
	Cpu int
	// Memory is in MiB; required. Fargate allows certain pairs with Cpu only.
	Memory int
	// Log is the log group for all of the workload's containers; required.
	Log Log
	// Secrets maps names of variables to the ARNs of SSM parameters, the database user's among them. Default none.
	Secrets map[string]pulumi.StringInput
	// Reach is where the tasks may connect to. Empty means nowhere, not even to pull the image.
	Reach []Peer
}

// Platform is what all the workloads of a stack have in common.
type Platform struct {
	// Names makes the physical names; required.
	Names naming.Names
	// Location is where ARNs are made for; required.
	Location component.Location
	// Image is the image of all the workloads, with a tag or a digest; required.
	Image string
	// ClusterArn is the ECS cluster; required.
	ClusterArn pulumi.StringInput
	// VpcID is the VPC of the security groups; required.
	VpcID pulumi.StringInput
	// Subnets are the subnets of the tasks, private ones; required.
	Subnets pulumi.StringArrayInput
	// Environment is given to every workload; plain values.
	Environment map[string]pulumi.StringInput
	// ParameterKeyArn is the key of the SSM parameters that secrets come from; required.
	ParameterKeyArn pulumi.StringInput
	// Exec lets people with the permission open a shell in the tasks. Default false.
	Exec bool
}

// Container is the workload's own container.
type Container struct {
	// Command is in exec form; required.
	Command []string
	// Environment is added to the platform's. Default none.
	Environment map[string]pulumi.StringInput
	// Port is the TCP port it listens on. 0 means none.
	Port int
	// HealthCheck is run by ECS inside the container; one that fails gets the task replaced. Nil means none.
	HealthCheck *containerdef.HealthCheck
	// StopSeconds is the time between SIGTERM and SIGKILL, 2 to 120; required.
	StopSeconds int
}

// Init is a container that must succeed before the workload's own starts.
type Init struct {
	// Name is unique in the task; required.
	Name string
	// Command is in exec form, of strings or Outputs; required.
	Command []any
	// Environment is added to the platform's. Default none.
	Environment map[string]pulumi.StringInput
	// Secrets maps names to the ARNs of SSM parameters. Default none.
	Secrets map[string]pulumi.StringInput
}

// Log is a log group that exists already.
type Log struct {
	// Name is the group's name; required.
	Name pulumi.StringInput
	// Arn is the group's ARN, without :* at its end; required.
	Arn pulumi.StringInput
}

// Peer is the other end of allowed traffic.
type Peer = traffic.Peer

// Deployment says how ECS keeps the workload running.
type Deployment struct {
	// Count is how many tasks run. With Autoscaled only how many at first; required.
	Count int
	// Autoscaled leaves the number of tasks to autoscaling after creation. Default false.
	Autoscaled bool
	// MinPercent is the part of Count that stays up during a deployment, 0 to 100. Default 0: stop first, then start.
	MinPercent int
	// MaxPercent is the part of Count that may run during a deployment, 100 to 200; required.
	MaxPercent int
	// Rebalance lets ECS move tasks to even out zones, for which it starts a second one first. Default false.
	Rebalance bool
	// TargetGroupArn is the load balancer's target group. Nil means none.
	TargetGroupArn pulumi.StringInput
	// GraceSeconds is how long the balancer's health check does not count after a start. Default 0.
	GraceSeconds int
	// After are resources that must be there first though no value of theirs is used here; say why where it is set.
	After []pulumi.Resource
}

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Required("Kind", a.Kind)
	list.Nest("Workload", a.Workload.Validate())
	list.Check(len(a.Container.Command) > 0, "Container.Command", "is required")
	list.Between("Container.StopSeconds", a.Container.StopSeconds, 2, 120)
	for _, init := range a.Init {
		list.Required("Init.Name", init.Name)
		list.Check(len(init.Command) > 0, "Init.Command", "is required")
	}
	traffic.Check(&list, "ReachedBy", a.ReachedBy)
	if a.Deployment != nil {
		list.Nest("Deployment", a.Deployment.validate(a.Container.Port))
	}
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	inputs := a.Workload.Inputs()
	inputs["kind"] = pulumi.String(a.Kind)
	return inputs
}

// Validate reports everything that is wrong with the plain values.
func (w Workload) Validate() error {
	var list problems.List
	list.Nest("Platform", w.Platform.validate())
	list.Check(slices.Contains(capacity.Memories(w.Cpu), w.Memory), "Memory",
		"%d MiB with Cpu %d is no size that Fargate has", w.Memory, w.Cpu)
	list.Check(w.Log.Name != nil && w.Log.Arn != nil, "Log", "is required")
	traffic.Check(&list, "Reach", w.Reach)
	return list.Err()
}

// Inputs are the facts worth seeing in a component's state.
func (w Workload) Inputs() pulumi.Map {
	return pulumi.Map{
		"image":  pulumi.String(w.Platform.Image),
		"cpu":    pulumi.Int(w.Cpu),
		"memory": pulumi.Int(w.Memory),
	}
}

func (p Platform) validate() error {
	var list problems.List
	list.Required("Names", p.Names.Prefix())
	list.Required("Image", p.Image)
	list.Check(p.ClusterArn != nil, "ClusterArn", "is required")
	list.Check(p.VpcID != nil, "VpcID", "is required")
	list.Check(p.Subnets != nil, "Subnets", "is required")
	list.Check(p.ParameterKeyArn != nil, "ParameterKeyArn", "is required")
	list.Nest("Location", p.Location.Validate())
	return list.Err()
}

func (d Deployment) validate(port int) error {
	var list problems.List
	list.Between("Count", d.Count, 1, 1000)
	list.Between("MinPercent", d.MinPercent, 0, 100)
	list.Between("MaxPercent", d.MaxPercent, 100, 200)
	list.Check(d.MinPercent < d.MaxPercent, "MinPercent", "%d leaves no room below maxPercent %d", d.MinPercent, d.MaxPercent)
	list.Check(!d.Rebalance || d.MaxPercent > 100, "Rebalance", "needs maxPercent above 100")
	list.Check(d.TargetGroupArn == nil || port > 0, "TargetGroupArn", "needs a container with a port")
	return list.Err()
}
