package observability

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/key"
	"dagster-ecs/internal/iamdoc"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:observability:Observability"

// LogGroup is a log group that a workload writes to.
type LogGroup struct {
	// Name is <prefix>/<kind>.
	Name pulumi.StringOutput
	// Arn is the group's ARN, without :* at its end.
	Arn pulumi.StringOutput
}

// Observability is the log groups of a stack.
type Observability struct {
	pulumi.ResourceState

	// LogGroups are the groups by kind.
	LogGroups map[string]LogGroup
	// KeyArn is the key that all groups are encrypted with.
	KeyArn pulumi.StringOutput
}

type builder struct {
	*component.Scope
	*Observability
	args *Args
	key  *kms.Key
}

// New builds the log groups. The logical names of its children are API: <name>-logs-key and <name>-<kind>.
func New(
	ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption,
) (*Observability, error) {
	observability := &Observability{LogGroups: map[string]LogGroup{}}
	scope, err := component.Open(ctx, TypeToken, name, observability, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Observability: observability, args: args}
	if err := scope.Run(b.createKey, b.createGroups); err != nil {
		return nil, err
	}
	names := pulumi.StringMap{}
	for kind, group := range observability.LogGroups {
		names[kind] = group.Name
	}
	return observability, scope.Close(pulumi.Map{"logGroups": names, "keyArn": observability.KeyArn})
}

func (b *builder) createKey() error {
	made, err := key.New(b.Scope, key.Args{
		Suffix:      "logs",
		Alias:       b.args.Names.Prefix() + "-" + b.args.Names.Stack() + "-logs",
		Description: fmt.Sprintf("Log groups of %s in stack %s", b.args.Names.Prefix(), b.args.Names.Stack()),
		Location:    b.args.Location,
		Statements:  []iamdoc.Statement{key.ForLogs(b.args.Location, b.args.Names.LogGroup("*"))},
		Keep:        b.args.Keep,
	})
	if err != nil {
		return err
	}
	b.key, b.KeyArn = made, made.Arn
	return nil
}

func (b *builder) createGroups() error {
	for _, kind := range b.args.Kinds {
		name := b.args.Names.LogGroup(kind)
		group, err := cloudwatch.NewLogGroup(b.Ctx, b.Child(kind), &cloudwatch.LogGroupArgs{
			Name:            pulumi.String(name),
			RetentionInDays: pulumi.Int(b.args.RetentionDays),
			KmsKeyId:        b.key.Arn,
		}, b.Stateful(b.args.Keep)...)
		if err != nil {
			return fmt.Errorf("create log group %s: %w", name, err)
		}
		b.LogGroups[kind] = LogGroup{Name: group.Name, Arn: group.Arn}
	}
	return nil
}
