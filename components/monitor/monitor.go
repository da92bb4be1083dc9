package monitor

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/servicerole"
	"dagster-ecs/components/internal/traffic"
	"dagster-ecs/internal/gofunction"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/naming"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:monitor:Monitor"

// Kind is the monitor's short name.
const Kind = "monitor"

const (
	// interval is how often the function looks; timeout, in seconds, is less, so that looks do not overlap.
	interval = "rate(1 minute)"
	timeout  = 55
	// memory, in MiB, is the least: the function waits most of the time.
	memory = 128
	// interfacesGo is how long AWS may take to remove the network interfaces of a function that is gone, which hold its group
	// (https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group).
	interfacesGo = "45m"
)

// Monitor is the function that looks at Dagster.
type Monitor struct {
	pulumi.ResourceState

	functionName string
}

type builder struct {
	*component.Scope
	*Monitor
	args     *Args
	archive  archive
	role     *servicerole.Role
	group    *traffic.Group
	function *lambda.Function
}

// New builds the monitor.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Monitor, error) {
	monitor := &Monitor{}
	scope, err := component.Open(ctx, TypeToken, name, monitor, args, opts...)
	if err != nil {
		return nil, err
	}
	monitor.functionName = args.Names.Scoped(naming.FunctionLimit, Kind)
	b := &builder{Scope: scope, Monitor: monitor, args: args}
	if err := scope.Run(b.nameArchive, b.createRole, b.createGroup, b.createFunction, b.retryNothing, b.schedule); err != nil {
		return nil, err
	}
	return monitor, scope.Close(pulumi.Map{"functionName": pulumi.String(monitor.functionName)})
}

func (b *builder) nameArchive() error {
	hash, err := gofunction.Hash(b.args.Source)
	if err != nil {
		return err
	}
	b.archive = archive{
		args: b.args, ctx: b.Ctx,
		key: fmt.Sprintf("%s/%s-%s-%s.zip", b.args.Bucket.ArchivePrefix, Kind, b.args.Architecture, hash),
	}
	return nil
}

func (b *builder) createRole() (err error) {
	b.role, err = servicerole.New(b.Scope, servicerole.Args{
		Suffix:      "function",
		Name:        b.args.Names.Scoped(naming.RoleLimit, Kind),
		Description: "The function " + b.functionName,
		Trust:       servicerole.TrustAny("lambda.amazonaws.com"),
		Statements:  grants.Monitor(b.args.Location, b.args.Bucket.Granted, b.args.Log.Arn, b.functionName),
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
	hook, err := b.Ctx.RegisterResourceHook(b.Child("archive"), b.archive.put, nil)
	if err != nil {
		return fmt.Errorf("register the hook that compiles %s: %w", b.functionName, err)
	}
	hooks := []*pulumi.ResourceHook{hook}
	b.function, err = lambda.NewFunction(b.Ctx, b.Child("function"), &lambda.FunctionArgs{
		Name:          pulumi.String(b.functionName),
		Description:   pulumi.String("Looks at Dagster once a minute and makes the metrics of " + b.args.Names.Metrics()),
		Role:          b.role.Arn,
		Runtime:       pulumi.String("provided.al2023"),
		Handler:       pulumi.String(gofunction.Program),
		Architectures: pulumi.ToStringArray([]string{string(b.args.Architecture)}),
		S3Bucket:      b.args.Bucket.Name.ToStringOutput().ToStringPtrOutput(),
		S3Key:         pulumi.String(b.archive.key),
		Timeout:       pulumi.Int(timeout),
		MemorySize:    pulumi.Int(memory),
		VpcConfig: &lambda.FunctionVpcConfigArgs{
			SubnetIds: b.args.Network.Subnets, SecurityGroupIds: pulumi.StringArray{b.group.ID},
		},
		LoggingConfig: &lambda.FunctionLoggingConfigArgs{
			LogFormat: pulumi.String("Text"), LogGroup: b.args.Log.Name.ToStringOutput().ToStringPtrOutput(),
		},
		Environment: &lambda.FunctionEnvironmentArgs{Variables: b.environment()},
		// Lambda looks at once whether the role may join the network.
	}, b.Options(pulumi.DependsOn(append([]pulumi.Resource{b.role.Policy}, b.group.Rules...)),
		pulumi.ResourceHooks(&pulumi.ResourceHookBinding{BeforeCreate: hooks, BeforeUpdate: hooks}))...)
	if err != nil {
		return fmt.Errorf("create function %s: %w", b.functionName, err)
	}
	return nil
}

func (b *builder) environment() pulumi.StringMap {
	environment := pulumi.StringMap{
		"NAMESPACE":   pulumi.String(b.args.Names.Metrics()),
		"DAGSTER_URL": b.args.Webserver.URL,
		"BUCKET":      b.args.Bucket.Name,
		"PREFIX":      pulumi.String(b.args.Bucket.Granted.Prefixes.Monitor),

		"BACKFILL_PATIENCE": pulumi.Sprintf("%dm", b.args.BackfillMinutes),
	}
	if b.args.Webserver.Hostname != "" {
		environment["DAGSTER_HOST"] = pulumi.String(b.args.Webserver.Hostname)
	}
	return environment
}

// retryNothing drops a look that failed or is late: the next one comes in a minute.
func (b *builder) retryNothing() error {
	if _, err := lambda.NewFunctionEventInvokeConfig(b.Ctx, b.Child("function-invoke"), &lambda.FunctionEventInvokeConfigArgs{
		FunctionName: b.function.Name, MaximumRetryAttempts: pulumi.Int(0), MaximumEventAgeInSeconds: pulumi.Int(60),
	}, b.Options()...); err != nil {
		return fmt.Errorf("configure calls of function %s: %w", b.functionName, err)
	}
	return nil
}

func (b *builder) schedule() error {
	rule, err := cloudwatch.NewEventRule(b.Ctx, b.Child("schedule"), &cloudwatch.EventRuleArgs{
		Name:               pulumi.String(b.args.Names.Scoped(naming.EventRuleLimit, Kind)),
		Description:        pulumi.String("Calls " + b.functionName),
		ScheduleExpression: pulumi.String(interval),
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("create the schedule of %s: %w", b.functionName, err)
	}
	permission, err := lambda.NewPermission(b.Ctx, b.Child("schedule-permission"), &lambda.PermissionArgs{
		StatementId: pulumi.String("Schedule"),
		Action:      pulumi.String("lambda:InvokeFunction"),
		Function:    b.function.Name,
		Principal:   pulumi.String("events.amazonaws.com"),
		SourceArn:   rule.Arn,
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("let the schedule call %s: %w", b.functionName, err)
	}
	if _, err := cloudwatch.NewEventTarget(b.Ctx, b.Child("schedule-target"), &cloudwatch.EventTargetArgs{
		Rule: rule.Name, TargetId: pulumi.String(Kind), Arn: b.function.Arn,
		// calls that come before they are allowed are dropped
	}, b.Options(pulumi.DependsOn([]pulumi.Resource{permission}))...); err != nil {
		return fmt.Errorf("schedule %s: %w", b.functionName, err)
	}
	return nil
}
