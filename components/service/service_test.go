package service_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/internal/workloadtest"
	"dagster-ecs/components/service"
	"dagster-ecs/internal/awstest"
	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/pulumitest"
)

func args(t *testing.T) *service.Args {
	workload := workloadtest.Workload(t, "web")
	workload.Secrets = nil
	return &service.Args{
		Workload:   workload,
		Kind:       "web",
		Container:  service.Container{Command: []string{"serve"}, StopSeconds: 30},
		Deployment: &service.Deployment{Count: 1, MinPercent: 100, MaxPercent: 200},
	}
}

func record(t *testing.T, args *service.Args, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	return pulumitest.Record(t, func(ctx *pulumi.Context) error {
		_, err := service.New(ctx, "it", args)
		return err
	}, options...)
}

func TestNamesAreTheGuides(t *testing.T) {
	recorder := record(t, args(t))
	if got := recorder.One(t, awstest.Service, "it-service").Input("name"); got != "asset-manager-web" {
		t.Errorf("the service is called %v", got)
	}
	definition := recorder.One(t, awstest.TaskDefinition, "it-definition")
	if got := definition.Input("family"); got != "asset-manager-web" {
		t.Errorf("the family is called %v", got)
	}
	if _, there := awstest.ContainersOf(t, recorder, "it-definition")["asset-manager-web"]; !there {
		t.Error("no container is called asset-manager-web")
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

func TestRolesAreForTasksOfTheOwnAccountOnly(t *testing.T) {
	recorder := record(t, args(t))
	for _, role := range recorder.Of(awstest.Role) {
		var trust struct {
			Statement []struct {
				Principal map[string][]string
				Condition map[string]map[string]string
			}
		}
		role.Document(t, "assumeRolePolicy", &trust)
		if len(trust.Statement) != 1 || !slices.Equal(trust.Statement[0].Principal["Service"], []string{"ecs-tasks.amazonaws.com"}) ||
			trust.Statement[0].Condition["StringEquals"]["aws:SourceAccount"] != pulumitest.Account {
			t.Errorf("%s can be taken by %+v", role.Name, trust)
		}
	}
}

func TestServiceOutlivesItsPolicies(t *testing.T) {
	with := args(t)
	with.Permissions = []iamdoc.Statement{{Sid: "A", Action: []string{"s3:GetObject"}, Resource: []any{"arn:aws:s3:::b/*"}}}
	made := record(t, with).One(t, awstest.Service, "it-service")
	for _, policy := range []string{"it-execution-policy", "it-task-policy"} {
		if !slices.Contains(made.Dependencies, policy) {
			t.Errorf("the service does not wait for %s, only for %v", policy, made.Dependencies)
		}
	}
}

func TestServiceWaitsForItsRules(t *testing.T) {
	with := args(t)
	with.Workload.Reach = []service.Peer{
		{Name: "database", Reason: "Because", Port: 5432, Group: pulumi.String("sg-database"), Both: true},
	}
	made := record(t, with).One(t, awstest.Service, "it-service")
	for _, rule := range []string{"it-to-database", "it-at-database"} {
		if !slices.Contains(made.Dependencies, rule) {
			t.Errorf("the service does not wait for %s, only for %v", rule, made.Dependencies)
		}
	}
}

func TestMinimalHasNoTaskPolicyNoRulesNoSecrets(t *testing.T) {
	recorder := record(t, args(t))
	if got := awstest.PolicyOf(t, recorder, "it-task").Actions(); len(got) != 0 {
		t.Errorf("the task may %v", got)
	}
	for _, action := range awstest.PolicyOf(t, recorder, "it-execution").Actions() {
		if strings.HasPrefix(action, "ssm:") || strings.HasPrefix(action, "kms:") {
			t.Errorf("ECS may %s without a secret", action)
		}
	}
	for _, token := range []string{awstest.EgressRule, awstest.IngressRule} {
		if got := recorder.Names(token); len(got) != 0 {
			t.Errorf("rules are %v", got)
		}
	}
}

func TestWithoutDeploymentThereIsNoService(t *testing.T) {
	only := args(t)
	only.Deployment = nil
	if got := record(t, only).Names(awstest.Service); len(got) != 0 {
		t.Errorf("services are %v", got)
	}
}

func TestImageOutsideEcrNeedsNoRegistryPermission(t *testing.T) {
	other := args(t)
	other.Workload.Platform.Image = "registry.example.com/asset-manager:1.0.0"
	for _, action := range awstest.PolicyOf(t, record(t, other), "it-execution").Actions() {
		if strings.HasPrefix(action, "ecr:") {
			t.Errorf("ECS may %s", action)
		}
	}
}

func TestShellNeedsItsChannelsOnlyWhenAllowed(t *testing.T) {
	with := args(t)
	with.Workload.Platform.Exec = true
	recorder := record(t, with)
	if got := awstest.PolicyOf(t, recorder, "it-task").Actions(); len(got) != 4 || !strings.HasPrefix(got[0], "ssmmessages:") {
		t.Errorf("the task may %v", got)
	}
	if recorder.One(t, awstest.Service, "it-service").Input("enableExecuteCommand") != true {
		t.Error("the service takes no commands")
	}
	if record(t, args(t)).One(t, awstest.Service, "it-service").Input("enableExecuteCommand") != false {
		t.Error("the service takes commands by default")
	}
}

func TestSharedSecretIsReadableOnce(t *testing.T) {
	with := args(t)
	with.Workload.Secrets = workloadtest.Secrets("/p")
	with.Init = []service.Init{{Name: "first", Command: []any{"x"}, Secrets: with.Workload.Secrets}}
	policy := awstest.PolicyOf(t, record(t, with), "it-execution")
	if got := policy.Of(t, "ssm:GetParameters").Resource; len(got) != 2 {
		t.Errorf("readable are %v", got)
	}
}

func TestScratchVolumesAreInEveryContainer(t *testing.T) {
	with := args(t)
	with.Init = []service.Init{{Name: "first", Command: []any{"x"}}}
	recorder := record(t, with)
	volumes, _ := recorder.One(t, awstest.TaskDefinition, "it-definition").Input("volumes").([]any)
	if len(volumes) != 2 {
		t.Errorf("volumes are %v", volumes)
	}
	for name, container := range awstest.ContainersOf(t, recorder, "it-definition") {
		if len(container.Mounts) != 2 || !container.ReadOnly || container.User != service.User {
			t.Errorf("%s: %+v", name, container)
		}
	}
}

func TestFirstPreviewWorks(t *testing.T) {
	record(t, args(t), pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	peer := service.Peer{Name: "p", Reason: "Because", Port: 1, Cidr: "10.0.0.0/8"}
	for want, edit := range map[string]func(*service.Args){
		"Kind: is required":             func(a *service.Args) { a.Kind = "" },
		"Memory: 1024 MiB with Cpu 0":   func(a *service.Args) { a.Workload.Cpu = 0 },
		"Memory: 0 MiB":                 func(a *service.Args) { a.Workload.Memory = 0 },
		"Container.Command":             func(a *service.Args) { a.Container.Command = nil },
		"Container.StopSeconds: 121":    func(a *service.Args) { a.Container.StopSeconds = 121 },
		"Log: is required":              func(a *service.Args) { a.Workload.Log = service.Log{} },
		"Platform.Image: is required":   func(a *service.Args) { a.Workload.Platform.Image = "" },
		"Platform.Subnets: is required": func(a *service.Args) { a.Workload.Platform.Subnets = nil },
		"Reach p.Reason": func(a *service.Args) {
			bad := peer
			bad.Reason = "it's not allowed"
			a.Workload.Reach = []service.Peer{bad}
		},
		"exactly one of Group": func(a *service.Args) {
			bad := peer
			bad.Group = pulumi.String("sg-1")
			a.ReachedBy = []service.Peer{bad}
		},
		"only a Group can get": func(a *service.Args) {
			bad := peer
			bad.Both = true
			a.Workload.Reach = []service.Peer{bad}
		},
		`Reach: name "p" is there twice`: func(a *service.Args) { a.Workload.Reach = []service.Peer{peer, peer} },
		"Deployment.Count: 0":            func(a *service.Args) { a.Deployment.Count = 0 },
		"leaves no room":                 func(a *service.Args) { a.Deployment.MaxPercent = 100 },
		"Deployment.Rebalance": func(a *service.Args) {
			a.Deployment = &service.Deployment{Count: 1, MaxPercent: 100, Rebalance: true}
		},
		"needs a container with a port": func(a *service.Args) { a.Deployment.TargetGroupArn = pulumi.String("arn") },
	} {
		refused := args(t)
		edit(refused)
		recorder := pulumitest.New()
		err := recorder.Run(func(ctx *pulumi.Context) error {
			_, err := service.New(ctx, "it", refused)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
		if made := recorder.Of(service.TypeToken); len(made) != 0 {
			t.Errorf("%s: registered all the same", want)
		}
	}
}
