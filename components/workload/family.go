package workload

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/awsapi"
)

// definitions is what of ECS's API is asked.
type definitions interface {
	ListTaskDefinitions(context.Context, *ecs.ListTaskDefinitionsInput, ...func(*ecs.Options)) (*ecs.ListTaskDefinitionsOutput, error)
	DescribeTaskDefinition(
		context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options),
	) (*ecs.DescribeTaskDefinitionOutput, error)
}

// refuseForeignFamily is asked before each revision is registered.
func (b *builder) refuseForeignFamily(*pulumi.ResourceHookArgs) error {
	platform := b.args.Spec.Platform
	config, err := awsapi.Load(b.Ctx.Context(), platform.Location.Region)
	if err != nil {
		return err
	}
	return refuseForeignFamily(b.Ctx.Context(), ecs.NewFromConfig(config), b.Family, platform.Names.Tags())
}

// refuseForeignFamily refuses a family whose latest revision in use lacks the tags of this stack: ECS would add a revision
// to it, and who may start tasks of the family could start this stack's.
func refuseForeignFamily(ctx context.Context, client definitions, family string, own map[string]string) error {
	latest, err := client.ListTaskDefinitions(ctx, &ecs.ListTaskDefinitionsInput{
		FamilyPrefix: aws.String(family), Status: types.TaskDefinitionStatusActive, Sort: types.SortOrderDesc, MaxResults: aws.Int32(1),
	})
	if err != nil {
		return fmt.Errorf("list task definitions of %s: %w", family, err)
	}
	if len(latest.TaskDefinitionArns) == 0 {
		return nil
	}
	arn := latest.TaskDefinitionArns[0]
	described, err := client.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: aws.String(arn), Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags},
	})
	if err != nil {
		return fmt.Errorf("describe task definition %s: %w", arn, err)
	}
	tags := map[string]string{}
	for _, tag := range described.Tags {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	for _, key := range slices.Sorted(maps.Keys(own)) {
		if tags[key] != own[key] {
			return fmt.Errorf("family %s already exists and is not this stack's: the tag %s of %s is %q, want %q; set "+
				"dagster:stackInNames to true, or dagster:prefix to another one", family, key, arn, tags[key], own[key])
		}
	}
	return nil
}
