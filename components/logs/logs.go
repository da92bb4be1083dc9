package logs

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/key"
	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/problems"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:logs:Logs"

// Group is a log group that a workload writes to.
type Group struct {
	// Name is <prefix>/<kind>; required.
	Name pulumi.StringInput
	// Arn is the group's ARN, without :* at its end; required.
	Arn pulumi.StringInput
}

// Validate reports what is missing.
func (g Group) Validate() error {
	var list problems.List
	list.Check(g.Name != nil, "Name", "is required")
	list.Check(g.Arn != nil, "Arn", "is required")
	return list.Err()
}

// Logs is the log groups of a stack.
type Logs struct {
	pulumi.ResourceState

	// Groups are the groups by kind.
	Groups map[string]Group
	// KeyArn is the key that all groups are encrypted with.
	KeyArn pulumi.StringOutput
}

type builder struct {
	*component.Scope
	*Logs
	args *Args
	key  *kms.Key
}

// New builds the log groups.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Logs, error) {
	logs := &Logs{Groups: map[string]Group{}}
	scope, err := component.Open(ctx, TypeToken, name, logs, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Logs: logs, args: args}
	if err := scope.Run(b.createKey, b.createGroups); err != nil {
		return nil, err
	}
	return logs, scope.Close(pulumi.Map{"groups": logs.Names(), "keyArn": logs.KeyArn})
}

// Names are the groups' names by kind.
func (l *Logs) Names() pulumi.StringMap {
	names := pulumi.StringMap{}
	for kind, group := range l.Groups {
		names[kind] = group.Name
	}
	return names
}

func (b *builder) createKey() (err error) {
	names := b.args.Names
	b.key, err = key.New(b.Scope, key.Args{
		Suffix:      "key",
		Alias:       names.Base() + "-logs",
		Description: "Log groups of " + names.Base(),
		Location:    b.args.Location,
		Statements:  []iamdoc.Statement{key.ForLogs(b.args.Location, names.LogGroup("*"))},
		Keep:        b.args.Keep,
	})
	if err != nil {
		return err
	}
	b.KeyArn = b.key.Arn
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
		b.Groups[kind] = Group{Name: group.Name, Arn: group.Arn}
	}
	return nil
}
