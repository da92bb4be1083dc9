package configuration_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/configuration"
	"dagster-ecs/internal/dagsterconf"
	"dagster-ecs/internal/pulumitest"
)

const object = "aws:s3/bucketObjectv2:BucketObjectv2"

func args(*testing.T) *configuration.Args {
	return &configuration.Args{
		Bucket: pulumi.String("bucket").ToStringOutput(),
		Prefix: "dagster/config",
		Instance: dagsterconf.Instance{
			Name: "dagster-dev.yaml", ComputeLogPrefix: "dagster/compute-logs", Queue: dagsterconf.Queue{MaxConcurrent: 5},
			StartTimeoutSeconds: 600, TickDays: 7,
			Launcher: dagsterconf.Launcher{
				Container: "asset-manager-run", Cluster: "fulcrum-cluster", CPU: 512, Memory: 1024,
				Capacity: []dagsterconf.Capacity{{Provider: "FARGATE", Weight: 1}},
			},
		},
		Launch: configuration.Launch{
			TaskDefinitionArn: pulumi.String("arn:run:7").ToStringOutput(),
			SubnetIDs:         pulumi.ToStringArray([]string{"subnet-a"}).ToStringArrayOutput(),
			SecurityGroupID:   pulumi.String("sg-runs").ToStringOutput(),
		},
		Workspace:  dagsterconf.Workspace{Module: "asset_manager.definitions"},
		Generation: pulumi.String("7f"),
	}
}

func record(t *testing.T, args *configuration.Args, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	recorder, _ := pulumitest.Build(t, configuration.New, "configuration", args, options...)
	return recorder
}

func hash(t *testing.T, args *configuration.Args) string {
	t.Helper()
	return record(t, args).One(t, "dagster-ecs:configuration:Configuration", "configuration").Outputs["hash"].StringValue()
}

func TestFilesLieInTheFolderOfTheirHashWithWhatAWSSaidOfTheLaunch(t *testing.T) {
	recorder := record(t, args(t))
	folder := "dagster/config/" + hash(t, args(t)) + "/"
	for name, key := range map[string]string{
		"configuration-instance": "dagster-dev.yaml", "configuration-workspace": "workspace.yaml", "configuration-aws": "aws.ini",
	} {
		if got := recorder.One(t, object, name).Input("key"); got != folder+key {
			t.Errorf("%s lies at %v", name, got)
		}
	}
	text, _ := recorder.One(t, object, "configuration-instance").Input("content").(string)
	for _, want := range []string{"task_definition: arn:run:7", "- subnet-a", "- sg-runs"} {
		if !strings.Contains(text, want) {
			t.Errorf("dagster-dev.yaml lacks %q", want)
		}
	}
}

func TestFilesOfBeforeStayInTheBucket(t *testing.T) {
	for _, each := range record(t, args(t)).Of(object) {
		if each.Retain == nil || !*each.Retain {
			t.Errorf("%s is deleted when its content changes, though a service may be taken back to it", each.Name)
		}
	}
}

func TestGenerationRollsTheServicesAndLeavesTheFilesWhereTheyAre(t *testing.T) {
	_, made := pulumitest.Build(t, configuration.New, "configuration", args(t))
	if got := made.Files.Environment()["DAGSTER_SECRETS_GENERATION"]; got != args(t).Generation {
		t.Errorf("the services have the generation %v", got)
	}
	changed := args(t)
	changed.Generation = pulumi.String("80")
	if hash(t, changed) != hash(t, args(t)) {
		t.Error("the files moved though none has changed")
	}
}

func TestHashChangesWithEachFile(t *testing.T) {
	seen := []string{hash(t, args(t))}
	if again := hash(t, args(t)); again != seen[0] {
		t.Errorf("the same files give %s and %s", seen[0], again)
	}
	for name, edit := range map[string]func(*configuration.Args){
		"the instance":   func(a *configuration.Args) { a.Instance.TickDays = 8 },
		"the definition": func(a *configuration.Args) { a.Launch.TaskDefinitionArn = pulumi.String("arn:run:8").ToStringOutput() },
		"the workspace":  func(a *configuration.Args) { a.Workspace.Module = "other.definitions" },
	} {
		changed := args(t)
		edit(changed)
		got := hash(t, changed)
		if slices.Contains(seen, got) {
			t.Errorf("%s changed and the hash did not", name)
		}
		seen = append(seen, got)
	}
}

func TestFirstPreviewWorks(t *testing.T) {
	record(t, args(t), pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	pulumitest.Refused(t, configuration.New, args, map[string]func(*configuration.Args){
		"Bucket: is required":                    func(a *configuration.Args) { a.Bucket = nil },
		"Prefix: is required":                    func(a *configuration.Args) { a.Prefix = "" },
		"Instance.Launcher.Cluster: is required": func(a *configuration.Args) { a.Instance.Launcher.Cluster = "" },
		"Instance.TickDays: 0":                   func(a *configuration.Args) { a.Instance.TickDays = 0 },
		"Launch.TaskDefinitionArn: is required":  func(a *configuration.Args) { a.Launch.TaskDefinitionArn = nil },
		"Launch.SubnetIDs: is required":          func(a *configuration.Args) { a.Launch.SubnetIDs = nil },
		"Launch.SecurityGroupID: is required":    func(a *configuration.Args) { a.Launch.SecurityGroupID = nil },
		"Workspace.Module: is required":          func(a *configuration.Args) { a.Workspace.Module = "" },
	})
}
