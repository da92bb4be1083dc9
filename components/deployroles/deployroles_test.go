package deployroles

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/pipeline"
	"dagster-ecs/internal/deployaccess"
	"dagster-ecs/internal/pulumitest"
)

func args() *Args {
	policy := func(name string) deployaccess.Policy { return deployaccess.Policy{Name: name, Document: "{}"} }
	return &Args{
		Location: component.Location{Partition: "aws", Region: pulumitest.Region, Account: pulumitest.Account},
		Project:  "dagster", Stack: "dev",
		Access: deployaccess.Access{
			Boundary: policy("teams/data/boundary"),
			Deploy:   deployaccess.Role{Name: "a-dev-deploy", Policies: []deployaccess.Policy{policy("a-dev-deploy-1")}},
			Preview:  deployaccess.Role{Name: "a-dev-preview", Policies: []deployaccess.Policy{policy("a-dev-preview-1")}},
		},
		State: State{Bucket: "states", KeyArn: pulumi.String("arn:key"), SecretsKeyArn: pulumi.String("arn:secrets")},
	}
}

func TestABoundaryMayStandBelowAPath(t *testing.T) {
	r := pulumitest.Record(t, func(ctx *pulumi.Context) error {
		_, err := New(ctx, "dev", args())
		return err
	})
	boundary := r.One(t, "aws:iam/policy:Policy", "dev-boundary")
	if boundary.Input("name") != "boundary" || boundary.Input("path") != "/teams/data/" {
		t.Errorf("it is %v at %v", boundary.Input("name"), boundary.Input("path"))
	}
}

func TestRefusals(t *testing.T) {
	good := func(*testing.T) *Args { return args() }
	pulumitest.Refused(t, New, good, map[string]func(*Args){
		"Location":                      func(a *Args) { a.Location = component.Location{} },
		"Project: is required":          func(a *Args) { a.Project = "" },
		`Stack: "a.b"`:                  func(a *Args) { a.Stack = "a.b" },
		"Access.Boundary.Name":          func(a *Args) { a.Access = deployaccess.Access{} },
		"State.Bucket: is required":     func(a *Args) { a.State.Bucket = "" },
		"State: both keys are required": func(a *Args) { a.State.KeyArn = nil },
		"Pipeline.Host":                 func(a *Args) { a.Pipeline = &pipeline.Repository{Path: "a/b"} },
	})
}
