package cluster

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/pulumitest"
)

const (
	clusterType  = "aws:ecs/cluster:Cluster"
	capacityType = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
	readerType   = "aws:test/reader:Reader"
)

func build(t *testing.T, args *Args, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	return pulumitest.Record(t, func(ctx *pulumi.Context) error {
		cluster, err := New(ctx, "main", args)
		if err != nil {
			return err
		}
		return ctx.RegisterResource(readerType, "reader", pulumi.Map{"arn": cluster.Ref.Arn}, &pulumi.CustomResourceState{})
	}, options...)
}

func logging(t *testing.T, r *pulumitest.Recorder) any {
	t.Helper()
	configuration := r.One(t, clusterType, "main-cluster").Input("configuration").(map[string]any)
	return configuration["executeCommandConfiguration"].(map[string]any)["logging"]
}

func TestClusterOffersBothKindsOfFargate(t *testing.T) {
	r := build(t, &Args{Name: "fulcrum-cluster"})
	capacity := r.One(t, capacityType, "main-capacity")
	if got := capacity.Input("capacityProviders").([]any); !slices.Equal(got, []any{"FARGATE", "FARGATE_SPOT"}) {
		t.Errorf("got %v", got)
	}
	strategy := capacity.Input("defaultCapacityProviderStrategies").([]any)[0].(map[string]any)
	if strategy["capacityProvider"] != "FARGATE" {
		t.Errorf("what says nothing runs on %v", strategy)
	}
	if reader := r.One(t, readerType, "reader"); !slices.Contains(reader.Dependencies, "main-capacity") {
		t.Errorf("a user of the cluster does not wait for its capacity: %v", reader.Dependencies)
	}
}

func TestInsightsAndExecFollowTheArgs(t *testing.T) {
	r := build(t, &Args{Name: "c", Insights: InsightsEnhanced, Exec: true})
	setting := r.One(t, clusterType, "main-cluster").Input("settings").([]any)[0].(map[string]any)
	if setting["name"] != "containerInsights" || setting["value"] != "enhanced" {
		t.Errorf("got setting %v", setting)
	}
	if got := logging(t, r); got != "DEFAULT" {
		t.Errorf("sessions are logged as %v", got)
	}
	if got := logging(t, build(t, &Args{Name: "c"})); got != "NONE" {
		t.Errorf("sessions are logged as %v without exec", got)
	}
}

func TestUnknownValuesAreBorne(t *testing.T) {
	r := build(t, &Args{Name: "c"}, pulumitest.Unknown())
	if got := r.One(t, readerType, "reader").Input("arn"); got != "[unknown]" {
		t.Errorf("the ARN is %v in a first preview", got)
	}
}

func TestRefusals(t *testing.T) {
	good := func(*testing.T) *Args { return &Args{Name: "fulcrum-cluster"} }
	pulumitest.Refused(t, New, good, map[string]func(*Args){
		"Name: is required": func(a *Args) { a.Name = "" },
		`Name: "a b"`:       func(a *Args) { a.Name = "a b" },
		"1 to 255":          func(a *Args) { a.Name = strings.Repeat("a", 256) },
		`Insights: "all": unknown; disabled, enabled and enhanced are allowed`: func(a *Args) { a.Insights = "all" },
	})
}
