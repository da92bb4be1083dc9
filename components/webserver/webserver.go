package webserver

import (
	_ "embed"
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/configuration"
	"dagster-ecs/components/service"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/containerdef"
	"dagster-ecs/internal/grants"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:webserver:Webserver"

// Kind is the webserver's short name.
const Kind = "web"

const (
	port = 3000
	// healthPath answers with Dagster's versions, without touching the database, any code or a thread that answers queries:
	// it tells that the process serves, and so may be sent requests. The load balancer sees a status only, and Dagster
	// answers every other path with the UI's page and the same 200. Whether queries are answered is answersScript's to ask,
	// with more patience: it costs the task, and queries are slow on a busy one.
	healthPath = "/server_info"
	// stopSeconds covers the target's deregistration and the requests under way.
	stopSeconds = 60
	// graceSeconds is how long a start may take: the configuration is fetched and the code loaded first.
	graceSeconds = 180
	// keepSeconds is by how much the webserver keeps a silent connection longer than the load balancer.
	keepSeconds = 10
	// cpuTarget is the CPU utilization, in percent, around which the number of instances is kept.
	cpuTarget = 60
)

//go:embed serve.py
var serveScript string

// answersScript asks a query of the webserver and looks at the answer's content.
//
//go:embed answers.py
var answersScript string

// Webserver is Dagster's UI behind its load balancer.
type Webserver struct {
	pulumi.ResourceState

	// URL is where people reach the UI: by Front.Hostname, else by the load balancer's own name.
	URL pulumi.StringOutput
	// DNSName is the load balancer's own name.
	DNSName pulumi.StringOutput
	// ServiceName is the ECS service's name.
	ServiceName pulumi.StringOutput
	// TaskRoleArn is the role that the webserver acts as.
	TaskRoleArn pulumi.StringOutput
	// SecurityGroupID is the group of the load balancer.
	SecurityGroupID pulumi.StringOutput
	// Port is where the load balancer serves, known at plan time.
	Port int
	// BalancerName and TargetsName are the load balancer and its target group as metrics name them.
	BalancerName, TargetsName pulumi.StringOutput
}

type builder struct {
	*component.Scope
	*Webserver
	args *Args

	balancer *lb.LoadBalancer
	targets  *lb.TargetGroup
	listener *lb.Listener
}

// New builds the webserver.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Webserver, error) {
	webserver := &Webserver{}
	scope, err := component.Open(ctx, TypeToken, name, webserver, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Webserver: webserver, args: args}
	webserver.Port = b.ports()[0]
	if err := scope.Run(b.balancerGroup, b.loadBalancer, b.targetGroup, b.listeners, b.service, b.scaling); err != nil {
		return nil, err
	}
	return webserver, scope.Close(pulumi.Map{
		"url":             webserver.URL,
		"dnsName":         webserver.DNSName,
		"serviceName":     webserver.ServiceName,
		"taskRoleArn":     webserver.TaskRoleArn,
		"securityGroupId": webserver.SecurityGroupID,
	})
}

// service runs the webserver behind the target group.
func (b *builder) service() error {
	made, err := service.New(b.Ctx, b.Scope.Name, &service.Args{
		Workload: b.workload(),
		Count:    b.args.Scaling.Min, Scaled: b.scales() || b.args.Scaling.Sleeps,
		MinPercent: 100, MaxPercent: 200, Rebalance: true,
		Target: &service.Target{GroupArn: b.targets.Arn, Listener: b.listener, GraceSeconds: graceSeconds},
		Alarms: b.args.Alarms,
		Before: b.args.Before,
	}, b.Options()...)
	if err != nil {
		return err
	}
	b.ServiceName, b.TaskRoleArn = made.Name, made.TaskRoleArn
	return nil
}

func (b *builder) workload() workload.Args {
	return workload.Args{
		Spec: b.args.Spec,
		Kind: Kind,
		Container: workload.Container{
			Command: []string{
				"python", "-c", serveScript, strconv.Itoa(b.args.Front.IdleSeconds + keepSeconds),
				"-h", "0.0.0.0", "-p", strconv.Itoa(port), "-w", configuration.WorkspacePath, "--log-format", "json",
				"--db-pool-max-overflow", strconv.Itoa(capacity.PoolOverflow),
			},
			Environment: b.args.Files.Environment(),
			Port:        port,
			HealthCheck: &containerdef.HealthCheck{
				Command:         []string{"python", "-c", answersScript, strconv.Itoa(port)},
				IntervalSeconds: 15,
				TimeoutSeconds:  15,
				Retries:         10,
				StartSeconds:    graceSeconds,
			},
			StopSeconds: stopSeconds,
		},
		Init:        []workload.Init{b.args.Files.Init()},
		Permissions: grants.Webserver(b.args.Spec.Platform.Tasks(), b.args.Bucket, b.args.Runs...),
		ReachedBy: []workload.Peer{{
			Name: "balancer", Reason: "The load balancer to the webserver", Port: port, Group: b.SecurityGroupID, Both: true,
		}},
	}
}

func (b *builder) scales() bool {
	return b.args.Scaling.Max > b.args.Scaling.Min
}

// scaling keeps the CPU around its target between the two numbers of instances.
func (b *builder) scaling() error {
	if !b.scales() {
		return nil
	}
	target, err := appautoscaling.NewTarget(b.Ctx, b.Child("capacity"), &appautoscaling.TargetArgs{
		ServiceNamespace:  pulumi.String("ecs"),
		ScalableDimension: pulumi.String("ecs:service:DesiredCount"),
		ResourceId:        pulumi.Sprintf("service/%s/%s", b.args.Spec.Platform.Cluster.Name, b.ServiceName),
		MinCapacity:       pulumi.Int(b.args.Scaling.Min),
		MaxCapacity:       pulumi.Int(b.args.Scaling.Max),
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("register scalable target: %w", err)
	}
	_, err = appautoscaling.NewPolicy(b.Ctx, b.Child("cpu"), &appautoscaling.PolicyArgs{
		Name:              pulumi.String(b.args.Spec.Platform.Names.Workload(Kind, "cpu")),
		PolicyType:        pulumi.String("TargetTrackingScaling"),
		ServiceNamespace:  target.ServiceNamespace,
		ScalableDimension: target.ScalableDimension,
		ResourceId:        target.ResourceId,
		TargetTrackingScalingPolicyConfiguration: &appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs{
			PredefinedMetricSpecification: &appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs{
				PredefinedMetricType: pulumi.String("ECSServiceAverageCPUUtilization"),
			},
			TargetValue:      pulumi.Float64(cpuTarget),
			ScaleInCooldown:  pulumi.Int(300),
			ScaleOutCooldown: pulumi.Int(60),
		},
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("create scaling policy: %w", err)
	}
	return nil
}
