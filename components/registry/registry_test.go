package registry

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/pulumitest"
)

var here = component.Location{Partition: "aws", Region: pulumitest.Region, Account: pulumitest.Account}

func TestTagsStayAndOldImagesGo(t *testing.T) {
	r := pulumitest.Record(t, func(ctx *pulumi.Context) error {
		_, err := New(ctx, "images", &Args{Location: here, Repository: "team/app", Kept: 7})
		return err
	})
	if got := r.One(t, "aws:ecr/repository:Repository", "images-repository").Input("imageTagMutability"); got != "IMMUTABLE" {
		t.Errorf("tags are %v", got)
	}
	var policy struct {
		Rules []struct{ Selection map[string]any }
	}
	r.One(t, "aws:ecr/lifecyclePolicy:LifecyclePolicy", "images-lifecycle").Document(t, "policy", &policy)
	if len(policy.Rules) != 2 || policy.Rules[1].Selection["countNumber"] != 7.0 || policy.Rules[1].Selection["tagStatus"] != "any" {
		t.Errorf("images go by %+v", policy.Rules)
	}
	if found := r.Of("aws:ecr/replicationConfiguration:ReplicationConfiguration"); len(found) > 0 {
		t.Error("the registry's copies are configured without a region")
	}
}

func TestRefusals(t *testing.T) {
	good := func(*testing.T) *Args { return &Args{Location: here, Repository: "app"} }
	pulumitest.Refused(t, New, good, map[string]func(*Args){
		"Location":               func(a *Args) { a.Location = component.Location{} },
		`Repository: "App"`:      func(a *Args) { a.Repository = "App" },
		"2 to 256":               func(a *Args) { a.Repository = strings.Repeat("a", 257) },
		"Kept: 10001: too large": func(a *Args) { a.Kept = 10001 },
		"ReplicaRegion":          func(a *Args) { a.ReplicaRegion = pulumitest.Region },
	})
}
