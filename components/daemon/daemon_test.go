package daemon_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/daemon"
	"dagster-ecs/components/internal/workloadtest"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/awstest"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/pulumitest"
)

func args(t *testing.T) *daemon.Args {
	spec := workloadtest.Spec(t, "daemon")
	spec.Reach = []workload.Peer{
		{Name: "database", Reason: "Daemon to the database", Port: 5432, Group: pulumi.String("sg-database"), Both: true},
		{Name: "s3", Reason: "Daemon to S3", Port: 443, PrefixList: pulumi.String("pl-s3")},
	}
	return &daemon.Args{
		Spec:   spec,
		Files:  workloadtest.Files(),
		Bucket: workloadtest.Bucket(),
		Runs:   []grants.Runs{workloadtest.Runs()},
	}
}

func record(t *testing.T, args *daemon.Args, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	recorder, _ := pulumitest.Build(t, daemon.New, "daemon", args, options...)
	return recorder
}

func TestThereIsNeverASecondDaemon(t *testing.T) {
	made := record(t, args(t)).One(t, awstest.Service, "daemon-service")
	for key, want := range map[string]any{
		"desiredCount": 1.0, "deploymentMinimumHealthyPercent": 0.0, "deploymentMaximumPercent": 100.0,
		"availabilityZoneRebalancing": "DISABLED",
	} {
		if got := made.Input(key); got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
	if len(made.IgnoreChanges) != 0 {
		t.Errorf("changes of %v are ignored: somebody could scale the daemon by hand", made.IgnoreChanges)
	}
}

func TestDaemonStopsRunsOfItsClusterOnly(t *testing.T) {
	workloadtest.StopsRunsOnly(t, awstest.PolicyOf(t, record(t, args(t)), "daemon-task"))
}

func TestNothingScalesOrFrontsTheDaemon(t *testing.T) {
	for _, resource := range record(t, args(t)).All() {
		if strings.HasPrefix(resource.Type, "aws:appautoscaling/") || strings.HasPrefix(resource.Type, "aws:lb/") {
			t.Errorf("there is a %s named %s", resource.Type, resource.Name)
		}
	}
}

func TestDaemonMayStartRunsOfItsFamilyOnly(t *testing.T) {
	policy := awstest.PolicyOf(t, record(t, args(t)), "daemon-task")
	start := policy.Of(t, "ecs:RunTask")
	if !slices.Equal(start.Resource, []string{"arn:aws:ecs:us-west-1:111122223333:task-definition/asset-manager-run:*"}) {
		t.Errorf("RunTask is allowed on %v", start.Resource)
	}
	if got := start.Condition["ArnEquals"]["ecs:cluster"]; got != "arn:aws:ecs:us-west-1:111122223333:cluster/fulcrum-cluster" {
		t.Errorf("RunTask is allowed on cluster %v", got)
	}
	pass := policy.Of(t, "iam:PassRole")
	if len(pass.Resource) != 2 || pass.Condition["StringEquals"]["iam:PassedToService"] != "ecs-tasks.amazonaws.com" {
		t.Errorf("PassRole is allowed on %v with %v", pass.Resource, pass.Condition)
	}
}

func TestDaemonMayStartTheRunsOfEveryDefinitionItIsGiven(t *testing.T) {
	two := args(t)
	other := workloadtest.Runs()
	other.Family = "other-run"
	other.RoleArns = []pulumi.StringInput{pulumi.String(workloadtest.Location().GlobalARN("iam", "role/other-run-task"))}
	two.Runs = append(two.Runs, other)
	policy := awstest.PolicyOf(t, record(t, two), "daemon-task")
	if got := policy.Of(t, "ecs:RunTask").Resource; len(got) != 2 || !strings.HasSuffix(got[1], "task-definition/other-run:*") {
		t.Errorf("RunTask is allowed on %v", got)
	}
	if got := policy.Of(t, "iam:PassRole").Resource; len(got) != 3 {
		t.Errorf("PassRole is allowed on %v", got)
	}
}

func TestDaemonReadsItsConfigurationAndNoLogs(t *testing.T) {
	policy := awstest.PolicyOf(t, record(t, args(t)), "daemon-task")
	if read := policy.Of(t, "s3:GetObject"); !slices.Equal(read.Resource, []string{"arn:aws:s3:::bucket/dagster/config/*"}) {
		t.Errorf("the daemon reads %v", read.Resource)
	}
}

func TestTheDaemonStartsAfterItsConfigurationWithoutTheMigrationsParameters(t *testing.T) {
	recorder := record(t, args(t))
	containers := awstest.ContainersOf(t, recorder, "daemon-definition")
	own := containers["asset-manager-daemon"]
	if len(own.DependsOn) != 1 || own.DependsOn[0].ContainerName != "configure" || own.DependsOn[0].Condition != "SUCCESS" {
		t.Errorf("the daemon waits for %v", own.DependsOn)
	}
	for _, arn := range awstest.PolicyOf(t, recorder, "daemon-execution").Of(t, "ssm:GetParameters").Resource {
		if strings.Contains(arn, "migration") {
			t.Errorf("the daemon's task is given %s", arn)
		}
	}
}

func TestDaemonAnswersForItsHeartbeats(t *testing.T) {
	own := awstest.ContainersOf(t, record(t, args(t)), "daemon-definition")["asset-manager-daemon"]
	if got := own.Command[len(own.Command)-2:]; !slices.Equal(got, []string{"--log-format", "json"}) {
		t.Errorf("the command ends in %v: its log would carry colors", got)
	}
	check := own.Check
	if check == nil || !slices.Equal(check.Command[:3], []string{"CMD", "python", "-c"}) || !strings.Contains(check.Command[3], "daemon_heartbeats") {
		t.Fatalf("the health check is %+v", check)
	}
	const loading, provider, tries, starting = 180, 20 * 60, 3, 60
	dead := check.StartPeriod + check.Retries*check.Interval
	if dead <= loading || tries*(dead+starting) > provider {
		t.Errorf("a daemon that never comes up is given up after %d seconds", dead)
	}
	if own.StopAfter != 120 {
		t.Errorf("the daemon is killed after %d seconds", own.StopAfter)
	}
}

func TestBothEndsAllowTheDatabase(t *testing.T) {
	recorder := record(t, args(t))
	out := recorder.One(t, awstest.EgressRule, "daemon-tasks-to-database")
	in := recorder.One(t, awstest.IngressRule, "daemon-tasks-at-database")
	if out.Input("referencedSecurityGroupId") != "sg-database" || in.Input("securityGroupId") != "sg-database" ||
		in.Input("referencedSecurityGroupId") != out.Input("securityGroupId") {
		t.Errorf("egress %v, ingress %v", out.Inputs, in.Inputs)
	}
	if got := recorder.Names(awstest.IngressRule); !slices.Equal(got, []string{"daemon-tasks-at-database"}) {
		t.Errorf("ingress rules are %v: nobody connects to the daemon", got)
	}
}

func TestEverythingDescendsFromTheComponent(t *testing.T) {
	for _, resource := range record(t, args(t)).All() {
		if resource.Type != daemon.TypeToken && resource.Parent == "" && resource.Type != "pulumi:pulumi:Stack" {
			t.Errorf("%s %s has no parent", resource.Type, resource.Name)
		}
	}
}

func TestFirstPreviewWorks(t *testing.T) {
	record(t, args(t), pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	pulumitest.Refused(t, daemon.New, args, map[string]func(*daemon.Args){
		"Spec.Image: is required":          func(a *daemon.Args) { a.Spec.Image = "" },
		"Bucket.Arn: is required":          func(a *daemon.Args) { a.Bucket.Arn = nil },
		"Runs[0].Family: is required":      func(a *daemon.Args) { a.Runs[0].Family = "" },
		"Runs[0].RoleArns: is required":    func(a *daemon.Args) { a.Runs[0].RoleArns = nil },
		"Runs: is required":                func(a *daemon.Args) { a.Runs = nil },
		"Runs[0].LogGroupArn: is required": func(a *daemon.Args) { a.Runs[0].LogGroupArn = nil },
	})
}
