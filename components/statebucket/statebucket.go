package statebucket

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/key"
	"dagster-ecs/components/internal/securebucket"
)

// TypeToken is the component's type in Pulumi's state.
const TypeToken = "dagster-ecs:statebucket:StateBucket"

const (
	// lockDays is how long a version of a state cannot be deleted: long enough to notice that somebody tries.
	lockDays = 30
	// oldVersionDays is how long an earlier state can be brought back.
	oldVersionDays = 180
)

// StateBucket is the place of the states.
type StateBucket struct {
	pulumi.ResourceState

	// Name is the bucket's name. It is there once encryption and policy are.
	Name pulumi.StringOutput
	// KeyArn is the key of everything in the bucket.
	KeyArn pulumi.StringOutput
	// SecretsKeys are the keys of the stacks' secrets by the stack.
	SecretsKeys map[string]*kms.Key
}

// SecretsAlias is the alias of the key of a stack's secrets, with `alias/`, as `pulumi stack init` takes it.
func SecretsAlias(prefix, stack string) string { return "alias/" + secretsAlias(prefix, stack) }

func secretsAlias(prefix, stack string) string { return prefix + "-" + stack + "-pulumi-secrets" }

type builder struct {
	*component.Scope
	args *Args
	out  *StateBucket
	logs *securebucket.Bucket
}

// New makes the place.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*StateBucket, error) {
	state := &StateBucket{SecretsKeys: map[string]*kms.Key{}}
	scope, err := component.Open(ctx, TypeToken, name, state, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, args: args, out: state}
	if err := scope.Run(b.createLogs, b.createBucket, b.createSecretsKeys); err != nil {
		return nil, err
	}
	return state, scope.Close(pulumi.Map{"name": state.Name, "keyArn": state.KeyArn})
}

func (b *builder) createLogs() (err error) {
	b.logs, err = securebucket.NewLogs(b.Scope, securebucket.LogArgs{
		Suffix: "logs", Name: b.args.Bucket + "-logs", Location: b.args.Location, Sources: []string{b.args.Bucket},
		ForceDestroy: b.args.ForceDestroy, Keep: b.args.Keep,
	})
	return err
}

func (b *builder) createBucket() error {
	data, err := b.key("data-key", b.args.Prefix+"-pulumi-state", "States in bucket "+b.args.Bucket)
	if err != nil {
		return err
	}
	bucket, err := securebucket.New(b.Scope, securebucket.Args{
		Suffix: "data", Name: b.args.Bucket, Location: b.args.Location, KeyArn: data.Arn,
		OldVersionDays: oldVersionDays, LockDays: lockDays, ForceDestroy: b.args.ForceDestroy, Keep: b.args.Keep,
	})
	if err != nil {
		return err
	}
	b.out.Name, b.out.KeyArn = bucket.Ready(), data.Arn
	return securebucket.RecordAccesses(b.Scope, "data", bucket, b.logs.Ready(), "")
}

func (b *builder) createSecretsKeys() (err error) {
	for _, stack := range b.args.Stacks {
		alias := secretsAlias(b.args.Prefix, stack)
		if b.out.SecretsKeys[stack], err = b.key("secrets-"+stack, alias, "Secrets in state and settings of stack "+stack); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) key(suffix, alias, description string) (*kms.Key, error) {
	return key.New(b.Scope, key.Args{
		Suffix: suffix, Alias: alias, Description: description, Location: b.args.Location, Keep: b.args.Keep,
	})
}
