package main

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/outputs"
)

// port is the one that runs may connect to anywhere, without code.destinations. Give its listener a certificate where the service
// has a name.
const port = 443

// The port at which the service's tasks listen.
const taskPort = 8080

// serve runs the service in the network of Dagster, behind a load balancer that lets runs in and nobody else.
func serve(ctx *pulumi.Context, dagster *outputs.Dagster) (*lb.LoadBalancer, error) {
	front, tasks, err := groups(ctx, dagster)
	if err != nil {
		return nil, err
	}
	balancer, err := lb.NewLoadBalancer(ctx, "service", &lb.LoadBalancerArgs{
		Name: pulumi.String(name), Internal: pulumi.Bool(true),
		Subnets: pulumi.ToStringArray(dagster.PrivateSubnetIDs), SecurityGroups: pulumi.StringArray{front.ID()},
	})
	if err != nil {
		return nil, fmt.Errorf("make the load balancer: %w", err)
	}
	target, err := lb.NewTargetGroup(ctx, "service", &lb.TargetGroupArgs{
		Name: pulumi.String(name), TargetType: pulumi.String("ip"), Port: pulumi.Int(taskPort), Protocol: pulumi.String("HTTP"),
		VpcId: pulumi.String(dagster.VpcID), HealthCheck: &lb.TargetGroupHealthCheckArgs{Path: pulumi.String("/")},
	})
	if err != nil {
		return nil, fmt.Errorf("make the target group: %w", err)
	}
	listener, err := lb.NewListener(ctx, "service", &lb.ListenerArgs{
		LoadBalancerArn: balancer.Arn, Port: pulumi.Int(port), Protocol: pulumi.String("HTTP"),
		DefaultActions: lb.ListenerDefaultActionArray{
			&lb.ListenerDefaultActionArgs{Type: pulumi.String("forward"), TargetGroupArn: target.Arn},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("make the listener: %w", err)
	}
	return balancer, run(ctx, dagster, tasks, target, listener)
}

// groups are those of the load balancer and of the tasks. Runs reach the first, it reaches the second, and tasks fetch their image.
func groups(ctx *pulumi.Context, dagster *outputs.Dagster) (front, tasks *ec2.SecurityGroup, err error) {
	for of, into := range map[string]**ec2.SecurityGroup{"balancer": &front, "tasks": &tasks} {
		if *into, err = ec2.NewSecurityGroup(ctx, of, &ec2.SecurityGroupArgs{
			Name: pulumi.String(name + "-" + of), Description: pulumi.String("The " + of + " of " + name), VpcId: pulumi.String(dagster.VpcID),
		}); err != nil {
			return nil, nil, fmt.Errorf("make the group of the %s: %w", of, err)
		}
	}
	for rule, args := range map[string]*vpc.SecurityGroupIngressRuleArgs{
		"runs":     {SecurityGroupId: front.ID(), ReferencedSecurityGroupId: pulumi.String(dagster.RunSecurityGroupID), FromPort: pulumi.Int(port)},
		"balancer": {SecurityGroupId: tasks.ID(), ReferencedSecurityGroupId: front.ID(), FromPort: pulumi.Int(taskPort)},
	} {
		args.IpProtocol, args.ToPort = pulumi.String("tcp"), args.FromPort
		if _, err := vpc.NewSecurityGroupIngressRule(ctx, rule, args); err != nil {
			return nil, nil, fmt.Errorf("let the %s in: %w", rule, err)
		}
	}
	for rule, args := range map[string]*vpc.SecurityGroupEgressRuleArgs{
		"to-tasks": {SecurityGroupId: front.ID(), ReferencedSecurityGroupId: tasks.ID(), FromPort: pulumi.Int(taskPort)},
		"to-aws":   {SecurityGroupId: tasks.ID(), CidrIpv4: pulumi.String("0.0.0.0/0"), FromPort: pulumi.Int(port)},
	} {
		args.IpProtocol, args.ToPort = pulumi.String("tcp"), args.FromPort
		if _, err := vpc.NewSecurityGroupEgressRule(ctx, rule, args); err != nil {
			return nil, nil, fmt.Errorf("let out %s: %w", rule, err)
		}
	}
	return front, tasks, nil
}

// run keeps the service in a cluster of the team's own.
func run(
	ctx *pulumi.Context, dagster *outputs.Dagster, tasks *ec2.SecurityGroup, target *lb.TargetGroup, listener *lb.Listener,
) error {
	cluster, err := ecs.NewCluster(ctx, "service", &ecs.ClusterArgs{Name: pulumi.String(name)})
	if err != nil {
		return fmt.Errorf("make the cluster: %w", err)
	}
	execution, err := iam.NewRole(ctx, "execution", &iam.RoleArgs{
		Name: pulumi.String(name + "-execution"), AssumeRolePolicy: trustTasks(),
	})
	if err != nil {
		return fmt.Errorf("make the execution role: %w", err)
	}
	pull, err := iam.NewRolePolicyAttachment(ctx, "execution", &iam.RolePolicyAttachmentArgs{
		Role: execution.Name, PolicyArn: pulumi.String("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"),
	})
	if err != nil {
		return fmt.Errorf("let tasks fetch their image: %w", err)
	}
	image, _ := ctx.GetConfig("stories:image")
	containers, err := container(image)
	if err != nil {
		return err
	}
	definition, err := ecs.NewTaskDefinition(ctx, "service", &ecs.TaskDefinitionArgs{
		Family: pulumi.String(name), NetworkMode: pulumi.String("awsvpc"), RequiresCompatibilities: pulumi.ToStringArray([]string{"FARGATE"}),
		Cpu: pulumi.String("256"), Memory: pulumi.String("512"), ExecutionRoleArn: execution.Arn, ContainerDefinitions: pulumi.String(containers),
	})
	if err != nil {
		return fmt.Errorf("define the task: %w", err)
	}
	_, err = ecs.NewService(ctx, "service", &ecs.ServiceArgs{
		Name: pulumi.String(name), Cluster: cluster.Arn, TaskDefinition: definition.Arn, DesiredCount: pulumi.Int(1),
		LaunchType: pulumi.String("FARGATE"), WaitForSteadyState: pulumi.Bool(true),
		NetworkConfiguration: &ecs.ServiceNetworkConfigurationArgs{
			Subnets: pulumi.ToStringArray(dagster.PrivateSubnetIDs), SecurityGroups: pulumi.StringArray{tasks.ID()},
		},
		LoadBalancers: ecs.ServiceLoadBalancerArray{
			&ecs.ServiceLoadBalancerArgs{TargetGroupArn: target.Arn, ContainerName: pulumi.String(name), ContainerPort: pulumi.Int(taskPort)},
		},
	}, pulumi.DependsOn([]pulumi.Resource{listener, pull}))
	if err != nil {
		return fmt.Errorf("run the service: %w", err)
	}
	return nil
}
