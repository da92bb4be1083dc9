package bridge

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/tables"
)

func TestAPasswordIsCreatedAsASecretAndReadBackUnchanged(t *testing.T) {
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
	u, err := Start(t.Context(), "random", path, table)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := u.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := u.server(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	const urn = "urn:pulumi:dev::dagster::random:index/randomPassword:RandomPassword::one"
	inputs := wire(t, map[string]any{"length": 20, "keepers": map[string]any{"rotation": "1"}})
	if _, err := s.Configure(t.Context(), &pulumirpc.ConfigureRequest{AcceptSecrets: true, Args: wire(t, nil)}); err != nil {
		t.Fatal(err)
	}
	checked, err := s.Check(t.Context(), &pulumirpc.CheckRequest{Urn: urn, News: inputs})
	if err != nil || len(checked.GetFailures()) > 0 {
		t.Fatalf("check: %v, %v", err, checked.GetFailures())
	}
	created, err := s.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urn, Properties: checked.GetInputs()})
	if err != nil {
		t.Fatal(err)
	}
	if created.GetId() != "none" {
		t.Errorf("the id is %q, want none as that of the official provider", created.GetId())
	}
	outputs, err := plugin.UnmarshalProperties(created.GetProperties(), keepAll)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"result", "bcryptHash"} {
		if v := outputs[resource.PropertyKey(secret)]; !v.IsSecret() {
			t.Errorf("%s is no secret", secret)
		}
	}
	diff, err := s.Diff(t.Context(), &pulumirpc.DiffRequest{
		Id: created.GetId(), Urn: urn, Olds: created.GetProperties(), News: checked.GetInputs(), OldInputs: checked.GetInputs(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff.GetChanges() != pulumirpc.DiffResponse_DIFF_NONE {
		t.Errorf("a second look with the same inputs changes %v", diff.GetDiffs())
	}
}
