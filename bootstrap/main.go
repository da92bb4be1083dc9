// Command bootstrap is a Pulumi program of its own, deployed once to an account by somebody who administers it: the place of
// the states, the keys of their secrets, the repositories of images, the roles that deploy and preview each stack, what a
// pipeline takes them by, and a budget. docs/start.md says how its own state comes into the bucket that it makes.
package main

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/budget"
	"dagster-ecs/components/component"
	"dagster-ecs/components/deployroles"
	"dagster-ecs/components/pipeline"
	"dagster-ecs/components/registry"
	"dagster-ecs/components/statebucket"
	"dagster-ecs/internal/config"
	"dagster-ecs/internal/deployaccess"
	"dagster-ecs/internal/rules"
)

// project is the name in the Pulumi.yaml of the stacks.
const project = "dagster"

// ownStack is the stack of this program.
const ownStack = "account"

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error { return deploy(ctx, "..") })
}

// account is what the steps hand on to each other.
type account struct {
	*settings
	ctx      *pulumi.Context
	location component.Location
	provider *aws.Provider
	prefix   string

	state    *statebucket.StateBucket
	images   []pulumi.StringInput
	pipeline *pipeline.Repository
}

// deploy is the program; the stacks' files are in a folder.
func deploy(ctx *pulumi.Context, folder string) error {
	wanted, err := load(ctx, folder)
	if err != nil {
		return err
	}
	first := wanted.stacks[0]
	a := &account{settings: wanted, ctx: ctx, prefix: first.Prefix, location: component.Location{
		Partition: rules.Partition(first.Region), Region: first.Region, Account: first.Account,
	}}
	for _, step := range []func() error{
		a.setUpProvider, a.keepState, a.keepImages, a.trustPipeline, a.makeRoles, a.watchCosts,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (a *account) setUpProvider() (err error) {
	a.provider, err = aws.NewProvider(a.ctx, "aws", &aws.ProviderArgs{
		Region:            pulumi.String(a.location.Region),
		AllowedAccountIds: pulumi.StringArray{pulumi.String(a.location.Account)},
		DefaultTags: &aws.ProviderDefaultTagsArgs{Tags: pulumi.ToStringMap(map[string]string{
			"Application": a.prefix, "ManagedBy": "pulumi",
		})},
	})
	if err != nil {
		return fmt.Errorf("set up provider aws: %w", err)
	}
	return nil
}

func (a *account) keepState() (err error) {
	names := []string{ownStack}
	for _, stack := range a.stacks {
		names = append(names, stack.Stack)
	}
	a.state, err = statebucket.New(a.ctx, "state", &statebucket.Args{
		Location: a.location, Prefix: a.prefix, Bucket: a.StateBucket, Stacks: names, ForceDestroy: !a.Protect, Keep: a.keep(),
	}, a.withAws())
	if err != nil {
		return err
	}
	a.ctx.Export("backend", pulumi.Sprintf("s3://%s?region=%s", a.state.Name, a.location.Region))
	for _, name := range names {
		a.ctx.Export(name+"SecretsProvider",
			pulumi.Sprintf("awskms:///%s?region=%s", statebucket.SecretsAlias(a.prefix, name), a.location.Region))
	}
	return nil
}

func (a *account) keepImages() error {
	for i, repository := range a.settings.images() {
		args := &registry.Args{Location: a.location, Repository: repository, Kept: a.ImagesKept, Keep: a.keep()}
		if i == 0 {
			args.ReplicaRegion = a.ReplicaRegion
		}
		made, err := registry.New(a.ctx, "images-"+repository, args, a.withAws())
		if err != nil {
			return err
		}
		a.images = append(a.images, made.Arn)
		if i == 0 {
			a.ctx.Export("repositoryUrl", made.URL)
		}
	}
	return nil
}

func (a *account) trustPipeline() error {
	if a.Repository == nil {
		return nil
	}
	a.pipeline = &pipeline.Repository{Host: a.Repository.Host, Path: a.Repository.Path}
	made, err := pipeline.New(a.ctx, "pipeline", &pipeline.Args{
		Location: a.location, Prefix: a.prefix, Repository: *a.pipeline, ExistingProvider: a.Repository.ExistingProvider, Images: a.images,
	}, a.withAws())
	if err == nil && len(a.images) > 0 {
		a.ctx.Export("imageRoleArn", made.ImageRoleArn)
	}
	return err
}

func (a *account) makeRoles() error {
	for _, stack := range a.stacks {
		if err := a.makeRolesOf(stack); err != nil {
			return err
		}
	}
	return nil
}

func (a *account) makeRolesOf(stack config.Settings) error {
	access, err := deployaccess.For(stack)
	if err != nil {
		return fmt.Errorf("stack %s: %w", stack.Stack, err)
	}
	roles, err := deployroles.New(a.ctx, stack.Stack, &deployroles.Args{
		Location: a.location, Project: project, Stack: stack.Stack, Access: access, Pipeline: a.pipeline,
		State: deployroles.State{
			Bucket: a.StateBucket, KeyArn: a.state.KeyArn, SecretsKeyArn: a.state.SecretsKeys[stack.Stack].Arn,
		},
	}, a.withAws())
	if err != nil {
		return err
	}
	a.ctx.Export(stack.Stack+"DeployRoleArn", roles.DeployArn)
	a.ctx.Export(stack.Stack+"PreviewRoleArn", roles.PreviewArn)
	return nil
}

func (a *account) watchCosts() error {
	if a.Budget == nil {
		return nil
	}
	_, err := budget.New(a.ctx, "budget", &budget.Args{
		Name: a.prefix, MonthlyUSD: a.Budget.MonthlyUSD, Emails: a.Budget.Emails,
	}, a.withAws())
	return err
}

func (a *account) keep() component.Keep { return component.Keep{Protect: a.Protect} }

func (a *account) withAws() pulumi.ResourceOption { return pulumi.Providers(a.provider) }
