// Package awstest reads what a program registered as AWS reads it: the policies of roles and the containers of task
// definitions. It links nothing of the AWS SDK.
package awstest

import (
	"slices"
	"strings"
	"testing"

	"dagster-ecs/internal/pulumitest"
)

// Type tokens that the tests look for.
const (
	Role           = "aws:iam/role:Role"
	rolePolicy     = "aws:iam/rolePolicy:RolePolicy"
	TaskDefinition = "aws:ecs/taskDefinition:TaskDefinition"
	Service        = "aws:ecs/service:Service"
	SecurityGroup  = "aws:ec2/securityGroup:SecurityGroup"
	EgressRule     = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	IngressRule    = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
)

// Policy is a policy document as IAM reads it.
type Policy struct {
	Statement []Statement `json:"Statement"`
}

// Statement is a statement as IAM reads it.
type Statement struct {
	Sid       string                    `json:"Sid"`
	Action    []string                  `json:"Action"`
	Resource  []string                  `json:"Resource"`
	Condition map[string]map[string]any `json:"Condition"`
}

// PolicyOf is the policy of the role with the logical name <name>-role; empty where the role has none.
func PolicyOf(t testing.TB, recorder *pulumitest.Recorder, name string) Policy {
	t.Helper()
	recorder.One(t, Role, name+"-role")
	var policy Policy
	for _, each := range recorder.Of(rolePolicy) {
		if each.Name == name+"-policy" {
			each.Document(t, "policy", &policy)
		}
	}
	return policy
}

// Actions are all the actions that are allowed, sorted.
func (p Policy) Actions() []string {
	var actions []string
	for _, statement := range p.Statement {
		actions = append(actions, statement.Action...)
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}

// Of is the statement that allows an action.
func (p Policy) Of(t testing.TB, action string) Statement {
	t.Helper()
	for _, statement := range p.Statement {
		if slices.Contains(statement.Action, action) {
			return statement
		}
	}
	t.Fatalf("%s is not allowed; allowed are %s", action, strings.Join(p.Actions(), ", "))
	return Statement{}
}

// Container is a container definition as ECS reads it.
type Container struct {
	Name      string                                      `json:"name"`
	Entry     []string                                    `json:"entryPoint"`
	Command   []string                                    `json:"command"`
	Essential bool                                        `json:"essential"`
	User      string                                      `json:"user"`
	Port      []any                                       `json:"portMappings"`
	DependsOn []struct{ ContainerName, Condition string } `json:"dependsOn"`
	Secrets   []struct{ Name, ValueFrom string }          `json:"secrets"`
	Variables []struct{ Name, Value string }              `json:"environment"`
	Check     *Check                                      `json:"healthCheck"`
	StopAfter int                                         `json:"stopTimeout"`
	ReadOnly  bool                                        `json:"readonlyRootFilesystem"`
	Mounts    []any                                       `json:"mountPoints"`
}

// Check is a health check as ECS reads it, in seconds.
type Check struct {
	Command                        []string
	Interval, Retries, StartPeriod int
}

// ContainersOf are the containers of the task definition with a logical name, by their names.
func ContainersOf(t testing.TB, recorder *pulumitest.Recorder, definition string) map[string]Container {
	t.Helper()
	var list []Container
	recorder.One(t, TaskDefinition, definition).Document(t, "containerDefinitions", &list)
	containers := map[string]Container{}
	for _, container := range list {
		containers[container.Name] = container
	}
	return containers
}

// Environment is a container's environment.
func (c Container) Environment() map[string]string {
	environment := map[string]string{}
	for _, variable := range c.Variables {
		environment[variable.Name] = variable.Value
	}
	return environment
}

// SecretSources are where a container's secrets come from, by name.
func (c Container) SecretSources() map[string]string {
	sources := map[string]string{}
	for _, secret := range c.Secrets {
		sources[secret.Name] = secret.ValueFrom
	}
	return sources
}
