package hours

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/scheduled"
	"dagster-ecs/components/internal/servicerole"
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/wakeup"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:hours:Hours"

// Kind is the function's short name.
const Kind = "hours"

// Hours lets an installation sleep.
type Hours struct {
	pulumi.ResourceState
}

type builder struct {
	*component.Scope
	args *Args
	kept wakeup.Parameters
	role *servicerole.Role
	// needed are the parameters, which the function reads at each call.
	needed []pulumi.Resource
}

// New builds the function and what it needs.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Hours, error) {
	hours := &Hours{}
	scope, err := component.Open(ctx, TypeToken, name, hours, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, args: args, kept: wakeup.ParametersOf(args.Names)}
	if err := scope.Run(b.createParameters, b.createRole, b.createFunction); err != nil {
		return nil, err
	}
	return hours, scope.Close(pulumi.Map{"awakeParameter": pulumi.String(b.kept.Until)})
}

// createParameters makes the two parameters; others write them from then on.
func (b *builder) createParameters() error {
	for _, each := range []struct{ suffix, name, value, description string }{
		{"memory", b.kept.Memory, wakeup.Awake + " " + wakeup.LongAgo, "What the function of the hours stands at"},
		{"awake-until", b.kept.Until, wakeup.LongAgo, "Until when the installation is awake whatever its hours say, such as 2026-01-31T22:00:00Z"},
	} {
		made, err := ssm.NewParameter(b.Ctx, b.Child(each.suffix), &ssm.ParameterArgs{
			Name: pulumi.String(each.name), Type: pulumi.String("String"), Tier: pulumi.String("Standard"),
			Description: pulumi.String(each.description), Value: pulumi.String(each.value),
		}, b.Options(pulumi.IgnoreChanges([]string{"value"}))...)
		if err != nil {
			return fmt.Errorf("create parameter %s: %w", each.name, err)
		}
		b.needed = append(b.needed, made)
	}
	return nil
}

func (b *builder) createRole() (err error) {
	b.role, err = servicerole.New(b.Scope, servicerole.Args{
		Suffix:      "function",
		Name:        b.args.Names.Scoped(naming.RoleLimit, Kind),
		Description: "The function " + scheduled.Name(b.args.Names, Kind),
		Trust:       servicerole.TrustAny("lambda.amazonaws.com"),
		Statements: grants.Hours(b.args.Location, grants.Sleeping{
			Cluster: b.args.Cluster, Services: b.services(), Database: b.args.Database,
			Memory: b.kept.Memory, Until: b.kept.Until, LogGroupArn: b.args.Log.Arn,
		}),
	})
	return err
}

func (b *builder) createFunction() error {
	return scheduled.New(b.Scope, scheduled.Args{
		Kind:        Kind,
		Description: "Takes the services and the database away outside of the hours of " + b.args.Names.Base(),
		Names:       b.args.Names,
		Location:    b.args.Location,
		Source:      b.args.Source,
		Role:        b.role,
		Log:         b.args.Log,
		Environment: b.environment(),
		Needed:      slices.Concat(b.needed, b.args.Deployed),
	})
}

// services are the names of the services.
func (b *builder) services() []string { return slices.Sorted(maps.Keys(b.args.Services)) }

func (b *builder) environment() pulumi.StringMap {
	var counts, days []string
	for _, name := range b.services() {
		counts = append(counts, fmt.Sprintf("%s=%d", name, b.args.Services[name]))
	}
	for _, day := range b.args.Calendar.Days {
		days = append(days, string(day))
	}
	return pulumi.ToStringMap(map[string]string{
		"NAMESPACE":        b.args.Names.Metrics(),
		"TIMEZONE":         b.args.Calendar.Timezone,
		"DAYS":             strings.Join(days, ","),
		"START":            b.args.Calendar.Start,
		"STOP":             b.args.Calendar.Stop,
		"CLUSTER":          b.args.Cluster,
		"SERVICES":         strings.Join(counts, ","),
		"FAMILIES":         strings.Join(b.args.Families, ","),
		"DATABASE":         b.args.Database,
		"MEMORY_PARAMETER": b.kept.Memory,
		"AWAKE_PARAMETER":  b.kept.Until,
	})
}
