package service

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/containerdef"
	"dagster-ecs/internal/problems"
)

const (
	// InstancePath is where the services find dagster.yaml.
	InstancePath = Home + "/" + instanceFile
	// ConfigHashVariable carries the hash of the configuration: a change of it makes a new revision, which rolls the
	// service. Nothing reads it.
	ConfigHashVariable = "DAGSTER_CONFIG_HASH"

	instanceFile  = "dagster.yaml"
	workspaceFile = "workspace.yaml"
)

// Configuration is what a service of Dagster reads from DAGSTER_HOME, kept as objects in the bucket.
type Configuration struct {
	// InstanceKey is the object's key of dagster.yaml; required.
	InstanceKey pulumi.StringInput
	// WorkspaceKey is the object's key of workspace.yaml; required.
	WorkspaceKey pulumi.StringInput
	// Hash is the hash of both contents; required.
	Hash pulumi.StringInput
}

// Validate reports what is missing.
func (c Configuration) Validate() error {
	var list problems.List
	list.Check(c.InstanceKey != nil, "InstanceKey", "is required")
	list.Check(c.WorkspaceKey != nil, "WorkspaceKey", "is required")
	list.Check(c.Hash != nil, "Hash", "is required")
	return list.Err()
}

// WorkspacePath is where the services find workspace.yaml.
func (Configuration) WorkspacePath() string {
	return Home + "/" + workspaceFile
}

// Init is the init container that copies the objects into DAGSTER_HOME.
func (c Configuration) Init() Init {
	command := containerdef.Configure(
		pulumi.Sprintf("%s=%s", c.InstanceKey, instanceFile),
		pulumi.Sprintf("%s=%s", c.WorkspaceKey, workspaceFile),
	)
	return Init{Name: "configure", Command: command}
}
