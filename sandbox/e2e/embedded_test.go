//go:build e2e

package e2e

import (
	"path/filepath"
	"testing"
)

// TestAProgramOfYourOwnTakesTheComponents deploys examples/embedded, a module apart, with its own network and database.
func TestAProgramOfYourOwnTakesTheComponents(t *testing.T) {
	t.Parallel()
	n := arrive(t)
	if err := n.account.Push(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.dir = filepath.Join(n.dir, "examples/embedded")
	n.env = append(n.env, "PULUMI_BACKEND_URL=file://"+t.TempDir(), "PULUMI_CONFIG_PASSPHRASE=of-its-own", "AWS_REGION=us-west-1")
	n.run("pulumi stack init dev --secrets-provider=passphrase")
	n.run("pulumi config set aws:region us-west-1 && pulumi config set account 111122223333 && pulumi config set image " + n.account.Image)
	n.run("pulumi up --yes")
	n.run("pulumi preview --expect-no-changes")
	n.run("go run dagster-ecs/tunnel -stack organization/embedded/dev run heavy_computation_job")
	n.run("pulumi destroy --yes")
}
