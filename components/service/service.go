package service

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/cluster"
	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/traffic"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:service:Service"

const (
	// User is the user and group that every container runs as; the image must have it.
	User = "10001:10001"
	// Home is DAGSTER_HOME in every container: a scratch volume, empty when a task starts.
	Home = "/opt/dagster"

	homeVolume = "dagster-home"
	tmpVolume  = "tmp"
	tmp        = "/tmp"

	// groupNameLimit holds for security groups (EC2 CreateSecurityGroup, GroupName).
	groupNameLimit = 255
)

// Service is a workload on ECS.
type Service struct {
	pulumi.ResourceState

	// TaskDefinitionArn is the task definition with its revision.
	TaskDefinitionArn pulumi.StringOutput
	// TaskRoleArn is the role that the workload itself acts as.
	TaskRoleArn pulumi.StringOutput
	// ExecutionRoleArn is the role that ECS starts the tasks with.
	ExecutionRoleArn pulumi.StringOutput
	// SecurityGroupID is the group of the tasks.
	SecurityGroupID pulumi.StringOutput
	// ServiceName is the ECS service's name; empty without a deployment.
	ServiceName pulumi.StringOutput
}

// builder holds what the steps pass on to each other.
type builder struct {
	*component.Scope
	*Service
	args *Args

	name       string
	policies   []pulumi.Resource
	group      *traffic.Group
	definition *ecs.TaskDefinition
}

// New builds the workload. The logical names of its children are API: <name>-execution-role, -task-role, their
// policies, -group, -definition, -service, and a rule per peer.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Service, error) {
	service := &Service{}
	scope, err := component.Open(ctx, TypeToken, name, service, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Service: service, args: args, name: args.Workload.Platform.Names.Workload(args.Kind)}
	if err := scope.Run(b.roles, b.network, b.taskDefinition, b.deploy); err != nil {
		return nil, err
	}
	return service, scope.Close(pulumi.Map{
		"taskDefinitionArn": service.TaskDefinitionArn,
		"taskRoleArn":       service.TaskRoleArn,
		"executionRoleArn":  service.ExecutionRoleArn,
		"securityGroupId":   service.SecurityGroupID,
		"serviceName":       service.ServiceName,
	})
}

// network makes the tasks' security group and a rule per peer and direction.
func (b *builder) network() (err error) {
	platform := b.args.Workload.Platform
	b.group, err = traffic.New(b.Scope, traffic.Args{
		Suffix:      "group",
		Name:        platform.Names.Scoped(groupNameLimit, b.args.Kind),
		Description: "Tasks of " + b.name,
		VpcID:       platform.VpcID,
		Reach:       b.args.Workload.Reach,
		ReachedBy:   b.args.ReachedBy,
	})
	if err != nil {
		return err
	}
	b.SecurityGroupID = b.group.ID
	return nil
}

// deploy makes the ECS service, where one is asked for.
func (b *builder) deploy() error {
	d := b.args.Deployment
	if d == nil {
		b.ServiceName = pulumi.String("").ToStringOutput()
		return nil
	}
	// ECS drains a deleted service by its roles: with their policies gone first it would stay in DRAINING. And a task
	// that starts before its rules are there can neither pull its image nor reach the database.
	options := []pulumi.ResourceOption{pulumi.DependsOn(slices.Concat(b.policies, b.group.Rules, d.After))}
	if d.Autoscaled {
		options = append(options, pulumi.IgnoreChanges([]string{"desiredCount"}))
	}
	service, err := ecs.NewService(b.Ctx, b.Child("service"), b.serviceArgs(d), b.Options(options...)...)
	if err != nil {
		return fmt.Errorf("create service %s: %w", b.name, err)
	}
	b.ServiceName = service.Name
	return nil
}

func (b *builder) serviceArgs(d *Deployment) *ecs.ServiceArgs {
	platform := b.args.Workload.Platform
	args := &ecs.ServiceArgs{
		Name:           pulumi.String(b.name),
		Cluster:        platform.ClusterArn,
		TaskDefinition: b.definition.Arn,
		DesiredCount:   pulumi.Int(d.Count),
		CapacityProviderStrategies: ecs.ServiceCapacityProviderStrategyArray{
			&ecs.ServiceCapacityProviderStrategyArgs{CapacityProvider: pulumi.String(cluster.Fargate), Weight: pulumi.Int(1)},
		},
		PlatformVersion:                 pulumi.String("LATEST"),
		DeploymentMinimumHealthyPercent: pulumi.Int(d.MinPercent),
		DeploymentMaximumPercent:        pulumi.Int(d.MaxPercent),
		DeploymentCircuitBreaker: &ecs.ServiceDeploymentCircuitBreakerArgs{
			Enable: pulumi.Bool(true), Rollback: pulumi.Bool(true),
		},
		AvailabilityZoneRebalancing: pulumi.String(enabled(d.Rebalance)),
		NetworkConfiguration: &ecs.ServiceNetworkConfigurationArgs{
			AssignPublicIp: pulumi.Bool(false),
			SecurityGroups: pulumi.StringArray{b.group.ID},
			Subnets:        platform.Subnets,
		},
		EnableExecuteCommand: pulumi.Bool(platform.Exec),
		EnableEcsManagedTags: pulumi.Bool(true),
		PropagateTags:        pulumi.String("SERVICE"),
		// The run definition's old revision is deregistered at the end of an update: no daemon may still start it then.
		WaitForSteadyState: pulumi.Bool(true),
	}
	if d.TargetGroupArn != nil {
		args.HealthCheckGracePeriodSeconds = pulumi.Int(d.GraceSeconds)
		args.LoadBalancers = ecs.ServiceLoadBalancerArray{&ecs.ServiceLoadBalancerArgs{
			TargetGroupArn: d.TargetGroupArn.ToStringOutput().ToStringPtrOutput(),
			ContainerName:  pulumi.String(b.name),
			ContainerPort:  pulumi.Int(b.args.Container.Port),
		}}
	}
	return args
}

func enabled(on bool) string {
	if on {
		return "ENABLED"
	}
	return "DISABLED"
}
