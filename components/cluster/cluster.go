package cluster

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/problems"
)

// TypeToken is the component's type in Pulumi's state.
const TypeToken = "dagster-ecs:cluster:Cluster"

// Ref names a cluster to those who run tasks in it.
type Ref struct {
	// Name is the cluster's physical name, known at plan time; required.
	Name string
	// Arn is the cluster's ARN; required. Of a cluster that New builds it is there once the capacity providers are:
	// whoever uses it may use them.
	Arn pulumi.StringInput
}

// Validate reports everything that is wrong with the plain values.
func (r Ref) Validate() error {
	var list problems.List
	list.Required("Name", r.Name)
	list.Check(r.Arn != nil, "Arn", "is required")
	return list.Err()
}

// Cluster is an ECS cluster on Fargate.
type Cluster struct {
	pulumi.ResourceState

	// Ref is the cluster.
	Ref Ref
}

type builder struct {
	*component.Scope
	*Cluster
	args    *Args
	cluster *ecs.Cluster
}

// New builds the cluster, or looks an existing one up.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Cluster, error) {
	cluster := &Cluster{}
	scope, err := component.Open(ctx, TypeToken, name, cluster, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Cluster: cluster, args: args}
	steps := []func() error{b.createCluster, b.addCapacity}
	if args.Existing != nil {
		steps = []func() error{b.takeExisting}
	}
	if err := scope.Run(steps...); err != nil {
		return nil, err
	}
	return cluster, scope.Close(pulumi.Map{"arn": cluster.Ref.Arn, "name": pulumi.String(cluster.Ref.Name)})
}

func (b *builder) createCluster() error {
	unclaimed, err := b.BeforeCreate("unclaimed", b.refuseTaken)
	if err != nil {
		return err
	}
	b.cluster, err = ecs.NewCluster(b.Ctx, b.Child("cluster"), &ecs.ClusterArgs{
		Name: pulumi.String(b.args.Name),
		Settings: ecs.ClusterSettingArray{&ecs.ClusterSettingArgs{
			Name: pulumi.String("containerInsights"), Value: pulumi.String(b.args.insights()),
		}},
		// the provider would delete what has a fixed name first, and ECS keeps a cluster in which runs are in progress
	}, b.Options(unclaimed, pulumi.DeleteBeforeReplace(false))...)
	if err != nil {
		return fmt.Errorf("create cluster %s: %w", b.args.Name, err)
	}
	return nil
}

// addCapacity makes Fargate the default and Spot available. The cluster is given out from here, so that a service or run
// on Spot waits for the provider.
func (b *builder) addCapacity() error {
	capacity, err := ecs.NewClusterCapacityProviders(b.Ctx, b.Child("capacity"), &ecs.ClusterCapacityProvidersArgs{
		ClusterName:       b.cluster.Name,
		CapacityProviders: pulumi.ToStringArray([]string{Fargate, FargateSpot}),
		DefaultCapacityProviderStrategies: ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArray{
			&ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArgs{
				CapacityProvider: pulumi.String(Fargate), Weight: pulumi.Int(1),
			},
		},
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("add capacity to cluster %s: %w", b.args.Name, err)
	}
	b.Ref = Ref{Name: b.args.Name, Arn: component.After(b.cluster.Arn, capacity)}
	return nil
}
