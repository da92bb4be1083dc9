package monitor_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/internal/workloadtest"
	"dagster-ecs/components/logs"
	"dagster-ecs/components/monitor"
	"dagster-ecs/internal/awstest"
	"dagster-ecs/internal/pulumitest"
	"dagster-ecs/internal/rules"
)

const (
	arnHere = "arn:aws:logs:us-west-1:111122223333:log-group:asset-manager/monitor"
)

// source is the function's own.
var source = filepath.Join("..", "..", "functions", "monitor")

func args(t *testing.T) *monitor.Args {
	platform := workloadtest.Platform(t)
	return &monitor.Args{
		Names: platform.Names, Location: platform.Location,
		Source: monitor.Source{
			Folder: source, Architecture: rules.Arm64, Bucket: pulumi.String("bucket").ToStringOutput(), Prefix: "dagster/functions",
		},
		Network: monitor.Network{VpcID: platform.VpcID, Subnets: platform.Subnets, Reach: []monitor.Peer{
			{Name: "webserver", Reason: "GraphQL", Port: 443, Group: pulumi.String("sg-balancer").ToStringOutput(), Both: true},
		}},
		Webserver: monitor.Webserver{URL: pulumi.String("https://balancer.example.com").ToStringOutput(), Hostname: "dagster.example.com"},
		Bucket:    workloadtest.Bucket(),
		Log:       logs.Group{Name: pulumi.String("asset-manager/monitor"), Arn: pulumi.String(arnHere)},

		BackfillMinutes: 30,
	}
}

func record(t *testing.T, args *monitor.Args, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	recorder, _ := pulumitest.Build(t, monitor.New, "monitor", args, options...)
	return recorder
}

func TestFunctionLooksOnceAMinute(t *testing.T) {
	r := record(t, args(t))
	if rule := r.One(t, "aws:cloudwatch/eventRule:EventRule", "monitor-schedule"); rule.Input("scheduleExpression") != "rate(1 minute)" {
		t.Errorf("the schedule is %v", rule.Input("scheduleExpression"))
	}
	function := r.One(t, awstest.Function, "monitor-function")
	if seconds, _ := function.Input("timeout").(float64); seconds >= 60 {
		t.Errorf("a look may take %v seconds and run into the next one", seconds)
	}
	permission := r.One(t, "aws:lambda/permission:Permission", "monitor-schedule-permission")
	if permission.Input("principal") != "events.amazonaws.com" || permission.Input("sourceArn") == nil {
		t.Errorf("whoever may call it: %v", permission.Inputs)
	}
	if target := r.One(t, "aws:cloudwatch/eventTarget:EventTarget", "monitor-schedule-target"); !slices.Contains(target.Dependencies, "monitor-schedule-permission") {
		t.Errorf("the schedule calls before it is allowed to: %v", target.Dependencies)
	}
	if retry := r.One(t, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "monitor-function-invoke"); retry.Input("maximumRetryAttempts") != 0.0 {
		t.Errorf("a look is tried %v times again", retry.Input("maximumRetryAttempts"))
	}
}

// The function's own test of its settings names the same variables.
func TestFunctionIsToldWhatItAsksFor(t *testing.T) {
	awstest.FunctionIsTold(t, record(t, args(t)), "monitor-function", filepath.Join(source, "main.go"), map[string]string{
		"NAMESPACE": "Dagster/asset-manager-dev", "DAGSTER_URL": "https://balancer.example.com", "DAGSTER_HOST": "dagster.example.com",
		"BUCKET": "bucket", "PREFIX": "dagster/monitor", "BACKFILL_PATIENCE": "30m",
	})
}

func TestArchiveFollowsSourceAndArchitecture(t *testing.T) {
	key := func(a *monitor.Args) string {
		text, _ := record(t, a).One(t, awstest.Function, "monitor-function").Input("s3Key").(string)
		return text
	}
	first := key(args(t))
	if !strings.HasPrefix(first, "dagster/functions/monitor-arm64-") || !strings.HasSuffix(first, ".zip") {
		t.Errorf("the archive is %s", first)
	}
	other := args(t)
	other.Source.Architecture = rules.X86
	if got := key(other); !strings.HasPrefix(got, "dagster/functions/monitor-x86_64-") {
		t.Errorf("for another machine it is %s", got)
	}
	other = args(t)
	other.Source.Folder = t.TempDir()
	if err := os.WriteFile(filepath.Join(other.Source.Folder, "go.mod"), []byte("module other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := key(other); got == first {
		t.Error("another source has the same archive")
	}
}

func TestArchiveIsMadeBeforeTheFunctionIsMadeOrChanged(t *testing.T) {
	hooks := record(t, args(t)).One(t, awstest.Function, "monitor-function").Hooks
	for _, when := range []string{"BeforeCreate", "BeforeUpdate"} {
		if !slices.Equal(hooks[when], []string{"monitor-archive"}) {
			t.Errorf("%s: %v", when, hooks[when])
		}
	}
}

func TestFunctionMayTryTheBucketAndNothingElse(t *testing.T) {
	r := record(t, args(t))
	policy := awstest.PolicyOf(t, r, "monitor-function")
	if got := policy.Of(t, "s3:PutObject").Resource; !slices.Equal(got, []string{"arn:aws:s3:::bucket/dagster/monitor/*"}) {
		t.Errorf("it writes to %v", got)
	}
	if got := policy.Of(t, "logs:PutLogEvents").Resource; !slices.Equal(got, []string{arnHere + ":log-stream:*"}) {
		t.Errorf("it logs to %v", got)
	}
	for _, action := range policy.Actions() {
		service, _, _ := strings.Cut(action, ":")
		if !slices.Contains([]string{"s3", "kms", "logs", "ec2"}, service) {
			t.Errorf("it may %s", action)
		}
	}
	last := policy.Statement[len(policy.Statement)-1]
	if last.Sid != "KeepCodeFromTheNetwork" || !slices.Equal(last.Action, policy.Of(t, "ec2:CreateNetworkInterface").Action) {
		t.Errorf("its code may use what Lambda needs: %v", last)
	}
	if got := last.Condition["ArnEquals"]["lambda:SourceFunctionArn"]; got != "arn:aws:lambda:us-west-1:111122223333:function:asset-manager-dev-monitor" {
		t.Errorf("the code of %v is kept out", got)
	}
}

func TestFunctionIsLetInByWhomItAsks(t *testing.T) {
	r := record(t, args(t))
	rule := r.One(t, awstest.IngressRule, "monitor-function-at-webserver")
	if rule.Input("securityGroupId") != "sg-balancer" || rule.Input("referencedSecurityGroupId") != "monitor-function-group-id" {
		t.Errorf("got %v", rule.Inputs)
	}
	if got := r.Names(awstest.EgressRule); !slices.Equal(got, []string{"monitor-function-to-webserver"}) {
		t.Errorf("it reaches %v", got)
	}
	function := r.One(t, awstest.Function, "monitor-function")
	for _, needed := range []string{"monitor-function-policy", "monitor-function-at-webserver", "monitor-function-to-webserver"} {
		if !slices.Contains(function.Dependencies, needed) {
			t.Errorf("the function does not wait for %s", needed)
		}
	}
}

// What a group waits for when it is made outlives it when both are deleted.
func TestTheRoleOutlivesTheGroupThatItsInterfacesHold(t *testing.T) {
	group := record(t, args(t)).One(t, awstest.SecurityGroup, "monitor-function-group")
	if !slices.Contains(group.Dependencies, "monitor-function-policy") {
		t.Errorf("the group waits for %v", group.Dependencies)
	}
}

func TestUnknownValuesAreBorne(t *testing.T) {
	record(t, args(t), pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	for want, edit := range map[string]func(*monitor.Args){
		"Source.Folder: is required":   func(a *monitor.Args) { a.Source.Folder = "" },
		`Source.Architecture: "sparc"`: func(a *monitor.Args) { a.Source.Architecture = "sparc" },
		"Network.Subnets: is required": func(a *monitor.Args) { a.Network.Subnets = nil },
		"Network.Reach webserver.Port": func(a *monitor.Args) { a.Network.Reach[0].Port = 0 },
		"Webserver.URL: is required":   func(a *monitor.Args) { a.Webserver.URL = nil },
		"Source.Bucket: is required":   func(a *monitor.Args) { a.Source.Bucket = nil },
		"Bucket.Prefixes.Monitor":      func(a *monitor.Args) { a.Bucket.Prefixes.Monitor = "" },
		"Source.Prefix: is required":   func(a *monitor.Args) { a.Source.Prefix = "" },
		"Log.Name: is required":        func(a *monitor.Args) { a.Log.Name = nil },
		"it lies beside Pulumi.yaml":   func(a *monitor.Args) { a.Source.Folder = filepath.Join(source, "testdata") },
	} {
		a := args(t)
		edit(a)
		err := pulumitest.New().Run(func(ctx *pulumi.Context) error {
			_, err := monitor.New(ctx, "monitor", a)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}
