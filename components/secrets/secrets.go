package secrets

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/key"
)

// TypeToken is the component's type in Pulumi's state.
const TypeToken = "dagster-ecs:secrets:Secrets"

// Secrets are SecureString parameters under one key.
type Secrets struct {
	pulumi.ResourceState

	// KeyArn is the key of the parameters.
	KeyArn pulumi.StringOutput
	// Path is the path of the parameters.
	Path string

	arns         map[string]map[string]pulumi.StringInput
	fingerprints map[string]pulumi.StringOutput
}

type builder struct {
	*component.Scope
	*Secrets
	args *Args
	key  *kms.Key
}

// New keeps the secrets.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Secrets, error) {
	secrets := &Secrets{arns: map[string]map[string]pulumi.StringInput{}, fingerprints: map[string]pulumi.StringOutput{}}
	scope, err := component.Open(ctx, TypeToken, name, secrets, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Secrets: secrets, args: args}
	if err := scope.Run(b.createKey, b.createParameters, b.takeFingerprints); err != nil {
		return nil, err
	}
	return secrets, scope.Close(pulumi.Map{"keyArn": secrets.KeyArn, "path": pulumi.String(secrets.Path)})
}

// List gives name to ARN of a group's parameters, as ECS takes its secrets: those of the group "" for what runs Dagster.
// It is a copy.
func (s *Secrets) List(group string) map[string]pulumi.StringInput {
	list := map[string]pulumi.StringInput{}
	for name, arn := range s.arns[group] {
		list[name] = arn
	}
	return list
}

// createKey makes the key. It lets no service in: SSM uses it with the rights of whoever reads a parameter.
func (b *builder) createKey() (err error) {
	b.Path = b.args.Path
	b.key, err = key.New(b.Scope, key.Args{
		Suffix:      "key",
		Alias:       b.args.NamePrefix + "-secrets",
		Description: "Parameters under " + b.args.Path,
		Location:    b.args.Location,
		Keep:        b.args.Keep,
	})
	if err != nil {
		return err
	}
	b.KeyArn = b.key.Arn
	return nil
}

func (b *builder) createParameters() error {
	for _, each := range b.args.Parameters {
		arn, err := b.createParameter(each)
		if err != nil {
			return fmt.Errorf("keep secret %s: %w", each.key(), err)
		}
		if b.arns[each.Group] == nil {
			b.arns[each.Group] = map[string]pulumi.StringInput{}
		}
		b.arns[each.Group][each.Name] = arn
	}
	return nil
}

func (b *builder) createParameter(each Parameter) (pulumi.StringInput, error) {
	value := pulumi.ToSecret(each.Value.ToStringOutput()).(pulumi.StringOutput)
	made, err := ssm.NewParameter(b.Ctx, b.Child(strings.ReplaceAll(each.key(), "/", "-")), &ssm.ParameterArgs{
		Name:  pulumi.String(b.args.Path + "/" + each.key()),
		Type:  pulumi.String("SecureString"),
		Tier:  pulumi.String("Standard"),
		KeyId: b.KeyArn,
		Value: value,
		// it can be written again from the program, so nothing is lost with it
	}, b.Stateful(component.Keep{})...)
	if err != nil {
		return nil, err
	}
	return made.Arn, nil
}
