package daemon

import (
	_ "embed"
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/configuration"
	"dagster-ecs/components/service"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/containerdef"
	"dagster-ecs/internal/grants"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:daemon:Daemon"

// Kind is the daemon's short name.
const Kind = "daemon"

// stopSeconds is the longest that Fargate allows: the daemon joins its threads one after the other.
const stopSeconds = 120

// aliveScript starts the daemon, and tells whether it lives.
//
//go:embed alive.py
var aliveScript string

// Daemon is the Dagster daemon.
type Daemon struct {
	pulumi.ResourceState

	// ServiceName is the ECS service's name.
	ServiceName pulumi.StringOutput
	// TaskRoleArn is the role that the daemon acts as.
	TaskRoleArn pulumi.StringOutput
	// Deployed is what others wait for that may only change once the daemon runs what it was given.
	Deployed service.Before
}

// New builds the daemon.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Daemon, error) {
	daemon := &Daemon{}
	scope, err := component.Open(ctx, TypeToken, name, daemon, args, opts...)
	if err != nil {
		return nil, err
	}
	if err := scope.Run(func() error { return daemon.build(scope, args) }); err != nil {
		return nil, err
	}
	return daemon, scope.Close(pulumi.Map{
		"serviceName": daemon.ServiceName,
		"taskRoleArn": daemon.TaskRoleArn,
	})
}

func (d *Daemon) build(scope *component.Scope, args *Args) error {
	made, err := service.New(scope.Ctx, scope.Name, &service.Args{
		Workload: workload.Args{
			Spec:        args.Spec,
			Kind:        Kind,
			Container:   container(args),
			Init:        []workload.Init{args.Files.Init()},
			Permissions: grants.Daemon(args.Spec.Platform.Tasks(), args.Bucket, args.Runs...),
		},
		Count: 1, Scaled: args.Sleeps, MinPercent: 0, MaxPercent: 100,
		Before: args.Before,
	}, scope.Options()...)
	if err != nil {
		return err
	}
	d.ServiceName, d.TaskRoleArn, d.Deployed = made.Name, made.TaskRoleArn, made.Deployed
	return nil
}

func container(args *Args) workload.Container {
	environment := map[string]pulumi.StringInput{
		// RunTask throttled as a client error is not retried by Dagster, only by the SDK.
		"AWS_RETRY_MODE":   pulumi.String("adaptive"),
		"AWS_MAX_ATTEMPTS": pulumi.String("10"),
	}
	maps.Copy(environment, args.Files.Environment())
	return workload.Container{
		Command: []string{
			"python", "-c", aliveScript, "dagster-daemon", "run", "-w", configuration.WorkspacePath, "--log-format", "json",
		},
		Environment: environment,
		// Heartbeats begin when the code is loaded, which may take dagsterconf's startup time. One that never comes up is
		// given up after 4 minutes, so that three tries end within the 20 minutes that the provider waits.
		HealthCheck: &containerdef.HealthCheck{
			Command:         []string{"python", "-c", aliveScript},
			IntervalSeconds: 20,
			TimeoutSeconds:  20,
			Retries:         3,
			StartSeconds:    180,
		},
		StopSeconds: stopSeconds,
	}
}
