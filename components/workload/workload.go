package workload

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/traffic"
	"dagster-ecs/components/naming"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:workload:Workload"

const (
	// User is the user and group that every container runs as; the image must have it.
	User = "10001:10001"
	// Home is DAGSTER_HOME in every container: a scratch volume, empty when a task starts.
	Home = "/opt/dagster"

	homeVolume = "dagster-home"
	tmpVolume  = "tmp"
	tmp        = "/tmp"
)

// Workload is what runs as a task.
type Workload struct {
	pulumi.ResourceState

	// Family is the name of the task definition and of the workload's own container, known at plan time.
	Family string
	// TaskDefinitionArn is the task definition with its revision.
	TaskDefinitionArn pulumi.StringOutput
	// TaskRoleArn is the role that the workload itself acts as.
	TaskRoleArn pulumi.StringOutput
	// ExecutionRoleArn is the role that ECS starts the tasks with.
	ExecutionRoleArn pulumi.StringOutput
	// SecurityGroupID is the group of the tasks.
	SecurityGroupID pulumi.StringOutput
	// Needed are the definition, and the policies and rules without which a task can neither start nor work. A resource that
	// depends on the component instead may miss some: the SDK adds children to a component while others look at them.
	Needed []pulumi.Resource
}

type builder struct {
	*component.Scope
	*Workload
	args       *Args
	definition *ecs.TaskDefinition
}

// New builds the workload.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Workload, error) {
	workload := &Workload{}
	scope, err := component.Open(ctx, TypeToken, name, workload, args, opts...)
	if err != nil {
		return nil, err
	}
	workload.Family = args.Spec.Platform.Names.Workload(args.Kind)
	b := &builder{Scope: scope, Workload: workload, args: args}
	if err := scope.Run(b.roles, b.network, b.taskDefinition); err != nil {
		return nil, err
	}
	return workload, scope.Close(pulumi.Map{
		"taskDefinitionArn": workload.TaskDefinitionArn,
		"taskRoleArn":       workload.TaskRoleArn,
		"executionRoleArn":  workload.ExecutionRoleArn,
		"securityGroupId":   workload.SecurityGroupID,
	})
}

// network makes the tasks' security group and a rule per peer and direction.
func (b *builder) network() error {
	platform := b.args.Spec.Platform
	group, err := traffic.New(b.Scope, traffic.Args{
		Suffix:      "tasks",
		Name:        platform.Names.Scoped(naming.SecurityGroupLimit, b.args.Kind),
		Description: "Tasks of " + b.Family,
		VpcID:       platform.VpcID,
		Reach:       b.args.Spec.Reach,
		ReachedBy:   b.args.ReachedBy,
	})
	if err != nil {
		return err
	}
	b.SecurityGroupID = group.ID
	b.Needed = append(b.Needed, group.Rules...)
	return nil
}
