// Package workloadtest gives the tests of workload components the surroundings that all of them need, and reads the
// policies and containers that they register.
package workloadtest

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/service"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/naming"
	"dagster-ecs/internal/pulumitest"
)

// Type tokens that the tests look for.
const (
	Role           = "aws:iam/role:Role"
	RolePolicy     = "aws:iam/rolePolicy:RolePolicy"
	TaskDefinition = "aws:ecs/taskDefinition:TaskDefinition"
	Service        = "aws:ecs/service:Service"
	SecurityGroup  = "aws:ec2/securityGroup:SecurityGroup"
	EgressRule     = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	IngressRule    = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
)

// Image is an image in a registry of AWS's documentation account.
const Image = "111122223333.dkr.ecr.us-west-1.amazonaws.com/asset-manager:1.0.0"

// Location is where the tests build.
func Location() component.Location {
	return component.Location{Partition: "aws", Region: pulumitest.Region, Account: pulumitest.Account}
}

// Platform is what all workloads have in common. Its key, cluster and VPC are computed values.
func Platform(t testing.TB) service.Platform {
	t.Helper()
	names, err := naming.New("asset-manager", pulumitest.Stack)
	if err != nil {
		t.Fatalf("make names: %v", err)
	}
	return service.Platform{
		Names:           names,
		Location:        Location(),
		Image:           Image,
		ClusterArn:      pulumi.String(Location().ARN("ecs", "cluster/fulcrum-cluster")).ToStringOutput(),
		VpcID:           pulumi.String("vpc-1").ToStringOutput(),
		Subnets:         pulumi.ToStringArray([]string{"subnet-a", "subnet-b"}).ToStringArrayOutput(),
		Environment:     map[string]pulumi.StringInput{"DAGSTER_HOME": pulumi.String(service.Home)},
		ParameterKeyArn: pulumi.String(Location().ARN("kms", "key/parameters")).ToStringOutput(),
	}
}

// Log is a log group.
func Log(kind string) service.Log {
	return service.Log{
		Name: pulumi.String("asset-manager/" + kind),
		Arn:  pulumi.String(Location().ARN("logs", "log-group:asset-manager/"+kind)),
	}
}

// Store is a bucket.
func Store() grants.Store {
	return grants.Store{
		Location:    Location(),
		BucketArn:   pulumi.String("arn:aws:s3:::bucket").ToStringOutput(),
		KeyArn:      pulumi.String(Location().ARN("kms", "key/data")).ToStringOutput(),
		ComputeLogs: "dagster/compute-logs",
		Artifacts:   "dagster/io",
		Config:      "dagster/config",
	}
}

// Runs is what the launcher starts.
func Runs() grants.Runs {
	return grants.Runs{
		Location: Location(),
		Cluster:  "fulcrum-cluster",
		Family:   "asset-manager-run",
		RoleArns: []pulumi.StringInput{
			pulumi.String(Location().GlobalARN("iam", "role/run-task")), pulumi.String(Location().GlobalARN("iam", "role/run-execution")),
		},
		LogGroupArn: Log("runs").Arn,
	}
}

// Configuration is what the services read.
func Configuration() service.Configuration {
	return service.Configuration{
		InstanceKey:  pulumi.String("dagster/config/dagster-dev.yaml").ToStringOutput(),
		WorkspaceKey: pulumi.String("dagster/config/workspace.yaml").ToStringOutput(),
		Hash:         pulumi.String("0123"),
	}
}

// Secrets are the parameters of a database user below path.
func Secrets(path string) map[string]pulumi.StringInput {
	return map[string]pulumi.StringInput{
		"DAGSTER_PG_USER":     pulumi.String(Parameter(path, "DAGSTER_PG_USER")).ToStringOutput(),
		"DAGSTER_PG_PASSWORD": pulumi.String(Parameter(path, "DAGSTER_PG_PASSWORD")).ToStringOutput(),
	}
}

// Parameter is the ARN of a parameter.
func Parameter(path, name string) string {
	return Location().ARN("ssm", "parameter"+path+"/"+name)
}

// Policy is a policy document as IAM reads it.
type Policy struct {
	Statement []Statement
}

// Statement is a statement as IAM reads it.
type Statement struct {
	Sid, Effect string
	Action      []string
	Resource    []string
	Condition   map[string]map[string]any
}

// PolicyOf is the policy of the role with a logical name; empty where the role has none.
func PolicyOf(t testing.TB, recorder *pulumitest.Recorder, role string) Policy {
	t.Helper()
	recorder.One(t, Role, role)
	var policy Policy
	for _, each := range recorder.Of(RolePolicy) {
		if each.Name == role+"-policy" {
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
	Name      string
	Command   []string
	Essential bool
	User      string
	Port      []struct{ ContainerPort, HostPort int } `json:"portMappings"`
	DependsOn []struct{ ContainerName, Condition string }
	Secrets   []struct{ Name, ValueFrom string }
	Variables []struct{ Name, Value string }                 `json:"environment"`
	Check     *struct{ Command []string }                    `json:"healthCheck"`
	StopAfter int                                            `json:"stopTimeout"`
	ReadOnly  bool                                           `json:"readonlyRootFilesystem"`
	Mounts    []struct{ SourceVolume, ContainerPath string } `json:"mountPoints"`
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
