package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"gopkg.in/yaml.v3"

	"dagster-ecs/internal/pulumitest"
)

const stacksFolder = ".."

// given are the settings of the file in this folder, as Pulumi hands them over, with changes.
func given(t *testing.T, changes map[string]string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("Pulumi.account.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Config map[string]any
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for key, value := range file.Config {
		values[key] = fmt.Sprint(value)
		if _, plain := value.(string); !plain {
			encoded, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			values[key] = string(encoded)
		}
	}
	for key, value := range changes {
		values[key] = value
		if value == "" {
			delete(values, key)
		}
	}
	return values
}

func program(ctx *pulumi.Context) error { return deploy(ctx, stacksFolder) }

func record(t *testing.T, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	return pulumitest.Record(t, program, append([]pulumitest.Option{
		pulumitest.InStack("account"), pulumitest.WithConfig(given(t, nil)),
	}, options...)...)
}

func TestGolden(t *testing.T) {
	pulumitest.Golden(t, "account.json", func() ([]byte, error) { return record(t).Render() })
}

func TestFirstPreviewWorks(t *testing.T) { record(t, pulumitest.Unknown()) }

// The condition of a trust names one repository and what its job is for: without either anybody's job would deploy.
func TestAPipelineTakesTheRolesOfItsRepositoryOnly(t *testing.T) {
	const host = "token.actions.githubusercontent.com"
	for role, subjects := range map[string][]any{
		"dev-deploy-role":  {"repo:your-organization/your-repository:environment:dev"},
		"prod-deploy-role": {"repo:your-organization/your-repository:environment:prod"},
		"prod-preview-role": {
			"repo:your-organization/your-repository:pull_request", "repo:your-organization/your-repository:ref:refs/heads/main",
		},
		"pipeline-image-role": {"repo:your-organization/your-repository:ref:refs/heads/main"},
	} {
		trust := trustOf(t, record(t), role)
		condition, _ := trust["Condition"].(map[string]any)
		equals, _ := condition["StringEquals"].(map[string]any)
		if got, _ := equals[host+":sub"].([]any); !slices.Equal(got, subjects) || equals[host+":aud"] != "sts.amazonaws.com" {
			t.Errorf("%s is taken by %v", role, condition)
		}
	}
}

func TestGitLabsJobsAreTrustedByItsOwnNames(t *testing.T) {
	values := given(t, map[string]string{"account:repository": `{"host": "gitlab", "path": "group/data/dagster"}`})
	trust := trustOf(t, record(t, pulumitest.WithConfig(values)), "dev-deploy-role")
	if got := fmt.Sprint(trust["Condition"]); !strings.Contains(got, "gitlab.com:sub:[project_path:group/data/dagster:ref_type:branch:ref:main]") {
		t.Errorf("the role is taken by %s", got)
	}
}

// trustOf is the statement by which a pipeline takes a role.
func trustOf(t *testing.T, recorder *pulumitest.Recorder, role string) map[string]any {
	t.Helper()
	var document struct {
		Statement []map[string]any
	}
	recorder.One(t, "aws:iam/role:Role", role).Document(t, "assumeRolePolicy", &document)
	for _, statement := range document.Statement {
		if statement["Sid"] == "TakenByPipeline" {
			return statement
		}
	}
	t.Fatalf("no pipeline takes %s", role)
	return nil
}

func TestNobodysJobsAreTrustedWithoutARepository(t *testing.T) {
	recorder := record(t, pulumitest.WithConfig(given(t, map[string]string{"account:repository": ""})))
	if found := recorder.Of("aws:iam/openIdConnectProvider:OpenIdConnectProvider"); len(found) > 0 {
		t.Errorf("made %v", found)
	}
	for _, role := range recorder.Of("aws:iam/role:Role") {
		if text := fmt.Sprint(role.Input("assumeRolePolicy")); strings.Contains(text, "Federated") {
			t.Errorf("%s is taken by %s", role.Name, text)
		}
	}
}

// A stack's secrets are in its file, which everybody has who has the repository: its key is all that guards them.
func TestARoleOpensTheSecretsAndTheStateOfItsOwnStackOnly(t *testing.T) {
	recorder := record(t)
	for _, role := range []string{"deploy", "preview"} {
		policy := fmt.Sprint(recorder.One(t, "aws:iam/rolePolicy:RolePolicy", "dev-"+role+"-state").Input("policy"))
		if strings.Contains(policy, "prod") || strings.Contains(policy, "/dagster/*") {
			t.Errorf("dev's role reaches prod's state: %s", policy)
		}
		if writes := strings.Contains(policy, "s3:PutObject"); writes != (role == "deploy") {
			t.Errorf("%s writes the state: %v", role, writes)
		}
	}
}

func TestWrongSettingsAreToldAllAtOnce(t *testing.T) {
	values := given(t, map[string]string{
		"account:stateBucket": "", "account:budget": `{"monthly": 3}`, "account:stacks": `["dev", "staging"]`,
	})
	err := pulumitest.New(pulumitest.InStack("account"), pulumitest.WithConfig(values)).Run(program)
	for _, want := range []string{"account:stateBucket: is required", `unknown field "monthly"`, "Pulumi.staging.yaml"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q in %v", want, err)
		}
	}
}
