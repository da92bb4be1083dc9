package settings

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/changes"
	"dagster-ecs/internal/pulumitest"
)

func good(*testing.T) *Args { return &Args{Texts: changes.Settings{"dagster:prefix": "data"}} }

func TestSettingsAreKeptAndTheirChangesChecked(t *testing.T) {
	r, _ := pulumitest.Build(t, New, "settings", good(t))
	kept := r.One(t, TypeToken, "settings")
	if kept.Input("dagster:prefix") != "data" {
		t.Errorf("kept are %v", kept.Inputs)
	}
	if hooks := kept.Hooks["BeforeUpdate"]; len(hooks) != 1 || hooks[0] != "settings-change" {
		t.Errorf("changes are checked by %v", hooks)
	}
}

func TestAChangeOfWhatCannotChangeIsRefused(t *testing.T) {
	prefix := func(text string) resource.PropertyMap {
		return resource.PropertyMap{"dagster:prefix": resource.NewProperty(text)}
	}
	err := refuse(&pulumi.ResourceHookArgs{OldInputs: prefix("data"), NewInputs: prefix("other")})
	if err == nil || !strings.HasPrefix(err.Error(), "dagster:prefix: ") {
		t.Errorf("got %v", err)
	}
	if err := refuse(&pulumi.ResourceHookArgs{OldInputs: prefix("data"), NewInputs: prefix("data")}); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestRefusals(t *testing.T) {
	pulumitest.Refused(t, New, good, map[string]func(*Args){
		"Texts: is required": func(a *Args) { a.Texts = nil },
	})
}
