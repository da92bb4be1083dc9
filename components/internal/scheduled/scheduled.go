// Package scheduled makes functions of this repository's Go programs that Lambda calls once a minute.
package scheduled

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/servicerole"
	"dagster-ecs/components/logs"
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/gofunction"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

const (
	// interval is how often a function is called; timeout, in seconds, is less, so that calls do not overlap.
	interval = "rate(1 minute)"
	timeout  = 55
	// memory, in MiB, is the least: the functions wait most of the time.
	memory = 128
)

// Source is what a function is made of, and where its archive lies.
type Source struct {
	// Folder is the folder of the source, a Go module; required.
	Folder string
	// Architecture is the machine that it is compiled for; required.
	Architecture rules.Architecture
	// Bucket is the name of the bucket that holds the archive; required.
	Bucket pulumi.StringInput
	// Prefix is where archives lie in it, without a slash at either end; required.
	Prefix string
}

// Validate reports everything that is wrong with the plain values.
func (s Source) Validate() error {
	var list problems.List
	list.Required("Folder", s.Folder)
	list.Take("Architecture", rules.Known(s.Architecture))
	list.Check(s.Bucket != nil, "Bucket", "is required")
	list.Required("Prefix", s.Prefix)
	return list.Err()
}

// Args describe one function; all are required but Network and Needed.
type Args struct {
	// Kind is the function's short name, and that of its schedule.
	Kind string
	// Description says what it does.
	Description string
	// Names makes the physical names.
	Names naming.Names
	// Location is where it runs.
	Location component.Location
	// Source is what it is made of.
	Source Source
	// Role is the role that it acts as.
	Role *servicerole.Role
	// Log is the log group that it writes to.
	Log logs.Group
	// Environment is what it is told.
	Environment pulumi.StringMap
	// Network is where it connects from. Nil: from outside of any network, to AWS's public endpoints.
	Network *lambda.FunctionVpcConfigArgs
	// Needed must be there before the function.
	Needed []pulumi.Resource
}

// Name is the physical name of a function.
func Name(names naming.Names, kind string) string { return names.Scoped(naming.FunctionLimit, kind) }

type builder struct {
	*component.Scope
	Args
	name     string
	function *lambda.Function
}

// New makes the function with its schedule under the component of the scope: `<name>-function`, `<name>-function-invoke`,
// `<name>-schedule`, `<name>-schedule-permission` and `<name>-schedule-target`.
func New(scope *component.Scope, args Args) error {
	b := &builder{Scope: scope, Args: args, name: Name(args.Names, args.Kind)}
	return scope.Run(b.create, b.retryNothing, b.schedule)
}

func (b *builder) create() error {
	hash, err := gofunction.Hash(b.Source.Folder)
	if err != nil {
		return err
	}
	made := archive{
		source: b.Source, region: b.Location.Region, ctx: b.Ctx, name: b.name,
		key: fmt.Sprintf("%s/%s-%s-%s.zip", b.Source.Prefix, b.Kind, b.Source.Architecture, hash),
	}
	hook, err := b.Ctx.RegisterResourceHook(b.Child("archive"), made.put, nil)
	if err != nil {
		return fmt.Errorf("register the hook that compiles %s: %w", b.name, err)
	}
	hooks := []*pulumi.ResourceHook{hook}
	args := &lambda.FunctionArgs{
		Name:          pulumi.String(b.name),
		Description:   pulumi.String(b.Description),
		Role:          b.Role.Arn,
		Runtime:       pulumi.String("provided.al2023"),
		Handler:       pulumi.String(gofunction.Program),
		Architectures: pulumi.ToStringArray([]string{string(b.Source.Architecture)}),
		S3Bucket:      b.Source.Bucket.ToStringOutput().ToStringPtrOutput(),
		S3Key:         pulumi.String(made.key),
		Timeout:       pulumi.Int(timeout),
		MemorySize:    pulumi.Int(memory),
		LoggingConfig: &lambda.FunctionLoggingConfigArgs{
			LogFormat: pulumi.String("Text"), LogGroup: b.Log.Name.ToStringOutput().ToStringPtrOutput(),
		},
		Environment: &lambda.FunctionEnvironmentArgs{Variables: b.Environment},
	}
	if b.Network != nil {
		args.VpcConfig = b.Network
	}
	// Lambda looks at once whether the role may join the network, and calls come at once.
	needed := append([]pulumi.Resource{b.Role.Policy}, b.Needed...)
	b.function, err = lambda.NewFunction(b.Ctx, b.Child("function"), args, b.Options(pulumi.DependsOn(needed),
		pulumi.ResourceHooks(&pulumi.ResourceHookBinding{BeforeCreate: hooks, BeforeUpdate: hooks}))...)
	if err != nil {
		return fmt.Errorf("create function %s: %w", b.name, err)
	}
	return nil
}

// retryNothing drops a call that failed or is late: the next one comes in a minute.
func (b *builder) retryNothing() error {
	if _, err := lambda.NewFunctionEventInvokeConfig(b.Ctx, b.Child("function-invoke"), &lambda.FunctionEventInvokeConfigArgs{
		FunctionName: b.function.Name, MaximumRetryAttempts: pulumi.Int(0), MaximumEventAgeInSeconds: pulumi.Int(60),
	}, b.Options()...); err != nil {
		return fmt.Errorf("configure calls of function %s: %w", b.name, err)
	}
	return nil
}

func (b *builder) schedule() error {
	rule, err := cloudwatch.NewEventRule(b.Ctx, b.Child("schedule"), &cloudwatch.EventRuleArgs{
		Name:               pulumi.String(b.Names.Scoped(naming.EventRuleLimit, b.Kind)),
		Description:        pulumi.String("Calls " + b.name),
		ScheduleExpression: pulumi.String(interval),
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("create the schedule of %s: %w", b.name, err)
	}
	permission, err := lambda.NewPermission(b.Ctx, b.Child("schedule-permission"), &lambda.PermissionArgs{
		StatementId: pulumi.String("Schedule"),
		Action:      pulumi.String("lambda:InvokeFunction"),
		Function:    b.function.Name,
		Principal:   pulumi.String("events.amazonaws.com"),
		SourceArn:   rule.Arn,
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("let the schedule call %s: %w", b.name, err)
	}
	if _, err := cloudwatch.NewEventTarget(b.Ctx, b.Child("schedule-target"), &cloudwatch.EventTargetArgs{
		Rule: rule.Name, TargetId: pulumi.String(b.Kind), Arn: b.function.Arn,
		// calls that come before they are allowed are dropped
	}, b.Options(pulumi.DependsOn([]pulumi.Resource{permission}))...); err != nil {
		return fmt.Errorf("schedule %s: %w", b.name, err)
	}
	return nil
}
