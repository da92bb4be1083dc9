package configuration

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/dagsterconf"
	"dagster-ecs/internal/problems"
)

// Args say what is rendered and where it is stored.
type Args struct {
	// Bucket is the name of the bucket; required.
	Bucket pulumi.StringInput
	// Prefix is where the objects lie in the bucket, without a slash at either end, in a folder per state of the files;
	// required.
	Prefix string
	// Instance is dagster.yaml as far as it is known at plan time: what Launch gives is left out; required.
	Instance Instance
	// Launch is what AWS says of where runs are started; required.
	Launch Launch
	// Workspace is workspace.yaml; required.
	Workspace Workspace
	// Generation is a text that changes with whatever else the services must be rolled for: ECS reads a parameter when a
	// task starts, and a definition names only its ARN. It stands in the definitions in plain text. Nil means nothing.
	Generation pulumi.StringInput
}

type (
	// Instance is what dagster.yaml is rendered from.
	Instance = dagsterconf.Instance
	// Queue bounds the runs in progress.
	Queue = dagsterconf.Queue
	// TagLimit bounds the runs that carry a tag.
	TagLimit = dagsterconf.TagLimit
	// Launcher says how a run is started.
	Launcher = dagsterconf.Launcher
	// Capacity is a capacity provider and its share of the runs.
	Capacity = dagsterconf.Capacity
	// Workspace is what workspace.yaml is rendered from.
	Workspace = dagsterconf.Workspace
)

// Launch is what AWS says of where runs are started.
type Launch struct {
	// TaskDefinitionArn is the run task definition with its revision; required.
	TaskDefinitionArn pulumi.StringInput
	// SubnetIDs are where runs are placed; required.
	SubnetIDs pulumi.StringArrayInput
	// SecurityGroupID is the group of the runs; required.
	SecurityGroupID pulumi.StringInput
}

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Check(a.Bucket != nil, "Bucket", "is required")
	list.Required("Prefix", a.Prefix)
	list.Take("Instance", a.Instance.Validate())
	list.Check(a.Launch.TaskDefinitionArn != nil, "Launch.TaskDefinitionArn", "is required")
	list.Check(a.Launch.SubnetIDs != nil, "Launch.SubnetIDs", "is required")
	list.Check(a.Launch.SecurityGroupID != nil, "Launch.SecurityGroupID", "is required")
	list.Take("Workspace", a.Workspace.Validate())
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return pulumi.Map{"file": pulumi.String(a.Instance.Name), "prefix": pulumi.String(a.Prefix)}
}
