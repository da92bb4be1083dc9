package pipeline

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/pulumitest"
)

var here = component.Location{Partition: "aws", Region: pulumitest.Region, Account: pulumitest.Account}

func args() *Args {
	return &Args{Location: here, Prefix: "asset-manager", Repository: Repository{Host: GitHub, Path: "company/dagster"}}
}

func TestAProviderThatTheAccountHasIsNotMadeAgain(t *testing.T) {
	const provider = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
	for existing, want := range map[bool]int{false: 1, true: 0} {
		r := pulumitest.Record(t, func(ctx *pulumi.Context) error {
			given := args()
			given.ExistingProvider = existing
			_, err := New(ctx, "pipeline", given)
			return err
		})
		if got := len(r.Of(provider)); got != want {
			t.Errorf("existing %v: made %d providers", existing, got)
		}
	}
}

func TestTheImageRolePushesToTheGivenRepositoriesOnly(t *testing.T) {
	const repository = "arn:aws:ecr:us-west-1:111122223333:repository/app"
	r := pulumitest.Record(t, func(ctx *pulumi.Context) error {
		given := args()
		given.Images = []pulumi.StringInput{pulumi.String(repository)}
		_, err := New(ctx, "pipeline", given)
		return err
	})
	var policy struct {
		Statement []struct {
			Sid      string
			Resource []string
		}
	}
	r.One(t, "aws:iam/rolePolicy:RolePolicy", "pipeline-image-policy").Document(t, "policy", &policy)
	for _, statement := range policy.Statement {
		if statement.Sid == "Push" && (len(statement.Resource) != 1 || statement.Resource[0] != repository) {
			t.Errorf("it pushes to %v", statement.Resource)
		}
	}
}

func TestRefusals(t *testing.T) {
	good := func(*testing.T) *Args { return args() }
	pulumitest.Refused(t, New, good, map[string]func(*Args){
		"Location": func(a *Args) { a.Location = component.Location{} },
		"Prefix":   func(a *Args) { a.Prefix = "" },
		`Repository.Host: "bitbucket": unknown; github and gitlab are allowed`: func(a *Args) { a.Repository.Host = "bitbucket" },
		`Repository.Path: "company"`:   func(a *Args) { a.Repository.Path = "company" },
		`Repository.Path: "company/*"`: func(a *Args) { a.Repository.Path = "company/*" },
		`Repository.Path: "a/b/c"`:     func(a *Args) { a.Repository.Path = "a/b/c" },
	})
}
