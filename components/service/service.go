package service

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/cluster"
	"dagster-ecs/components/component"
	"dagster-ecs/components/workload"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:service:Service"

// Service is a workload that is kept running.
type Service struct {
	pulumi.ResourceState

	// Name is the ECS service's name.
	Name pulumi.StringOutput
	// Deployed is what others wait for that may only change once the service runs what it was given.
	Deployed Before
	// TaskRoleArn is the role that the workload itself acts as.
	TaskRoleArn pulumi.StringOutput
	// SecurityGroupID is the group of the tasks.
	SecurityGroupID pulumi.StringOutput
}

type builder struct {
	*component.Scope
	*Service
	args     *Args
	workload *workload.Workload
	deployed *deployed
	after    []*pulumi.ResourceHook
	running  pulumi.StringOutput
}

// New builds the service and its workload.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Service, error) {
	service := &Service{}
	scope, err := component.Open(ctx, TypeToken, name, service, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Service: service, args: args}
	if err := scope.Run(b.buildWorkload, b.follow, b.keepRunning); err != nil {
		return nil, err
	}
	return service, scope.Close(pulumi.Map{
		"name":              service.Name,
		"taskDefinitionArn": b.running,
		"taskRoleArn":       service.TaskRoleArn,
		"securityGroupId":   service.SecurityGroupID,
	})
}

func (b *builder) buildWorkload() (err error) {
	b.workload, err = workload.New(b.Ctx, b.Scope.Name, &b.args.Workload, b.Options()...)
	if err != nil {
		return err
	}
	b.TaskRoleArn, b.SecurityGroupID = b.workload.TaskRoleArn, b.workload.SecurityGroupID
	return nil
}

func (b *builder) keepRunning() error {
	// ECS drains a deleted service by its roles: with their policies gone first it would stay in DRAINING. And a task
	// that starts before its rules are there can neither pull its image nor reach the database.
	needed := slices.Clone(b.workload.Needed)
	if b.args.Target != nil {
		needed = append(needed, b.args.Target.Listener)
	}
	needed = append(needed, b.args.Before.Ready...)
	options := []pulumi.ResourceOption{
		pulumi.DependsOn(needed),
		pulumi.ResourceHooks(&pulumi.ResourceHookBinding{
			BeforeCreate: b.args.Before.Hooks, BeforeUpdate: b.args.Before.Hooks,
			AfterCreate: b.after, AfterUpdate: b.after,
		}),
	}
	if b.args.Scaled {
		options = append(options, pulumi.IgnoreChanges([]string{"desiredCount"}))
	}
	made, err := ecs.NewService(b.Ctx, b.Child("service"), b.serviceArgs(), b.Options(options...)...)
	if err != nil {
		return fmt.Errorf("create service %s: %w", b.workload.Family, err)
	}
	b.Service.Name, b.Deployed.Ready, b.running = made.Name, []pulumi.Resource{made}, b.workload.TaskDefinitionArn
	if b.deployed != nil {
		b.running = b.deployed.check(made.ID(), b.workload.TaskDefinitionArn)
	}
	return nil
}

func (b *builder) serviceArgs() *ecs.ServiceArgs {
	platform := b.args.Workload.Spec.Platform
	args := &ecs.ServiceArgs{
		Name:           pulumi.String(b.workload.Family),
		Cluster:        platform.Cluster.Arn,
		TaskDefinition: b.workload.TaskDefinitionArn,
		DesiredCount:   pulumi.Int(b.args.Count),
		CapacityProviderStrategies: ecs.ServiceCapacityProviderStrategyArray{
			&ecs.ServiceCapacityProviderStrategyArgs{CapacityProvider: pulumi.String(cluster.Fargate), Weight: pulumi.Int(1)},
		},
		PlatformVersion:                 pulumi.String("LATEST"),
		DeploymentMinimumHealthyPercent: pulumi.Int(b.args.MinPercent),
		DeploymentMaximumPercent:        pulumi.Int(b.args.MaxPercent),
		DeploymentCircuitBreaker: &ecs.ServiceDeploymentCircuitBreakerArgs{
			Enable: pulumi.Bool(true), Rollback: pulumi.Bool(true),
		},
		AvailabilityZoneRebalancing: pulumi.String(enabled(b.args.Rebalance)),
		NetworkConfiguration: &ecs.ServiceNetworkConfigurationArgs{
			AssignPublicIp: pulumi.Bool(false),
			SecurityGroups: pulumi.StringArray{b.workload.SecurityGroupID},
			Subnets:        platform.Subnets,
		},
		EnableExecuteCommand: pulumi.Bool(false),
		EnableEcsManagedTags: pulumi.Bool(true),
		PropagateTags:        pulumi.String("SERVICE"),
		// A hook waits for the deployment: the provider takes a service that was rolled back for a success, and waits for
		// 20 minutes for one that has nothing to go back to.
		WaitForSteadyState: pulumi.Bool(false),
	}
	if alarms := b.args.Alarms; alarms != nil {
		args.Alarms = &ecs.ServiceAlarmsArgs{
			AlarmNames: alarms.Names, Enable: pulumi.Bool(alarms.Enabled), Rollback: pulumi.Bool(alarms.Enabled),
		}
	}
	if target := b.args.Target; target != nil {
		args.HealthCheckGracePeriodSeconds = pulumi.Int(target.GraceSeconds)
		args.LoadBalancers = ecs.ServiceLoadBalancerArray{&ecs.ServiceLoadBalancerArgs{
			TargetGroupArn: target.GroupArn.ToStringOutput().ToStringPtrOutput(),
			ContainerName:  pulumi.String(b.workload.Family),
			ContainerPort:  pulumi.Int(b.args.Workload.Container.Port),
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
