package hours_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/hours"
	"dagster-ecs/components/internal/workloadtest"
	"dagster-ecs/components/logs"
	"dagster-ecs/internal/awstest"
	"dagster-ecs/internal/pulumitest"
	"dagster-ecs/internal/rules"
)

// source is the function's own.
var source = filepath.Join("..", "..", "functions", "hours")

func args(t *testing.T) *hours.Args {
	platform := workloadtest.Platform(t)
	return &hours.Args{
		Names: platform.Names, Location: platform.Location,
		Source: hours.Source{
			Folder: source, Architecture: rules.Arm64, Bucket: pulumi.String("bucket").ToStringOutput(), Prefix: "dagster/functions",
		},
		Calendar: hours.Calendar{Timezone: "Europe/Berlin", Days: []rules.Weekday{rules.Monday, rules.Friday}, Start: "07:00", Stop: "20:00"},
		Cluster:  "cluster", Services: map[string]int{"web": 2, "daemon": 1}, Families: []string{"web", "daemon", "run"}, Database: "database",
		Log: logs.Group{Name: pulumi.String("asset-manager/hours"), Arn: pulumi.String("arn:aws:logs:us-west-1:111122223333:log-group:asset-manager/hours")},
	}
}

func record(t *testing.T, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	recorder, _ := pulumitest.Build(t, hours.New, "hours", args(t), options...)
	return recorder
}

// The function's own test of its settings names the same variables.
func TestFunctionIsToldWhatItAsksFor(t *testing.T) {
	awstest.FunctionIsTold(t, record(t), "hours-function", filepath.Join(source, "settings.go"), map[string]string{
		"NAMESPACE": "Dagster/asset-manager-dev", "TIMEZONE": "Europe/Berlin", "DAYS": "mon,fri", "START": "07:00", "STOP": "20:00",
		"CLUSTER": "cluster", "SERVICES": "daemon=1,web=2", "FAMILIES": "web,daemon,run", "DATABASE": "database",
		"MEMORY_PARAMETER": "/asset-manager/dev/hours/memory", "AWAKE_PARAMETER": "/asset-manager/dev/hours/awake-until",
	})
}

func TestFunctionIsInNoNetwork(t *testing.T) {
	if network := record(t).One(t, awstest.Function, "hours-function").Input("vpcConfig"); network != nil {
		t.Errorf("it is in %v", network)
	}
}

func TestWhatTheFunctionRemembersIsNotWrittenOver(t *testing.T) {
	r := record(t)
	for _, name := range []string{"hours-memory", "hours-awake-until"} {
		if ignored := r.One(t, "aws:ssm/parameter:Parameter", name).IgnoreChanges; !slices.Contains(ignored, "value") {
			t.Errorf("%s: an update ignores %v", name, ignored)
		}
	}
}

func TestFunctionMayStopItsOwnAndNothingElse(t *testing.T) {
	policy := awstest.PolicyOf(t, record(t), "hours-function")
	for action, want := range map[string][]string{
		"ecs:UpdateService":  {"arn:aws:ecs:us-west-1:111122223333:service/cluster/daemon", "arn:aws:ecs:us-west-1:111122223333:service/cluster/web"},
		"rds:StopDBInstance": {"arn:aws:rds:us-west-1:111122223333:db:database"},
		"ssm:PutParameter":   {"arn:aws:ssm:us-west-1:111122223333:parameter/asset-manager/dev/hours/memory"},
	} {
		if got := policy.Of(t, action).Resource; !slices.Equal(got, want) {
			t.Errorf("%s is allowed on %v", action, got)
		}
	}
	for _, statement := range policy.Statement {
		if slices.Contains(statement.Resource, "*") {
			t.Errorf("%s is about everything", statement.Sid)
		}
	}
}

func TestUnknownValuesAreBorne(t *testing.T) {
	record(t, pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	for want, edit := range map[string]func(*hours.Args){
		"Source.Folder: is required":            func(a *hours.Args) { a.Source.Folder = "" },
		`Calendar.Timezone: "Mars": is no name`: func(a *hours.Args) { a.Calendar.Timezone = "Mars" },
		"Calendar.Days: names no day":           func(a *hours.Args) { a.Calendar.Days = nil },
		`Calendar.Start: "7": is no time`:       func(a *hours.Args) { a.Calendar.Start = "7" },
		`Calendar.Stop: "06:00": is not after`:  func(a *hours.Args) { a.Calendar.Stop = "06:00" },
		"Services: is required":                 func(a *hours.Args) { a.Services = nil },
		"Families: is required":                 func(a *hours.Args) { a.Families = nil },
		"Database":                              func(a *hours.Args) { a.Database = "" },
		"Log.Name: is required":                 func(a *hours.Args) { a.Log.Name = nil },
	} {
		a := args(t)
		edit(a)
		err := pulumitest.New().Run(func(ctx *pulumi.Context) error {
			_, err := hours.New(ctx, "hours", a)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}
