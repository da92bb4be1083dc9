package maintenance_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/internal/workloadtest"
	"dagster-ecs/components/maintenance"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/awstest"
	"dagster-ecs/internal/pulumitest"
	"dagster-ecs/internal/rules"
)

func args(t *testing.T) *maintenance.Args {
	spec := workloadtest.Spec(t, "maintenance")
	spec.Secrets = workloadtest.Secrets("/asset-manager/dev/migration")
	spec.Reach = []workload.Peer{
		{Name: "database", Reason: "Runs in the database", Port: 5432, Group: pulumi.String("sg-database"), Both: true},
	}
	return &maintenance.Args{
		Spec: spec, OwnerRole: "dagster_owner", Bucket: workloadtest.Bucket(),
		Rules: maintenance.Rules{
			SuccessDays: 30, FailureDays: 60, LogDays: 14, Tags: []maintenance.TagRule{{Key: "team", Value: "core", Days: 7}},
		},
		Schedule: maintenance.Schedule{Time: "03:05", Timezone: "Europe/Berlin", Weekdays: []rules.Weekday{rules.Monday, rules.Friday}},
	}
}

func record(t *testing.T, args *maintenance.Args, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	recorder, _ := pulumitest.Build(t, maintenance.New, "maintenance", args, options...)
	return recorder
}

func TestTheTaskActsAsTheOwnerOfTheTablesByTheRules(t *testing.T) {
	own := awstest.ContainersOf(t, record(t, args(t)), "maintenance-definition")["asset-manager-maintenance"]
	if got := own.Environment()["PGOPTIONS"]; got != "-c role=dagster_owner -c synchronous_commit=off" {
		t.Errorf("the server is told %q", got)
	}
	name := "DAGSTER_PG_PASSWORD"
	if got, want := own.SecretSources()[name], workloadtest.Parameter("/asset-manager/dev/migration", name); got != want {
		t.Errorf("the password comes from %s, want %s", got, want)
	}
	command := own.Command
	if instance := command[len(command)-2]; !strings.Contains(instance, "S3ComputeLogManager") || !strings.Contains(instance, "env: DAGSTER_PG_HOST") {
		t.Errorf("the script is given %q", instance)
	}
	want := `{"namespace":"Dagster/asset-manager-dev","logPrefix":"dagster/compute-logs","dryRun":false,"successDays":30,"failureDays":60,` +
		`"canceledDays":0,"tags":[{"key":"team","value":"core","days":7}],"logDays":14}`
	if got := command[len(command)-1]; got != want {
		t.Errorf("the rules are %s, want %s", got, want)
	}
}

func TestWithoutTagsTheScriptGetsAnEmptyList(t *testing.T) {
	given := args(t)
	given.Rules.Tags = nil
	command := awstest.ContainersOf(t, record(t, given), "maintenance-definition")["asset-manager-maintenance"].Command
	var settings map[string]any
	if err := json.Unmarshal([]byte(command[len(command)-1]), &settings); err != nil || settings["tags"] == nil {
		t.Errorf("the tags are %v: %v", settings["tags"], err)
	}
}

func TestTheTaskDeletesComputeLogsAndNothingElse(t *testing.T) {
	policy := awstest.PolicyOf(t, record(t, args(t)), "maintenance-task")
	if got := policy.Actions(); !slices.Equal(got, []string{"s3:DeleteObject", "s3:ListBucket"}) {
		t.Errorf("the task may %v", got)
	}
	if got := policy.Of(t, "s3:DeleteObject").Resource; !slices.Equal(got, []string{"arn:aws:s3:::bucket/dagster/compute-logs/*"}) {
		t.Errorf("the task deletes %v", got)
	}
}

func TestTheScheduleStartsTheTaskAndNothingElse(t *testing.T) {
	recorder := record(t, args(t))
	policy := awstest.PolicyOf(t, recorder, "maintenance-schedule")
	if got := policy.Actions(); !slices.Equal(got, []string{"ecs:RunTask", "ecs:TagResource", "iam:PassRole"}) {
		t.Errorf("the schedule may %v", got)
	}
	family := workloadtest.Location().ARN("ecs", "task-definition/asset-manager-maintenance:*")
	start := policy.Of(t, "ecs:RunTask")
	cluster := workloadtest.Location().ARN("ecs", "cluster/fulcrum-cluster")
	if !slices.Equal(start.Resource, []string{family}) || start.Condition["ArnEquals"]["ecs:cluster"] != cluster {
		t.Errorf("the schedule starts %v with %v", start.Resource, start.Condition)
	}
	if got := len(policy.Of(t, "iam:PassRole").Resource); got != 2 {
		t.Errorf("the schedule passes %d roles", got)
	}
	if names := recorder.Names(awstest.Service); len(names) != 0 {
		t.Errorf("there is %v", names)
	}
}

func TestTheScheduleSaysWhenAndWhere(t *testing.T) {
	schedule := record(t, args(t)).One(t, "aws:scheduler/schedule:Schedule", "maintenance-schedule")
	if got := schedule.Input("scheduleExpression"); got != "cron(5 3 ? * MON,FRI *)" {
		t.Errorf("the schedule is %v", got)
	}
	if got := schedule.Input("scheduleExpressionTimezone"); got != "Europe/Berlin" {
		t.Errorf("the time zone is %v", got)
	}
	target, _ := schedule.Input("target").(map[string]any)
	if got := target["arn"]; got != workloadtest.Location().ARN("ecs", "cluster/fulcrum-cluster") {
		t.Errorf("the task runs in %v", got)
	}
	task, _ := target["ecsParameters"].(map[string]any)
	network, _ := task["networkConfiguration"].(map[string]any)
	if subnets, _ := network["subnets"].([]any); len(subnets) != 2 || network["assignPublicIp"] == true {
		t.Errorf("the task's network is %v", network)
	}
}

func TestFirstPreviewWorks(t *testing.T) {
	record(t, args(t), pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	pulumitest.Refused(t, maintenance.New, args, map[string]func(*maintenance.Args){
		"Spec.Image: is required":       func(a *maintenance.Args) { a.Spec.Image = "" },
		"Spec.Secrets: is required":     func(a *maintenance.Args) { a.Spec.Secrets = nil },
		"OwnerRole: is required":        func(a *maintenance.Args) { a.OwnerRole = "" },
		"Bucket.Arn: is required":       func(a *maintenance.Args) { a.Bucket.Arn = nil },
		"Rules.SuccessDays: -1":         func(a *maintenance.Args) { a.Rules.SuccessDays = -1 },
		"Rules.FailureDays: -1":         func(a *maintenance.Args) { a.Rules.FailureDays = -1 },
		"Rules.CanceledDays: -1":        func(a *maintenance.Args) { a.Rules.CanceledDays = -1 },
		"Rules.LogDays: -1":             func(a *maintenance.Args) { a.Rules.LogDays = -1 },
		"Rules.Tags[0].Key: is requir":  func(a *maintenance.Args) { a.Rules.Tags[0].Key = "" },
		"Rules.Tags[0].Value: is requ":  func(a *maintenance.Args) { a.Rules.Tags[0].Value = "" },
		"Rules.Tags[0].Days: -1":        func(a *maintenance.Args) { a.Rules.Tags[0].Days = -1 },
		"Schedule.Time: \"25:00\"":      func(a *maintenance.Args) { a.Schedule.Time = "25:00" },
		"Schedule.Timezone: \"Berlin\"": func(a *maintenance.Args) { a.Schedule.Timezone = "Berlin" },
		"Schedule.Weekdays: names no d": func(a *maintenance.Args) { a.Schedule.Weekdays = nil },
	})
}
