package deployroles

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/pipeline"
	"dagster-ecs/internal/deployaccess"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Args describe the roles of one stack.
type Args struct {
	// Location is where the state is; required.
	Location component.Location
	// Project and Stack are the names by which Pulumi keeps the state; required.
	Project, Stack string
	// Access is what the roles may do, but for the state; required.
	Access Access
	// State is where the state is; required.
	State State
	// Pipeline is the repository whose jobs take the roles. Default nil: people of the account alone do.
	Pipeline *pipeline.Repository
}

// Access is what a deployment of a stack does, as the program knows of its settings.
type (
	Access = deployaccess.Access
	// Role is one of the two that deploy and preview.
	Role = deployaccess.Role
	// Policy is a document with its name.
	Policy = deployaccess.Policy
)

// State is where the state of a stack is.
type State struct {
	// Bucket is the bucket's name; required.
	Bucket string
	// KeyArn is the key of its objects, SecretsKeyArn that of the stack's secrets; required.
	KeyArn, SecretsKeyArn pulumi.StringInput
}

// Validate joins every problem.
func (a *Args) Validate() error {
	var list problems.List
	list.Take("Location", a.Location.Validate())
	list.Required("Project", a.Project)
	list.Take("Stack", rules.Stack(a.Stack))
	list.Required("Access.Boundary.Name", a.Access.Boundary.Name)
	list.Required("State.Bucket", a.State.Bucket)
	list.Check(a.State.KeyArn != nil && a.State.SecretsKeyArn != nil, "State", "both keys are required")
	if a.Pipeline != nil {
		list.Take("Pipeline", a.Pipeline.Validate())
	}
	return list.Err()
}

// Inputs are the facts recorded in the state.
func (a *Args) Inputs() pulumi.Map {
	return pulumi.Map{"deploy": pulumi.String(a.Access.Deploy.Name), "preview": pulumi.String(a.Access.Preview.Name)}
}
