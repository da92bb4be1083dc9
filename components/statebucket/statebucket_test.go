package statebucket

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/pulumitest"
)

var here = component.Location{Partition: "aws", Region: pulumitest.Region, Account: pulumitest.Account}

func args() *Args {
	return &Args{Location: here, Prefix: "asset-manager", Bucket: "states", Stacks: []string{"dev", "prod"}, Keep: component.Keep{Protect: true}}
}

func TestStatesAreLockedAndEachStackHasAKeyOfItsOwn(t *testing.T) {
	r := pulumitest.Record(t, func(ctx *pulumi.Context) error {
		_, err := New(ctx, "state", args())
		return err
	})
	rule, _ := r.One(t, "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2", "state-data-lock").Input("rule").(map[string]any)
	retention, _ := rule["defaultRetention"].(map[string]any)
	if retention["mode"] != "GOVERNANCE" || retention["days"] != float64(lockDays) {
		t.Errorf("versions are kept as %v", retention)
	}
	for _, name := range []string{"state-data", "state-secrets-prod"} {
		for _, each := range r.All() {
			if each.Name == name && (each.Protect == nil || !*each.Protect) {
				t.Errorf("%s is not protected", name)
			}
		}
	}
	aliases := []string{}
	for _, alias := range r.Of("aws:kms/alias:Alias") {
		aliases = append(aliases, alias.Input("name").(string))
	}
	if !slices.Contains(aliases, SecretsAlias("asset-manager", "dev")) || !slices.Contains(aliases, SecretsAlias("asset-manager", "prod")) {
		t.Errorf("the keys are called %v", aliases)
	}
}

func TestRefusals(t *testing.T) {
	good := func(*testing.T) *Args { return args() }
	pulumitest.Refused(t, New, good, map[string]func(*Args){
		"Location":            func(a *Args) { a.Location = component.Location{} },
		"Prefix":              func(a *Args) { a.Prefix = "A" },
		"Bucket: is required": func(a *Args) { a.Bucket = "" },
		"Stacks: is required": func(a *Args) { a.Stacks = nil },
		`Stacks[1]: "b.c"`:    func(a *Args) { a.Stacks = []string{"a", "b.c"} },
	})
}
