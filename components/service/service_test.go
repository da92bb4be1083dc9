package service_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/cluster"
	"dagster-ecs/components/internal/workloadtest"
	"dagster-ecs/components/service"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/awstest"
	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/pulumitest"
)

func args(t *testing.T) *service.Args {
	return &service.Args{
		Workload: workload.Args{
			Spec:      workloadtest.Spec(t, "web"),
			Kind:      "web",
			Container: workload.Container{Command: []string{"serve"}, StopSeconds: 30},
		},
		Count: 1, MinPercent: 100, MaxPercent: 200,
	}
}

func record(t *testing.T, args *service.Args, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	recorder, _ := pulumitest.Build(t, service.New, "it", args, options...)
	return recorder
}

func TestServiceHasTheNameOfItsFamily(t *testing.T) {
	if got := record(t, args(t)).One(t, awstest.Service, "it-service").Input("name"); got != "asset-manager-web" {
		t.Errorf("the service is called %v", got)
	}
}

func TestBrokenDeploymentRollsBack(t *testing.T) {
	made := record(t, args(t)).One(t, awstest.Service, "it-service")
	breaker, _ := made.Input("deploymentCircuitBreaker").(map[string]any)
	if breaker["enable"] != true || breaker["rollback"] != true {
		t.Errorf("the circuit breaker is %v", breaker)
	}
	network, _ := made.Input("networkConfiguration").(map[string]any)
	if network["assignPublicIp"] != false {
		t.Errorf("the network is %v", network)
	}
}

func TestADeploymentIsLookedAtByItsAlarmsAndTheirAbsenceIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		alarms *service.Alarms
		want   string
	}{
		"on":   {&service.Alarms{Names: pulumi.StringArray{pulumi.String("answers")}, Enabled: true}, "map[alarmNames:[answers] enable:true rollback:true]"},
		"off":  {&service.Alarms{Names: pulumi.StringArray{}}, "map[alarmNames:[] enable:false rollback:false]"},
		"none": {nil, "<nil>"},
	} {
		with := args(t)
		with.Alarms = c.alarms
		if got := fmt.Sprint(record(t, with).One(t, awstest.Service, "it-service").Input("alarms")); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// AWS takes Spot capacity back at two minutes' notice, so only runs take it: their base is what services run on.
func TestServicesRunOnDemand(t *testing.T) {
	strategies, _ := record(t, args(t)).One(t, awstest.Service, "it-service").Input("capacityProviderStrategies").([]any)
	if len(strategies) != 1 || strategies[0].(map[string]any)["capacityProvider"] != cluster.Fargate {
		t.Errorf("the service runs on %v", strategies)
	}
}

func TestServiceOutlivesItsPolicies(t *testing.T) {
	with := args(t)
	with.Workload.Permissions = []iamdoc.Statement{{Sid: "A", Action: []string{"s3:GetObject"}, Resource: []any{"arn:aws:s3:::b/*"}}}
	made := record(t, with).One(t, awstest.Service, "it-service")
	for _, policy := range []string{"it-execution-policy", "it-task-policy"} {
		if !slices.Contains(made.Dependencies, policy) {
			t.Errorf("the service does not wait for %s, only for %v", policy, made.Dependencies)
		}
	}
}

func TestServiceWaitsForItsRules(t *testing.T) {
	with := args(t)
	with.Workload.Spec.Reach = []workload.Peer{
		{Name: "database", Reason: "Because", Port: 5432, Group: pulumi.String("sg-database"), Both: true},
	}
	made := record(t, with).One(t, awstest.Service, "it-service")
	for _, rule := range []string{"it-tasks-to-database", "it-tasks-at-database"} {
		if !slices.Contains(made.Dependencies, rule) {
			t.Errorf("the service does not wait for %s, only for %v", rule, made.Dependencies)
		}
	}
}

func TestNothingHappensToAServiceBeforeItsHooksSucceed(t *testing.T) {
	recorder := pulumitest.Record(t, func(ctx *pulumi.Context) error {
		gate, err := ctx.RegisterResourceHook("gate", func(*pulumi.ResourceHookArgs) error { return nil }, nil)
		if err != nil {
			return err
		}
		ready := &pulumi.CustomResourceState{}
		if err := ctx.RegisterResource("aws:x/ready:Ready", "ready", pulumi.Map{}, ready); err != nil {
			return err
		}
		with := args(t)
		with.Before = service.Before{Ready: []pulumi.Resource{ready}, Hooks: []*pulumi.ResourceHook{gate}}
		_, err = service.New(ctx, "it", with)
		return err
	})
	made := recorder.One(t, awstest.Service, "it-service")
	for _, when := range []string{"BeforeCreate", "BeforeUpdate"} {
		if !slices.Equal(made.Hooks[when], []string{"gate"}) {
			t.Errorf("%s calls %v", when, made.Hooks[when])
		}
	}
	if !slices.Contains(made.Dependencies, "ready") {
		t.Errorf("the service waits for %v", made.Dependencies)
	}
}

func TestNoShellCanBeOpenedInTasks(t *testing.T) {
	if got := record(t, args(t)).One(t, awstest.Service, "it-service").Input("enableExecuteCommand"); got != false {
		t.Errorf("enableExecuteCommand is %v", got)
	}
}

func TestFirstPreviewWorks(t *testing.T) {
	record(t, args(t), pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	pulumitest.Refused(t, service.New, args, map[string]func(*service.Args){
		"Workload.Kind: is required": func(a *service.Args) { a.Workload.Kind = "" },
		"Count: 0":                   func(a *service.Args) { a.Count = 0 },
		"leaves no room":             func(a *service.Args) { a.MaxPercent = 100 },
		"Rebalance": func(a *service.Args) {
			a.MinPercent, a.MaxPercent, a.Rebalance = 0, 100, true
		},
		"Alarms.Names: are required":   func(a *service.Args) { a.Alarms = &service.Alarms{Enabled: true} },
		"Target.GroupArn: is required": func(a *service.Args) { a.Target = &service.Target{} },
		"Target.Listener: is required": func(a *service.Args) { a.Target = &service.Target{GroupArn: pulumi.String("arn")} },
		"needs a container with a port": func(a *service.Args) {
			a.Target = &service.Target{GroupArn: pulumi.String("arn")}
		},
	})
}
