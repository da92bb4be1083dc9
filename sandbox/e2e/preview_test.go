//go:build e2e && reliability

package e2e

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"dagster-ecs/sandbox/internal/commands"
	"dagster-ecs/sandbox/internal/progress"
	"dagster-ecs/sandbox/internal/tools"
)

const (
	// previews is how often each of the two plans, in turn.
	previews = 5
	// mostPreview is how much longer Pulumi's preview may take than Terraform's plan.
	mostPreview = 0.8
)

// previewAgainstTerraform compares how long Pulumi and Terraform take to plan prod from nothing, by the same providers. The
// program is built before, and Terraform has no program; its configuration is what Pulumi previews.
func previewAgainstTerraform(t *testing.T) []string {
	terraform, err := exec.LookPath("terraform")
	if err != nil {
		t.Fatal("terraform is not on PATH: this row takes Terraform 1.11 or later, and the sandbox's bridge in the place of Pulumi's own plugins " +
			"(docs/reliability.md)")
	}
	s := newSession(t, "prod")
	if _, err := s.Preview(t.Context(), commands.Summary); err != nil {
		t.Fatal(err)
	}
	plan := terraformPlan(t, s, terraform)
	var ours, theirs []time.Duration
	for range previews {
		ours = append(ours, previewTook(t, s))
		theirs = append(theirs, plan())
	}
	pulumi, other := median(ours), median(theirs)
	ratio := pulumi.Seconds() / other.Seconds()
	t.Logf("Pulumi takes %v, Terraform %v", ours, theirs)
	if ratio > mostPreview {
		t.Errorf("a preview of prod takes %.1f s, %.2f times as long as Terraform's plan (%.1f s); %.1f is allowed",
			pulumi.Seconds(), ratio, other.Seconds(), mostPreview)
	}
	return []string{fmt.Sprintf("%.2f: %.1f s, Terraform's plan %.1f s (medians of %d, nothing deployed)", ratio, pulumi.Seconds(), other.Seconds(), previews)}
}

var stepOfPreview = regexp.MustCompile(`✓ preview \((\S+)\)`)

// previewTook is how long Pulumi's command line was at work on a preview.
func previewTook(t *testing.T, s *commands.Session) time.Duration {
	t.Helper()
	var said strings.Builder
	timed := *s
	timed.Progress = progress.New(&said)
	if _, err := timed.Preview(t.Context(), commands.Summary); err != nil {
		t.Fatal(err)
	}
	found := stepOfPreview.FindStringSubmatch(said.String())
	if found == nil {
		t.Fatalf("the preview does not say how long it took: %s", said.String())
	}
	took, err := time.ParseDuration(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return took
}

// terraformPlan writes what Pulumi previews as a configuration of Terraform; what it answers plans that, and checks that as many
// resources would be made.
func terraformPlan(t *testing.T, s *commands.Session, terraform string) func() time.Duration {
	t.Helper()
	dir := t.TempDir()
	preview := exec.CommandContext(t.Context(), buildDriver(t), "-repo", s.Repo, "-cache", s.Cache, "-stack", s.Stack, "-instance", s.Name,
		"pulumi", "preview", "--json", "--show-secrets")
	preview.Stderr = t.Output()
	seen, err := preview.Output()
	if err != nil {
		t.Fatalf("preview: %v\n%s", err, seen)
	}
	set, err := tools.Ensure(t.Context(), s.Repo, s.Cache, s.Progress)
	if err != nil {
		t.Fatal(err)
	}
	write := exec.CommandContext(t.Context(), "go", "run", "./cmd/terraform", "-plugins", filepath.Join(set.Home, "plugins"), "-out", dir)
	write.Dir, write.Stdin = filepath.Join(s.Repo, "sandbox", "bridge"), strings.NewReader(string(seen))
	write.Stderr = t.Output()
	out, err := write.Output()
	if err != nil {
		t.Fatalf("write Terraform's configuration: %v", err)
	}
	wanted := "Plan: " + strings.TrimSpace(string(out)) + " to add, 0 to change, 0 to destroy."
	env, err := s.Environment(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(env, map[string]string{"TF_CLI_CONFIG_FILE": filepath.Join(dir, "terraform.rc"), "CHECKPOINT_DISABLE": "1", "TF_DATA_DIR": dir})
	return func() time.Duration {
		t.Helper()
		plan := exec.CommandContext(t.Context(), terraform, "plan", "-no-color", "-input=false", "-lock=false")
		plan.Dir, plan.Env = dir, os.Environ()
		for name, value := range env {
			plan.Env = append(plan.Env, name+"="+value)
		}
		began := time.Now()
		out, err := plan.CombinedOutput()
		took := time.Since(began)
		if err != nil || !strings.Contains(string(out), wanted) {
			t.Fatalf("terraform plan: %v, want %q:\n%s", err, wanted, out)
		}
		return took
	}
}
