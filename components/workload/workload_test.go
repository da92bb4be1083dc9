package workload_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/cluster"
	"dagster-ecs/components/internal/workloadtest"
	"dagster-ecs/components/logs"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/awstest"
	"dagster-ecs/internal/pulumitest"
)

func args(t *testing.T) *workload.Args {
	spec := workloadtest.Spec(t, "web")
	spec.Secrets = nil
	return &workload.Args{
		Spec:      spec,
		Kind:      "web",
		Container: workload.Container{Command: []string{"serve"}, StopSeconds: 30},
	}
}

func record(t *testing.T, args *workload.Args, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	recorder, _ := pulumitest.Build(t, workload.New, "it", args, options...)
	return recorder
}

func TestNamesAreTheGuides(t *testing.T) {
	recorder, made := pulumitest.Build(t, workload.New, "it", args(t))
	if got := recorder.One(t, awstest.TaskDefinition, "it-definition").Input("family"); got != "asset-manager-web" || got != made.Family {
		t.Errorf("the family is called %v", got)
	}
	if _, there := awstest.ContainersOf(t, recorder, "it-definition")["asset-manager-web"]; !there {
		t.Error("no container is called asset-manager-web")
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

func TestMinimalHasNoTaskPolicyNoRulesNoSecretsNoService(t *testing.T) {
	recorder := record(t, args(t))
	if got := awstest.PolicyOf(t, recorder, "it-task").Actions(); len(got) != 0 {
		t.Errorf("the task may %v", got)
	}
	for _, action := range awstest.PolicyOf(t, recorder, "it-execution").Actions() {
		if strings.HasPrefix(action, "ssm:") || strings.HasPrefix(action, "kms:") {
			t.Errorf("ECS may %s without a secret", action)
		}
	}
	for _, token := range []string{awstest.EgressRule, awstest.IngressRule, awstest.Service} {
		if got := recorder.Names(token); len(got) != 0 {
			t.Errorf("there is %v", got)
		}
	}
}

func TestImageOutsideEcrNeedsNoRegistryPermission(t *testing.T) {
	other := args(t)
	other.Spec.Image = "registry.example.com/asset-manager:1.0.0"
	for _, action := range awstest.PolicyOf(t, record(t, other), "it-execution").Actions() {
		if strings.HasPrefix(action, "ecr:") {
			t.Errorf("ECS may %s", action)
		}
	}
}

func TestOnlyTheOwnContainerIsGivenSecrets(t *testing.T) {
	with := args(t)
	with.Spec.Secrets = workloadtest.Secrets("/p")
	with.Init = []workload.Init{{Name: "first", Command: []any{"x"}}}
	recorder := record(t, with)
	if got := awstest.PolicyOf(t, recorder, "it-execution").Of(t, "ssm:GetParameters").Resource; len(got) != 2 {
		t.Errorf("readable are %v", got)
	}
	containers := awstest.ContainersOf(t, recorder, "it-definition")
	if first, own := containers["first"].Secrets, containers["asset-manager-web"].Secrets; len(first) != 0 || len(own) != 2 {
		t.Errorf("the init container is given %v, the own one %v", first, own)
	}
}

func TestScratchVolumesAreInEveryContainer(t *testing.T) {
	with := args(t)
	with.Init = []workload.Init{{Name: "first", Command: []any{"x"}}}
	recorder := record(t, with)
	volumes, _ := recorder.One(t, awstest.TaskDefinition, "it-definition").Input("volumes").([]any)
	if len(volumes) != 2 {
		t.Errorf("volumes are %v", volumes)
	}
	for name, container := range awstest.ContainersOf(t, recorder, "it-definition") {
		if len(container.Mounts) != 2 || !container.ReadOnly || container.User != workload.User {
			t.Errorf("%s: %+v", name, container)
		}
	}
}

func TestTheImagesEntryPointIsNeverUsed(t *testing.T) {
	own := []string{"/usr/bin/env", "python", "-c", "script"}
	with := args(t)
	with.Init = []workload.Init{{Name: "first", Command: []any{"x"}}}
	with.Container.EntryPoint = own
	recorder := record(t, with)
	for name, container := range awstest.ContainersOf(t, recorder, "it-definition") {
		want := own
		if name == "first" {
			want = []string{"/usr/bin/env"}
		}
		if !slices.Equal(container.Entry, want) {
			t.Errorf("%s has the entry point %v, want %v", name, container.Entry, want)
		}
	}
}

func TestFirstPreviewWorks(t *testing.T) {
	record(t, args(t), pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	peer := workload.Peer{Name: "p", Reason: "Because", Port: 1, Cidr: "10.0.0.0/8"}
	pulumitest.Refused(t, workload.New, args, map[string]func(*workload.Args){
		"Kind: is required":                  func(a *workload.Args) { a.Kind = "" },
		"Spec.CPU: 0":                        func(a *workload.Args) { a.Spec.CPU = 0 },
		"Spec.Memory: 0":                     func(a *workload.Args) { a.Spec.Memory = 0 },
		"Init[0].Name: is required":          func(a *workload.Args) { a.Init = []workload.Init{{Command: []any{"x"}}} },
		`Init[0].Command: is required`:       func(a *workload.Args) { a.Init = []workload.Init{{Name: "x"}} },
		"Container.Command":                  func(a *workload.Args) { a.Container.Command = nil },
		"Container.StopSeconds: 121":         func(a *workload.Args) { a.Container.StopSeconds = 121 },
		"Spec.Log.Name: is required":         func(a *workload.Args) { a.Spec.Log = logs.Group{} },
		"Spec.Image: is required":            func(a *workload.Args) { a.Spec.Image = "" },
		"Spec.Platform.Subnets: is required": func(a *workload.Args) { a.Spec.Platform.Subnets = nil },
		"Platform.Cluster.Name: is required": func(a *workload.Args) { a.Spec.Platform.Cluster = cluster.Ref{} },
		"Reach p.Reason": func(a *workload.Args) {
			bad := peer
			bad.Reason = "it's not allowed"
			a.Spec.Reach = []workload.Peer{bad}
		},
		"exactly one of Group": func(a *workload.Args) {
			bad := peer
			bad.Group = pulumi.String("sg-1")
			a.ReachedBy = []workload.Peer{bad}
		},
		"only a Group can get": func(a *workload.Args) {
			bad := peer
			bad.Both = true
			a.Spec.Reach = []workload.Peer{bad}
		},
		`Reach: name "p" is there twice`: func(a *workload.Args) { a.Spec.Reach = []workload.Peer{peer, peer} },
	})
}

func TestRevisionsOfBeforeStayUsable(t *testing.T) {
	if got := record(t, args(t)).One(t, awstest.TaskDefinition, "it-definition").Input("skipDestroy"); got != true {
		t.Errorf("the revision of before is deregistered: skipDestroy is %v", got)
	}
}
