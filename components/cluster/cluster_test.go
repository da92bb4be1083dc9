package cluster

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/pulumitest"
)

const (
	clusterType  = "aws:ecs/cluster:Cluster"
	capacityType = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
	readerType   = "aws:test/reader:Reader"
)

var here = component.Location{Partition: "aws", Region: pulumitest.Region, Account: pulumitest.Account}

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

func TestClusterOffersBothKindsOfFargate(t *testing.T) {
	r := build(t, &Args{Location: here, Name: "fulcrum-cluster"})
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

func TestInsightsFollowTheArgs(t *testing.T) {
	r := build(t, &Args{Location: here, Name: "c", Insights: InsightsEnhanced})
	setting := r.One(t, clusterType, "main-cluster").Input("settings").([]any)[0].(map[string]any)
	if setting["name"] != "containerInsights" || setting["value"] != "enhanced" {
		t.Errorf("got setting %v", setting)
	}
}

func TestUnknownValuesAreBorne(t *testing.T) {
	r := build(t, &Args{Location: here, Name: "c"}, pulumitest.Unknown())
	if got := r.One(t, readerType, "reader").Input("arn"); got != "[unknown]" {
		t.Errorf("the ARN is %v in a first preview", got)
	}
}

func TestRefusals(t *testing.T) {
	good := func(*testing.T) *Args { return &Args{Location: here, Name: "fulcrum-cluster"} }
	pulumitest.Refused(t, New, good, map[string]func(*Args){
		"Location":                             func(a *Args) { a.Location = component.Location{} },
		"Existing: excludes Name and Insights": func(a *Args) { a.Existing = &Existing{Name: "shared"} },
		"Existing.Name: is required":           func(a *Args) { a.Existing = &Existing{} },
		"Name: is required":                    func(a *Args) { a.Name = "" },
		`Name: "a b"`:                          func(a *Args) { a.Name = "a b" },
		"1 to 255":                             func(a *Args) { a.Name = strings.Repeat("a", 256) },
		`Insights: "all": unknown; disabled, enabled and enhanced are allowed`: func(a *Args) { a.Insights = "all" },
	})
}

// ecsAPI answers DescribeClusters with one cluster and refuses what would change one.
func ecsAPI(t *testing.T, account string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DescribeClusters") {
			t.Errorf("called %s", r.Header.Get("X-Amz-Target"))
		}
		if _, err := fmt.Fprintf(w, `{"clusters": [{"clusterName": "shared", "status": "ACTIVE", "capacityProviders": ["FARGATE"],
			"clusterArn": "arn:aws:ecs:us-west-1:%s:cluster/shared"}]}`, account); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
}

func TestExistingClusterIsUsedAndNothingIsMade(t *testing.T) {
	ecsAPI(t, pulumitest.Account)
	r := build(t, &Args{Location: here, Existing: &Existing{Name: "shared"}})
	if made := append(r.Of(clusterType), r.Of(capacityType)...); len(made) > 0 {
		t.Errorf("made %v", made)
	}
	if got := r.One(t, readerType, "reader").Input("arn"); got != "arn:aws:ecs:us-west-1:111122223333:cluster/shared" {
		t.Errorf("got %v", got)
	}
}

func TestExistingClusterOfAnotherAccountIsRefused(t *testing.T) {
	ecsAPI(t, "444455556666")
	err := pulumitest.New().Run(func(ctx *pulumi.Context) error {
		_, err := New(ctx, "main", &Args{Location: here, Existing: &Existing{Name: "shared"}})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "the credentials lead to arn:aws:ecs:us-west-1:444455556666:cluster/shared") {
		t.Errorf("got %v", err)
	}
}

func TestClusterIsCreatedOnlyAfterALook(t *testing.T) {
	r := build(t, &Args{Location: here, Name: "c"})
	if hooks := r.One(t, clusterType, "main-cluster").Hooks; !slices.Contains(hooks["BeforeCreate"], "main-unclaimed") {
		t.Errorf("hooks are %v", hooks)
	}
}
