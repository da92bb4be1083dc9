package runlauncher_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"dagster-ecs/components/configuration"
	"dagster-ecs/components/internal/workloadtest"
	"dagster-ecs/components/runlauncher"
	"dagster-ecs/internal/awstest"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/pulumitest"
)

func args(t *testing.T) *runlauncher.Args {
	return &runlauncher.Args{
		Spec:   workloadtest.Spec(t, "runs"),
		Bucket: workloadtest.Bucket(),
	}
}

// record gives the launcher as well, whose plan-time outputs the tests read.
func record(t *testing.T, args *runlauncher.Args, options ...pulumitest.Option) (*pulumitest.Recorder, *runlauncher.RunLauncher) {
	t.Helper()
	return pulumitest.Build(t, runlauncher.New, "runs", args, options...)
}

func TestRunsMayDoNothingWithEcs(t *testing.T) {
	recorder, _ := record(t, args(t))
	for _, role := range []string{"runs-task", "runs-execution"} {
		for _, action := range awstest.PolicyOf(t, recorder, role).Actions() {
			if strings.HasPrefix(action, "ecs:") || strings.HasPrefix(action, "iam:") {
				t.Errorf("%s may %s", role, action)
			}
		}
	}
}

func TestRunsKeepArtifactsAndOnlyAddComputeLogs(t *testing.T) {
	recorder, _ := record(t, args(t))
	policy := awstest.PolicyOf(t, recorder, "runs-task")
	if got := policy.Of(t, "s3:GetObject").Resource; !slices.Equal(got, []string{"arn:aws:s3:::bucket/dagster/io/*"}) {
		t.Errorf("runs read %v", got)
	}
	if got := policy.Of(t, "s3:DeleteObject").Resource; !slices.Equal(got, []string{"arn:aws:s3:::bucket/dagster/io/*"}) {
		t.Errorf("runs delete %v", got)
	}
	if got := policy.Of(t, "s3:PutObject").Resource; !slices.Equal(got, []string{"arn:aws:s3:::bucket/dagster/compute-logs/*"}) {
		t.Errorf("runs write logs to %v", got)
	}
}

func TestRunIsATaskOfItsOwnAndNoService(t *testing.T) {
	recorder, made := record(t, args(t))
	if got := recorder.Names(awstest.Service); len(got) != 0 {
		t.Errorf("services are %v", got)
	}
	containers := awstest.ContainersOf(t, recorder, "runs-definition")
	if _, there := containers[made.Runs.Family]; len(containers) != 1 || !there || made.Runs.Family != "asset-manager-run" {
		t.Errorf("family %s has %v", made.Runs.Family, containers)
	}
	if got := containers[made.Runs.Family].StopAfter; got != 120 {
		t.Errorf("a run is killed after %d seconds", got)
	}
}

func TestRunsAreKnownByTheTagOfTheirDefinition(t *testing.T) {
	recorder, made := record(t, args(t))
	tags, _ := recorder.One(t, awstest.TaskDefinition, "runs-definition").Input("tags").(map[string]any)
	if len(tags) != 1 || tags[grants.RunTag] != made.Runs.Family {
		t.Errorf("the tags are %v", tags)
	}
}

func TestARunIsGivenItsInstanceBeforeItsCommand(t *testing.T) {
	recorder, made := record(t, args(t))
	script, err := os.ReadFile("launch.py")
	if err != nil {
		t.Fatal(err)
	}
	entry := awstest.ContainersOf(t, recorder, "runs-definition")[made.Runs.Family].Entry
	if !slices.Equal(entry, []string{"python", "-c", string(script)}) {
		t.Errorf("the entry point is %q", entry)
	}
}

func TestNobodyConnectsToRuns(t *testing.T) {
	recorder, _ := record(t, args(t))
	if got := recorder.Names(awstest.IngressRule); len(got) != 0 {
		t.Errorf("ingress rules are %v", got)
	}
}

func TestCapacityHasOnlyWhatIsWeighted(t *testing.T) {
	if got := runlauncher.CapacityOf(0, 1); !slices.Equal(got, []configuration.Capacity{{Provider: "FARGATE_SPOT", Weight: 1}}) {
		t.Errorf("got %v", got)
	}
	want := []configuration.Capacity{{Provider: "FARGATE", Weight: 1}, {Provider: "FARGATE_SPOT", Weight: 3}}
	if got := runlauncher.CapacityOf(1, 3); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestFirstPreviewWorks(t *testing.T) {
	record(t, args(t), pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	pulumitest.Refused(t, runlauncher.New, args, map[string]func(*runlauncher.Args){
		"Bucket.Arn: is required": func(a *runlauncher.Args) { a.Bucket.Arn = nil },
		"Spec.CPU: 0":             func(a *runlauncher.Args) { a.Spec.CPU = 0 },
	})
}
