package cluster

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/awsapi"
)

// active is the status of a cluster that takes tasks; a deleted one can be seen as INACTIVE for a while.
const (
	active   = "ACTIVE"
	inactive = "INACTIVE"
)

// describer is what of ECS's API is asked.
type describer interface {
	DescribeClusters(context.Context, *ecs.DescribeClustersInput, ...func(*ecs.Options)) (*ecs.DescribeClustersOutput, error)
}

// refuseTaken is asked before the cluster is created.
func (b *builder) refuseTaken(*pulumi.ResourceHookArgs) error {
	config, err := awsapi.Load(b.Ctx.Context(), b.args.Location.Region)
	if err != nil {
		return err
	}
	return refuseTaken(b.Ctx.Context(), ecs.NewFromConfig(config), b.args.Name)
}

// refuseTaken refuses the name of a cluster that is there: ECS's CreateCluster would hand that one over.
func refuseTaken(ctx context.Context, client describer, name string) error {
	found, err := find(ctx, client, name)
	if err != nil {
		return err
	}
	if found == nil || aws.ToString(found.Status) == inactive {
		return nil
	}
	return fmt.Errorf("cluster %s already exists and is not in this stack's state; creating it would take it over, to be changed and "+
		"deleted with this stack: set dagster:cluster.name to another name, or dagster:cluster.existing to %s to run in it as it is; "+
		"if an interrupted update of this stack left it, delete it first (aws ecs delete-cluster --cluster %s)", name, name, name)
}

// takeExisting looks the cluster up that is used as it is.
func (b *builder) takeExisting() error {
	config, err := awsapi.Load(b.Ctx.Context(), b.args.Location.Region)
	if err != nil {
		return err
	}
	existing := b.args.Existing
	arn, err := existing.lookUp(b.Ctx.Context(), ecs.NewFromConfig(config))
	if err != nil {
		return err
	}
	if want := b.args.Location.ARN("ecs", "cluster/"+existing.Name); arn != want {
		return fmt.Errorf("look up cluster %s: the credentials lead to %s, want %s", existing.Name, arn, want)
	}
	b.Ref = Ref{Name: existing.Name, Arn: pulumi.String(arn)}
	return nil
}

// lookUp gives the cluster's ARN. It refuses a cluster that tasks cannot run in.
func (e *Existing) lookUp(ctx context.Context, client describer) (arn string, err error) {
	found, err := find(ctx, client, e.Name)
	if err != nil {
		return "", err
	}
	if found == nil {
		return "", fmt.Errorf("cluster %s (dagster:cluster.existing) is not there; dagster:cluster.name builds one", e.Name)
	}
	if status := aws.ToString(found.Status); status != active {
		return "", fmt.Errorf("cluster %s (dagster:cluster.existing) is %s; it must be %s", e.Name, status, active)
	}
	needed := []string{Fargate}
	if e.Spot {
		needed = append(needed, FargateSpot)
	}
	for _, provider := range needed {
		if !slices.Contains(found.CapacityProviders, provider) {
			return "", fmt.Errorf("cluster %s (dagster:cluster.existing) lacks the capacity provider %s and has %q: add it with "+
				"aws ecs put-cluster-capacity-providers", e.Name, provider, found.CapacityProviders)
		}
	}
	if e.owns(found.Tags) {
		return "", fmt.Errorf("cluster %s (dagster:cluster.existing) is this stack's own by its tags, and would be deleted now that "+
			"the stack no longer builds it: leave it at dagster:cluster.name", e.Name)
	}
	return aws.ToString(found.ClusterArn), nil
}

// owns tells whether the tags are all those of the stack.
func (e *Existing) owns(tags []types.Tag) bool {
	for key, value := range e.Own {
		if !slices.ContainsFunc(tags, func(tag types.Tag) bool {
			return aws.ToString(tag.Key) == key && aws.ToString(tag.Value) == value
		}) {
			return false
		}
	}
	return len(e.Own) > 0
}

// find gives the cluster of a name, nil without one.
func find(ctx context.Context, client describer, name string) (*types.Cluster, error) {
	found, err := client.DescribeClusters(ctx, &ecs.DescribeClustersInput{
		Clusters: []string{name}, Include: []types.ClusterField{types.ClusterFieldTags},
	})
	if err != nil {
		return nil, fmt.Errorf("look up cluster %s: %w", name, err)
	}
	if len(found.Clusters) == 0 {
		return nil, nil
	}
	return &found.Clusters[0], nil
}
