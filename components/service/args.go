package service

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/workload"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Args describes one service.
type Args struct {
	// Workload is what is kept running; required.
	Workload workload.Args
	// Count is how many tasks run. With Scaled only how many at first; required.
	Count int
	// Scaled leaves the number of tasks after creation to what else changes it: autoscaling, or hours. Default false.
	Scaled bool
	// MinPercent is the part of Count that stays up during a deployment, 0 to 100. Default 0: stop first, then start.
	MinPercent int
	// MaxPercent is the part of Count that may run during a deployment, 100 to 200; required.
	MaxPercent int
	// Rebalance lets ECS move tasks to even out zones, for which it starts a second one first. Default false.
	Rebalance bool
	// Target is what the load balancer forwards to. Nil means that nothing is balanced.
	Target *Target
	// Alarms are those that fail a deployment. Nil says nothing of them, and leaves a service with those that it has.
	Alarms *Alarms
	// Before is what must have happened before the service is created or changed. Default nothing.
	Before Before
}

// Alarms are alarms of CloudWatch. One that goes into ALARM while a task of a new deployment runs, or for some minutes after
// all of them do, fails the deployment, and ECS takes the service back. One that is in ALARM from the beginning does not.
type Alarms struct {
	// Names are the alarms, which ECS looks for at once; required with Enabled.
	Names pulumi.StringArray
	// Enabled says that ECS looks at them. Default false.
	Enabled bool
}

// Before is what must have happened before a service is created or changed.
type Before struct {
	// Ready are resources that must be there and up to date.
	Ready []pulumi.Resource
	// Hooks must succeed, in this order, each time: one that fails leaves the service as it is.
	Hooks []*pulumi.ResourceHook
}

// Target is what the load balancer forwards to.
type Target struct {
	// GroupArn is the target group; required.
	GroupArn pulumi.StringInput
	// Listener is the listener that forwards to the group; required. ECS refuses a target group that no listener uses.
	Listener pulumi.Resource
	// GraceSeconds is how long the balancer's health check does not count after a start. Default 0.
	GraceSeconds int
}

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Take("Workload", a.Workload.Validate())
	list.Take("Count", rules.TaskCount(a.Count))
	list.Take("MinPercent", rules.MinimumPercent(a.MinPercent))
	list.Take("MaxPercent", rules.MaximumPercent(a.MaxPercent))
	list.Take("MinPercent", rules.DeploymentRoom(a.MinPercent, a.MaxPercent))
	list.Check(!a.Rebalance || a.MaxPercent > 100, "Rebalance", "needs MaxPercent above 100")
	list.Check(a.Alarms == nil || !a.Alarms.Enabled || len(a.Alarms.Names) > 0, "Alarms.Names", "are required with Enabled")
	if a.Target != nil {
		list.Check(a.Target.GroupArn != nil, "Target.GroupArn", "is required")
		list.Check(a.Target.Listener != nil, "Target.Listener", "is required")
		list.Check(a.Workload.Container.Port > 0, "Target", "needs a container with a port")
	}
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	inputs := a.Workload.Inputs()
	inputs["count"] = pulumi.Int(a.Count)
	return inputs
}
