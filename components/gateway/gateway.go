package gateway

import (
	"strconv"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/workload"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:gateway:Gateway"

const (
	// kind is the gateway's short name, as it stands in the family and in log streams.
	kind = "gateway"
	// stopSeconds is enough for what only waits.
	stopSeconds = 2
	// lifetime is after what time a task ends that nobody has stopped.
	lifetime = 12 * time.Hour
)

// Gateway is the way into the network.
type Gateway struct {
	pulumi.ResourceState

	// TaskDefinitionArn is the task definition with its revision.
	TaskDefinitionArn pulumi.StringOutput
	// SecurityGroupID is the group of the tasks. It reaches nothing in the network before somebody lets it in.
	SecurityGroupID pulumi.StringOutput

	// Needed are what has to be there before a task is started.
	Needed []pulumi.Resource

	args *Args
}

type builder struct {
	*component.Scope
	*Gateway
}

// New builds the gateway.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Gateway, error) {
	gateway := &Gateway{args: args}
	scope, err := component.Open(ctx, TypeToken, name, gateway, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Gateway: gateway}
	if err := scope.Run(b.buildWorkload); err != nil {
		return nil, err
	}
	return gateway, scope.Close(pulumi.Map{
		"taskDefinitionArn": gateway.TaskDefinitionArn, "securityGroupId": gateway.SecurityGroupID,
	})
}

func (b *builder) buildWorkload() error {
	made, err := workload.New(b.Ctx, b.Scope.Name, &workload.Args{
		Spec: b.args.Spec,
		Kind: kind,
		Container: workload.Container{
			Command: []string{"sleep", strconv.Itoa(int(lifetime.Seconds()))}, StopSeconds: stopSeconds,
		},
		Exec: true,
	}, b.Options()...)
	if err != nil {
		return err
	}
	b.TaskDefinitionArn, b.SecurityGroupID, b.Needed = made.TaskDefinitionArn, made.SecurityGroupID, made.Needed
	return nil
}
