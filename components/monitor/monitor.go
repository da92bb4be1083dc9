package monitor

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/scheduled"
	"dagster-ecs/components/internal/servicerole"
	"dagster-ecs/components/internal/traffic"
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/grants"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:monitor:Monitor"

// Kind is the monitor's short name.
const Kind = "monitor"

// interfacesGo is how long AWS may take to remove the network interfaces of a function that is gone, which hold its group
// (https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group).
const interfacesGo = "45m"

// Monitor is the function that looks at Dagster.
type Monitor struct {
	pulumi.ResourceState

	functionName string
}

type builder struct {
	*component.Scope
	*Monitor
	args  *Args
	role  *servicerole.Role
	group *traffic.Group
}

// New builds the monitor.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Monitor, error) {
	monitor := &Monitor{}
	scope, err := component.Open(ctx, TypeToken, name, monitor, args, opts...)
	if err != nil {
		return nil, err
	}
	monitor.functionName = scheduled.Name(args.Names, Kind)
	b := &builder{Scope: scope, Monitor: monitor, args: args}
	if err := scope.Run(b.createRole, b.createGroup, b.createFunction); err != nil {
		return nil, err
	}
	return monitor, scope.Close(pulumi.Map{"functionName": pulumi.String(monitor.functionName)})
}

func (b *builder) createRole() (err error) {
	b.role, err = servicerole.New(b.Scope, servicerole.Args{
		Suffix:      "function",
		Name:        b.args.Names.Scoped(naming.RoleLimit, Kind),
		Description: "The function " + b.functionName,
		Trust:       servicerole.TrustAny("lambda.amazonaws.com"),
		Statements:  grants.Monitor(b.args.Location, b.args.Bucket, b.args.Log.Arn, b.functionName),
	})
	return err
}

func (b *builder) createGroup() (err error) {
	b.group, err = traffic.New(b.Scope, traffic.Args{
		Suffix:      "function",
		Name:        b.args.Names.Scoped(naming.SecurityGroupLimit, Kind),
		Description: "Function " + b.functionName,
		VpcID:       b.args.Network.VpcID,
		Reach:       b.args.Network.Reach,
		// Lambda removes the interfaces by the role, which therefore has to outlive the group that they hold
		// (https://github.com/awslabs/aws-support-tools/pull/174).
		Options: []pulumi.ResourceOption{
			pulumi.DependsOn([]pulumi.Resource{b.role.Policy}), pulumi.Timeouts(&pulumi.CustomTimeouts{Delete: interfacesGo}),
		},
	})
	return err
}

func (b *builder) createFunction() error {
	return scheduled.New(b.Scope, scheduled.Args{
		Kind:        Kind,
		Description: "Looks at Dagster once a minute and makes the metrics of " + b.args.Names.Metrics(),
		Names:       b.args.Names,
		Location:    b.args.Location,
		Source:      b.args.Source,
		Role:        b.role,
		Log:         b.args.Log,
		Environment: b.environment(),
		Network: &lambda.FunctionVpcConfigArgs{
			SubnetIds: b.args.Network.Subnets, SecurityGroupIds: pulumi.StringArray{b.group.ID},
		},
		Needed: b.group.Rules,
	})
}

func (b *builder) environment() pulumi.StringMap {
	environment := pulumi.StringMap{
		"NAMESPACE":   pulumi.String(b.args.Names.Metrics()),
		"DAGSTER_URL": b.args.Webserver.URL,
		"BUCKET":      b.args.Source.Bucket,
		"PREFIX":      pulumi.String(b.args.Bucket.Prefixes.Monitor),

		"BACKFILL_PATIENCE": pulumi.Sprintf("%dm", b.args.BackfillMinutes),
	}
	if b.args.Webserver.Hostname != "" {
		environment["DAGSTER_HOST"] = pulumi.String(b.args.Webserver.Hostname)
	}
	return environment
}
