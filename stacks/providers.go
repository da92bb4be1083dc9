package stacks

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/workload"
)

// providers are the explicit ones; default providers are off, so that nothing is made with unguarded credentials.
type providers struct {
	// main is for everything, replica for the copies in the second region; nil without one.
	main, replica *aws.Provider
	random        *random.Provider
}

// setUpProviders makes the providers, guarded by the account of the settings, finds the partition, and prepares to
// ask ECS what becomes of deployments.
func (s *stack) setUpProviders() (err error) {
	if s.provider.main, err = s.awsProvider("aws", s.settings.Region); err != nil {
		return err
	}
	if s.settings.ReplicaRegion != "" {
		if s.provider.replica, err = s.awsProvider("aws-replica", s.settings.ReplicaRegion); err != nil {
			return err
		}
	}
	if s.provider.random, err = random.NewProvider(s.ctx, "random", nil); err != nil {
		return fmt.Errorf("set up provider random: %w", err)
	}
	partition, err := aws.GetPartition(s.ctx, &aws.GetPartitionArgs{}, pulumi.Provider(s.provider.main))
	if err != nil {
		return fmt.Errorf("look up the partition of %s: %w", s.settings.Region, err)
	}
	s.location = component.Location{
		Partition: partition.Partition, Region: s.settings.Region, Account: s.settings.Account,
	}
	s.rollouts, err = workload.FollowRollouts(s.ctx.Context(), s.settings.Region)
	return err
}

func (s *stack) awsProvider(name, region string) (*aws.Provider, error) {
	provider, err := aws.NewProvider(s.ctx, name, &aws.ProviderArgs{
		Region:            pulumi.String(region),
		AllowedAccountIds: pulumi.StringArray{pulumi.String(s.settings.Account)},
		DefaultTags:       &aws.ProviderDefaultTagsArgs{Tags: pulumi.ToStringMap(s.names.Tags())},
	})
	if err != nil {
		return nil, fmt.Errorf("set up provider %s: %w", name, err)
	}
	return provider, nil
}

// withAws are the options of components that make AWS resources only.
func (s *stack) withAws() pulumi.ResourceOption {
	return pulumi.Providers(s.provider.main)
}

// replicaLocation is the second region.
func (s *stack) replicaLocation() component.Location {
	location := s.location
	location.Region = s.settings.ReplicaRegion
	return location
}
