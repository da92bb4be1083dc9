package terraform

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/internal/bridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/tables"
)

// previewed has a password that depends on another, of which nothing is known yet, and a component.
const previewed = `{"steps": [
	{"newState": {"urn": "urn:pulumi:dev::dagster::pulumi:providers:random::random", "custom": true, "type": "pulumi:providers:random",
		"inputs": {"version": "4.19.1"}}},
	{"newState": {"urn": "urn:pulumi:dev::dagster::own:index:Component::c", "type": "own:index:Component"}},
	{"newState": {"urn": "urn:pulumi:dev::dagster::random:index/randomPassword:RandomPassword::one", "custom": true,
		"type": "random:index/randomPassword:RandomPassword", "inputs": {"__defaults": [], "length": 20,
		"overrideSpecial": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": "\"${\""}},
		"provider": "urn:pulumi:dev::dagster::pulumi:providers:random::random::04da6b54-80e4-46f7-96ec-b56ff0331ba9"}},
	{"newState": {"urn": "urn:pulumi:dev::dagster::random:index/randomPassword:RandomPassword::two", "custom": true,
		"type": "random:index/randomPassword:RandomPassword",
		"inputs": {"length": 20, "keepers": {"one": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}, "overrideSpecial": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"},
		"dependencies": ["urn:pulumi:dev::dagster::random:index/randomPassword:RandomPassword::one"],
		"propertyDependencies": {"keepers": ["urn:pulumi:dev::dagster::random:index/randomPassword:RandomPassword::one"]},
		"provider": "urn:pulumi:dev::dagster::pulumi:providers:random::random::04da6b54-80e4-46f7-96ec-b56ff0331ba9"}}]}`

const written = `{
	"provider": {"random": [{"alias": "p0"}]},
	"resource": {
		"terraform_data": {"unknown": {}},
		"random_password": {
			"r2": {"length": 20, "override_special": "$${", "provider": "random.p0"},
			"r3": {"length": 20, "keepers": {"one": "${random_password.r2.id}"}, "override_special": "${terraform_data.unknown.id}",
				"provider": "random.p0", "depends_on": ["random_password.r2"]}}}}`

// random is the upstream provider of that name.
func random(t *testing.T) map[string]*bridge.Upstream {
	t.Helper()
	path := filepath.Join(t.TempDir(), "terraform-provider-random")
	build := exec.Command("go", "build", "-o", path, "github.com/terraform-providers/terraform-provider-random")
	build.Dir = filepath.Join("..", "..", "..", "tools", "random")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the upstream provider: %v\n%s", err, out)
	}
	table, err := tables.Load("random")
	if err != nil {
		t.Fatal(err)
	}
	u, err := bridge.Start(t.Context(), "random", path, table)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := u.Close(); err != nil {
			t.Error(err)
		}
	})
	return map[string]*bridge.Upstream{"random": u}
}

func TestWhatIsNotKnownYetRefersToWhatItDependsOn(t *testing.T) {
	upstream := random(t)
	var preview Preview
	if err := json.Unmarshal([]byte(previewed), &preview); err != nil {
		t.Fatal(err)
	}
	text, count, err := Configuration(t.Context(), preview, upstream)
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(written), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) || count != 3 {
		t.Errorf("%d resources, want 3:\n%s", count, text)
	}
	preview.Steps[2].State.Type = "random:index/randomNothing:RandomNothing"
	if _, _, err := Configuration(t.Context(), preview, upstream); err == nil || !strings.Contains(err.Error(), "no random:index/randomNothing") {
		t.Errorf("a type that the provider does not have is written: %v", err)
	}
}
