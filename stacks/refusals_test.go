package stacks_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dagster-ecs/internal/pulumitest"
	"dagster-ecs/stacks"
)

// answer is what the program says to a real stack file after more was written into it; empty where it takes it. It fails
// where something was registered before the refusal.
func answer(t *testing.T, stack, more string) string {
	t.Helper()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "Pulumi."+stack+".yaml"), stackFile(t, stack, more), 0o600); err != nil {
		t.Fatal(err)
	}
	values, secrets := written(t, stack, more)
	recorder := pulumitest.New(pulumitest.InStack(stack), pulumitest.InRoot(root), pulumitest.WithConfig(values, secrets...))
	err := recorder.Run(stacks.Deploy)
	if err == nil {
		return ""
	}
	if registered := len(recorder.All()); registered > 0 {
		t.Errorf("%s: refused after %d registrations", more, registered)
	}
	_, said, _ := strings.Cut(err.Error(), "settings of stack "+stack+": ")
	return strings.TrimSpace(said)
}

// refusal is an edit of a stack file, and the whole answer.
type refusal struct{ stack, set, says string }

func TestWrongSettingsAreRefused(t *testing.T) {
	for _, c := range []refusal{
		// What YAML makes of texts without quotes
		{"dev", "dagster:network: {nat: false}", `dagster:network.nat: false: is a boolean; "none", "single" or "per-zone", in quotes, is allowed`},
		{"dev", "dagster:database: {engineVersion: 17}", `dagster:database.engineVersion: 17: is a number; "16" or "17", in quotes, is allowed`},
		{"dev", "dagster:account: 012345678901",
			`dagster:account: "12345678901": has 11 digits; 12 are allowed, in quotes, so that zeros in front stay`},
		{"dev", "dagster:environment: {START_DATE: 2024-01-01}",
			`dagster:environment.START_DATE: "2024-01-01 00:00:00 +0000 UTC": is a date that YAML rewrote; put the date in quotes`},
		{"dev", "dagster:environment: {RETRIES: 3, ON: true, NOTHING: ~}", "dagster:environment.NOTHING: null: is empty; a text, in quotes, is allowed\n" +
			"dagster:environment.ON: true: is a boolean; a text, in quotes, is allowed\n" +
			"dagster:environment.RETRIES: 3: is a number; a text, in quotes, is allowed"},
		{"dev", "dagster:runs: {startTimeoutSeconds: 10:00}", `dagster:runs.startTimeoutSeconds: "10:00": is a text; a whole number is allowed`},
		{"dev", "dagster:runs: {maxConcurrent: 2.5}",
			"dagster:runs.maxConcurrent: 2.5: is not a whole number, or too large; a whole number is allowed"},
		{"dev", "dagster:protect: yes\ndagster:logs: {tickDays: 0}", `dagster:protect: "yes": is a text; true or false is allowed` +
			"\ndagster:logs.tickDays: 0: too small; 1 to 3650 is allowed"},
		{"dev", "dagster:logs:", "dagster:logs: is empty; an object is allowed"},
		// What is missing, mistyped or at another place
		{"prod", "dagster:account: ''\ndagster:protect:\ndagster:code: {module: ''}", "dagster:protect: is required; true or false is allowed\n" +
			"dagster:account: is required\ndagster:code.module: is required"},
		{"prod", "dagster:profile: Prod", `dagster:profile: "Prod": unknown; dev and prod are allowed`},
		{"dev", "dagster:code: asset_manager.definitions", `dagster:code: "asset_manager.definitions": is a text; an object is allowed`},
		{"dev", "Dagster:prefix: data", "Dagster:prefix: is read by nobody; dagster:prefix is the setting"},
		{"dev", "maxConcurrent: 5", "dagster:maxConcurrent: is unknown; did you mean dagster:runs.maxConcurrent?"},
		// Secrets
		{"dev", "dagster:secrets: {A: hunter2}", "dagster:secrets: is plain text; set each with pulumi config set --secret --path 'dagster:secrets.NAME'"},
		{"dev", "dagster:secrets: {A: {secure: aHVudGVyMg==}, B: hunter3}",
			"dagster:secrets.B: is plain text; set each with pulumi config set --secret --path 'dagster:secrets.NAME'"},
	} {
		if got := answer(t, c.stack, c.set); got != c.says {
			t.Errorf("%s: %s\ngot  %s\nwant %s", c.stack, c.set, got, c.says)
		}
	}
}

func TestRightSettingsAreTaken(t *testing.T) {
	for _, set := range []string{
		"dagster:protect: 'false'",
		"dagster:account: 111122223333",
		"dagster:secrets: {A: {secure: aHVudGVyMg==}}",
		"dagster:logs: {}",
		"dagster:prefix: ''",
		"dagster:environment: {EMPTY: '', PORT: '80'}",
	} {
		if got := answer(t, "dev", set); got != "" {
			t.Errorf("%s: %s", set, got)
		}
	}
}

func TestTheMissingRestOfAStackFileIsToldAtOnce(t *testing.T) {
	values, secrets := written(t, "dev", "")
	for key := range values {
		if key != "pulumi:disable-default-providers" {
			values[key] = map[bool]string{true: "{}"}[strings.HasPrefix(values[key], "{")]
		}
	}
	err := pulumitest.New(pulumitest.InStack("dev"), pulumitest.WithConfig(values, secrets...)).Run(stacks.Deploy)
	for _, key := range []string{"aws:region", "dagster:account", "dagster:profile", "dagster:protect", "dagster:image", "dagster:code.module"} {
		if !strings.Contains(fmt.Sprint(err), key+": is required") {
			t.Errorf("%s is missing in %v", key, err)
		}
	}
}
