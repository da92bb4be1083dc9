package registry

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// TypeToken is the component's type in Pulumi's state.
const TypeToken = "dagster-ecs:registry:Registry"

const (
	// untaggedDays is the age at which an image without a tag is deleted: a push that was not finished, or a part of another.
	untaggedDays = 7
	defaultKept  = 200
)

// Args describe the repository.
type Args struct {
	// Location is where it is; required.
	Location component.Location
	// Repository is its name; required.
	Repository string
	// Kept is how many images are kept, the latest; 1 to 10,000. Default 200. A deployed image is deleted like any other
	// once so many newer ones are there.
	Kept int
	// ReplicaRegion is where each image is copied to. Default empty: nowhere. It replaces the registry's configuration of
	// copies, of which there is one for all repositories of account and region.
	ReplicaRegion string
	// Keep says whether the repository is held on to.
	Keep component.Keep
}

// Validate joins every problem.
func (a *Args) Validate() error {
	var list problems.List
	list.Take("Location", a.Location.Validate())
	list.Take("Repository", rules.RepositoryName(a.Repository))
	list.Between("Kept", a.kept(), 1, 10_000)
	if a.ReplicaRegion != "" {
		list.Take("ReplicaRegion", rules.ReplicaRegion(a.ReplicaRegion, a.Location.Region))
	}
	return list.Err()
}

// Inputs are the facts recorded in the state.
func (a *Args) Inputs() pulumi.Map { return pulumi.Map{"repository": pulumi.String(a.Repository)} }

func (a *Args) kept() int {
	if a.Kept == 0 {
		return defaultKept
	}
	return a.Kept
}

// Registry is the repository.
type Registry struct {
	pulumi.ResourceState

	// Arn is the repository's ARN.
	Arn pulumi.StringOutput
	// URL is what an image's name begins with, such as 111122223333.dkr.ecr.us-west-1.amazonaws.com/asset-manager.
	URL pulumi.StringOutput
}

type builder struct {
	*component.Scope
	*Registry
	args *Args
	made *ecr.Repository
}

// New makes the repository.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Registry, error) {
	registry := &Registry{}
	scope, err := component.Open(ctx, TypeToken, name, registry, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Registry: registry, args: args}
	if err := scope.Run(b.createRepository, b.expire, b.replicate); err != nil {
		return nil, err
	}
	return registry, scope.Close(pulumi.Map{"arn": registry.Arn, "url": registry.URL})
}

func (b *builder) createRepository() (err error) {
	b.made, err = ecr.NewRepository(b.Ctx, b.Child("repository"), &ecr.RepositoryArgs{
		Name:                       pulumi.String(b.args.Repository),
		ImageTagMutability:         pulumi.String("IMMUTABLE"),
		ImageScanningConfiguration: &ecr.RepositoryImageScanningConfigurationArgs{ScanOnPush: pulumi.Bool(true)},
		EncryptionConfigurations: ecr.RepositoryEncryptionConfigurationArray{
			&ecr.RepositoryEncryptionConfigurationArgs{EncryptionType: pulumi.String("KMS")},
		},
	}, b.Stateful(b.args.Keep)...)
	if err != nil {
		return fmt.Errorf("create repository %s: %w", b.args.Repository, err)
	}
	b.Arn, b.URL = b.made.Arn, b.made.RepositoryUrl
	return nil
}

// expire ends images (ECR user guide, lifecycle policy properties).
func (b *builder) expire() error {
	rule := func(priority int, selection map[string]any) map[string]any {
		return map[string]any{"rulePriority": priority, "selection": selection, "action": map[string]string{"type": "expire"}}
	}
	policy, err := json.Marshal(map[string]any{"rules": []any{
		rule(1, map[string]any{
			"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": untaggedDays,
		}),
		rule(2, map[string]any{"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": b.args.kept()}),
	}})
	if err != nil {
		return fmt.Errorf("write the lifecycle of repository %s: %w", b.args.Repository, err)
	}
	if _, err := ecr.NewLifecyclePolicy(b.Ctx, b.Child("lifecycle"), &ecr.LifecyclePolicyArgs{
		Repository: b.made.Name, Policy: pulumi.String(policy),
	}, b.Options()...); err != nil {
		return fmt.Errorf("set the lifecycle of repository %s: %w", b.args.Repository, err)
	}
	return nil
}

func (b *builder) replicate() error {
	if b.args.ReplicaRegion == "" {
		return nil
	}
	if _, err := ecr.NewReplicationConfiguration(b.Ctx, b.Child("replication"), &ecr.ReplicationConfigurationArgs{
		ReplicationConfiguration: &ecr.ReplicationConfigurationReplicationConfigurationArgs{
			Rules: ecr.ReplicationConfigurationReplicationConfigurationRuleArray{
				&ecr.ReplicationConfigurationReplicationConfigurationRuleArgs{
					Destinations: ecr.ReplicationConfigurationReplicationConfigurationRuleDestinationArray{
						&ecr.ReplicationConfigurationReplicationConfigurationRuleDestinationArgs{
							Region: pulumi.String(b.args.ReplicaRegion), RegistryId: pulumi.String(b.args.Location.Account),
						},
					},
					RepositoryFilters: ecr.ReplicationConfigurationReplicationConfigurationRuleRepositoryFilterArray{
						&ecr.ReplicationConfigurationReplicationConfigurationRuleRepositoryFilterArgs{
							Filter: b.made.Name, FilterType: pulumi.String("PREFIX_MATCH"),
						},
					},
				},
			},
		},
	}, b.Options()...); err != nil {
		return fmt.Errorf("copy the images to %s: %w", b.args.ReplicaRegion, err)
	}
	return nil
}
