package migration

import (
	_ "embed"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/imagecheck"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/awsapi"
	"dagster-ecs/internal/dagsterconf"
	"dagster-ecs/internal/taskrun"
	"dagster-ecs/internal/taskstop"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:migration:Migration"

const (
	// kind is the migration's short name, as it stands in the family and in log streams.
	kind = "migration"
	// stopSeconds is for what ends a statement of the database in the middle anyway.
	stopSeconds = 30
)

//go:embed migrate.py
var script string

// Migration is what migrates the tables.
type Migration struct {
	pulumi.ResourceState

	// Gate is the hook that runs the migration, to be called before a service is created or changed.
	Gate *pulumi.ResourceHook
	// Needed are what has to be there before the hook is called.
	Needed []pulumi.Resource
}

type builder struct {
	*component.Scope
	*Migration
	args     *Args
	workload *workload.Workload
}

// New builds the migration's task definition and its hook.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Migration, error) {
	migration := &Migration{}
	scope, err := component.Open(ctx, TypeToken, name, migration, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Migration: migration, args: args}
	if err := scope.Run(b.buildWorkload, b.registerGate); err != nil {
		return nil, err
	}
	return migration, scope.Close(pulumi.Map{"taskDefinitionArn": b.workload.TaskDefinitionArn})
}

func (b *builder) buildWorkload() error {
	storage, err := dagsterconf.RenderStorage()
	if err != nil {
		return fmt.Errorf("render the storage: %w", err)
	}
	b.workload, err = workload.New(b.Ctx, b.Scope.Name, &workload.Args{
		Spec: b.args.Spec,
		Kind: kind,
		Container: workload.Container{
			Command:     append(imagecheck.Before(b.args.Module), "python", "-u", "-c", script, string(storage)),
			Environment: b.environment(),
			StopSeconds: stopSeconds,
		},
	}, b.Options()...)
	if err != nil {
		return err
	}
	b.Needed = b.workload.Needed
	return nil
}

// environment has the owner's role taken on at login, so that whatever is created belongs to the owner.
func (b *builder) environment() map[string]pulumi.StringInput {
	if b.args.OwnerRole == "" {
		return nil
	}
	return map[string]pulumi.StringInput{"PGOPTIONS": pulumi.String("-c role=" + b.args.OwnerRole)}
}

func (b *builder) registerGate() (err error) {
	spec := b.args.Spec
	computed := pulumi.All(b.workload.TaskDefinitionArn, b.workload.SecurityGroupID, spec.Platform.Subnets)
	b.Gate, err = b.Ctx.RegisterResourceHook(b.Child("gate"), func(*pulumi.ResourceHookArgs) error {
		to, err := b.target(computed)
		if err != nil {
			return err
		}
		return b.open(to)
	}, nil)
	if err != nil {
		return fmt.Errorf("register the hook %s: %w", b.Child("gate"), err)
	}
	return nil
}

// target is what to run and where. The engine calls a hook once everything that its resource waits for is there.
func (b *builder) target(computed pulumi.ArrayOutput) (taskrun.Target, error) {
	result, err := internals.UnsafeAwaitOutput(b.Ctx.Context(), computed)
	if err != nil {
		return taskrun.Target{}, fmt.Errorf("learn what AWS gave the migration: %w", err)
	}
	to := taskrun.Target{Cluster: b.args.Spec.Platform.Cluster.Name}
	values, _ := result.Value.([]any)
	if !result.Known || len(values) != 3 {
		return taskrun.Target{}, fmt.Errorf("learn what AWS gave the migration: it is not known yet")
	}
	to.Definition, _ = values[0].(string)
	to.Group, _ = values[1].(string)
	to.Subnets, _ = values[2].([]string)
	return to, nil
}

// open runs the migration with AWS's own clients.
func (b *builder) open(to taskrun.Target) error {
	ctx := b.Ctx.Context()
	config, err := awsapi.Load(ctx, b.args.Spec.Platform.Location.Region)
	if err != nil {
		return err
	}
	client := ecs.NewFromConfig(config)
	tell := func(text string) {
		// A line that does not reach the person changes nothing of what happens.
		_ = b.Ctx.Log.Info(text, &pulumi.LogArgs{Resource: b.Migration})
	}
	return gate{
		tasks: tasks{ecs: client, family: b.workload.Family, target: to, tell: tell},
		stops: taskstop.Reader{ECS: client, Logs: cloudwatchlogs.NewFromConfig(config)},
		snapshots: snapshots{
			rds: rds.NewFromConfig(config), instance: b.args.InstanceID, reason: "before " + b.args.Spec.Image + " migrates it", tell: tell,
		},
		tell: tell,
	}.pass(ctx)
}
