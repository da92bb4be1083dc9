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
	functions, err := filepath.Abs(filepath.Join("..", "functions"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(functions, filepath.Join(root, "functions")); err != nil {
		t.Fatal(err)
	}
	values, secrets := written(t, stack, more)
	recorder := pulumitest.New(pulumitest.InStack(stack), pulumitest.InRoot(root), pulumitest.WithConfig(values, secrets...))
	err = recorder.Run(stacks.Deploy)
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
		// What AWS, Dagster or PostgreSQL refuses, or keeps for itself
		{"dev", "aws:region: mx-central-2", `aws:region: "mx-central-2": is no region; mx-central-1 is allowed`},
		{"dev", "dagster:prefix: internal-data",
			`dagster:prefix: "internal-data": begins with internal, which load balancers keep for themselves; another beginning is allowed`},
		{"dev", "dagster:bucket: {name: jobs-s3alias}",
			`dagster:bucket.name: "jobs-s3alias": ends with -s3alias, which S3 keeps for itself; another end is allowed`},
		{"dev", "dagster:database: {name: user}", `dagster:database.name: "user": is reserved by PostgreSQL or RDS; another name is allowed`},
		{"dev", "dagster:database: {connection: {via: direct, host: 10.0.0.300}}", `dagster:database.connection.host: "10.0.0.300": ends with a number ` +
			"as addresses do, but its parts are not four numbers from 0 to 255"},
		{"dev", "dagster:webserver: {allowedCidrs: [198.51.100.0/24, 198.51.100.0/24]}",
			`dagster:webserver.allowedCidrs[1]: "198.51.100.0/24": stands there twice; once is allowed`},
		{"dev", "dagster:runs: {tagLimits: [{key: team}]}", "dagster:runs.tagLimits[0].limit: is required"},
		{"dev", `dagster:environment: {NOTE: "a\0b"}`, "dagster:environment.NOTE: has a NUL character; all others are allowed"},
		{"prod", "dagster:replicaRegion: us-gov-west-1",
			`dagster:replicaRegion: "us-gov-west-1": lies in partition aws-us-gov; copies of us-west-1 stay in partition aws`},
		// What does not go together, and nothing that only follows from it
		{"dev", "dagster:network: {nat: none}\ndagster:image: ghcr.io/example/asset-manager:1.0.0", `dagster:image: ` +
			`"ghcr.io/example/asset-manager:1.0.0": cannot be pulled without a way to the internet; images in ECR of us-west-1 can`},
		{"dev", "dagster:network: {nat: none}\naws:region: us-west-3\ndagster:image: ghcr.io/example/asset-manager:1.0.0", `aws:region: ` +
			`"us-west-3": is no region; us-east-1, us-east-2, us-west-1, us-west-2, us-iso-east-1, us-iso-west-1, us-isob-east-1, ` +
			"us-isof-east-1, us-isof-south-1, us-gov-east-1 and us-gov-west-1 are allowed"},
		{"dev", "dagster:network: {vpcId: vpc-0a1b2c3d, nat: two, privateSubnetIds: [subnet-0a1b2c3d, subnet-1a1b2c3d], " +
			"databaseSubnetIds: [subnet-0a1b2c3d, subnet-1a1b2c3d]}", `dagster:network.nat: "two": has no effect with dagster:network.vpcId; leave it out`},
		{"dev", "dagster:webserver: {maxInstances: 50}\ndagster:runs: {maxConcurrent: '900', tagLimits: [{key: team, limit: 50}]}",
			`dagster:runs.maxConcurrent: "900": is a text; a whole number is allowed` +
				"\ndagster:webserver.maxInstances: 50: too large; 1 to 10 is allowed"},
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
		"dagster:database: {instanceClass: db.m5.24xlarge}",
		"dagster:environment: {OAUTH_TOKEN_URL: 'https://login.example.com/oauth2/token', DB_SECRET_ARN: 'arn:aws:secretsmanager:x'}",
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
	err := pulumitest.New(inStack("dev"), pulumitest.WithConfig(values, secrets...)).Run(stacks.Deploy)
	for _, key := range []string{"aws:region", "dagster:account", "dagster:profile", "dagster:protect", "dagster:image", "dagster:code.module"} {
		if !strings.Contains(fmt.Sprint(err), key+": is required") {
			t.Errorf("%s is missing in %v", key, err)
		}
	}
}
