package gateway_test

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/gateway"
	"dagster-ecs/components/internal/workloadtest"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/awstest"
	"dagster-ecs/internal/pulumitest"
)

func args(t *testing.T) *gateway.Args {
	spec := workloadtest.Spec(t, "daemon")
	spec.Secrets, spec.Platform.ParameterKeyArn, spec.Platform.Environment = nil, nil, nil
	spec.Reach = []workload.Peer{{Name: "internet", Reason: "AWS APIs", Port: 443, Cidr: "0.0.0.0/0"}}
	return &gateway.Args{Spec: spec}
}

func record(t *testing.T, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	recorder, _ := pulumitest.Build(t, gateway.New, "gateway", args(t), options...)
	return recorder
}

func TestNothingRunsUntilSomebodyComes(t *testing.T) {
	if got := record(t).Names(awstest.Service); len(got) != 0 {
		t.Errorf("there is %v", got)
	}
}

func TestItsTaskEndsByItselfAndRunsNoCodeOfTheImage(t *testing.T) {
	own := awstest.ContainersOf(t, record(t), "gateway-definition")["asset-manager-gateway"]
	if want := []string{"sleep", "43200"}; !slices.Equal(own.Command, want) || !slices.Equal(own.Entry, []string{"/usr/bin/env"}) {
		t.Errorf("it runs %v %v, want %v", own.Entry, own.Command, want)
	}
	if len(own.Secrets) != 0 || len(own.Variables) != 0 {
		t.Errorf("it is told %v %v", own.Secrets, own.Variables)
	}
}

func TestTheAgentOfEcsExecCanWork(t *testing.T) {
	r := record(t)
	if own := awstest.ContainersOf(t, r, "gateway-definition")["asset-manager-gateway"]; own.ReadOnly {
		t.Error("the root file system is read-only")
	}
	want := []string{
		"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
	}
	if got := awstest.PolicyOf(t, r, "gateway-task").Actions(); !slices.Equal(got, want) {
		t.Errorf("the task may %v, want %v", got, want)
	}
}

func TestNobodyConnectsToItsTasks(t *testing.T) {
	if got := record(t).Names(awstest.IngressRule); len(got) != 0 {
		t.Errorf("ingress rules are %v", got)
	}
}

func TestFirstPreviewWorks(t *testing.T) {
	record(t, pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	pulumitest.Refused(t, gateway.New, args, map[string]func(*gateway.Args){
		"Spec.Image: is required": func(a *gateway.Args) { a.Spec.Image = "" },
		"Spec.Secrets: must be left out": func(a *gateway.Args) {
			a.Spec.Secrets = map[string]pulumi.StringInput{"TOKEN": pulumi.String("arn")}
		},
	})
}
