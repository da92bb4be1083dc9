package dagsterconf_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/dagsterconf"
	"dagster-ecs/internal/pulumitest"
)

// instances are the files that test_loading.py gives to a real Dagster.
func instances() map[string]dagsterconf.Instance {
	dev := dagsterconf.Instance{
		Name:                "dagster-dev.yaml",
		ComputeLogPrefix:    "dagster/compute-logs",
		Queue:               dagsterconf.Queue{MaxConcurrent: 5},
		StartTimeoutSeconds: 600,
		MaxRetries:          2,
		TickDays:            7,
		Launcher: dagsterconf.Launcher{
			TaskDefinition: "arn:aws:ecs:us-west-1:111122223333:task-definition/asset-manager-run:1",
			Container:      "asset-manager-run",
			Cluster:        "fulcrum-cluster",
			Subnets:        []string{"subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718"},
			SecurityGroup:  "sg-0a1b2c3d4e5f60718",
			Capacity:       []dagsterconf.Capacity{{Provider: "FARGATE_SPOT", Weight: 1}},
			CPU:            512,
			Memory:         1024,
		},
	}
	prod := dev
	prod.Name = "dagster-prod.yaml"
	prod.Queue.MaxConcurrent = 25
	prod.StartTimeoutSeconds = 900
	prod.TickDays = 30
	prod.Launcher.Capacity = []dagsterconf.Capacity{{Provider: "FARGATE", Weight: 1}}
	limited := prod
	limited.Name = "dagster-limited.yaml"
	limited.MaxRuntimeSeconds = 86400
	limited.MaxRetries = 0
	limited.Queue.TagLimits = []dagsterconf.TagLimit{
		{Key: "team", PerValue: true, Limit: 4},
		{Key: "database", Value: "warehouse", Limit: 2},
		{Key: "heavy", Limit: 1},
	}
	limited.Launcher.Capacity = []dagsterconf.Capacity{{Provider: "FARGATE", Weight: 1}, {Provider: "FARGATE_SPOT", Weight: 3}}
	return map[string]dagsterconf.Instance{"dev": dev, "prod": prod, "limited": limited}
}

func TestGolden(t *testing.T) {
	for name, instance := range instances() {
		pulumitest.Golden(t, "dagster-"+name+".yaml", instance.Render)
	}
	pulumitest.Golden(t, "kept.yaml", func() ([]byte, error) { return dagsterconf.RenderKept("dagster/compute-logs") })
	pulumitest.Golden(t, "workspace.yaml", dagsterconf.Workspace{Module: "asset_manager.definitions"}.Render)
}

// The lengths are compared by test_loading.py with what a real Dagster writes for a job with this module and a name of
// 100 characters.
func TestLaunchLengthGolden(t *testing.T) {
	pulumitest.Golden(t, "launch-lengths.json", func() ([]byte, error) {
		lengths := map[string]int{}
		for name, instance := range instances() {
			length, err := instance.LaunchLength("asset_manager.definitions", 100)
			if err != nil {
				return nil, err
			}
			lengths["dagster-"+name+".yaml"] = length
		}
		return json.MarshalIndent(lengths, "", "  ")
	})
}

func TestLaunchLengthGrowsWithWhatTheCommandCarries(t *testing.T) {
	instance := instances()["limited"]
	short, err := instance.LaunchLength("m", 10)
	if err != nil {
		t.Fatal(err)
	}
	if short > capacity.OverrideLimit {
		t.Errorf("%d characters: the instance of the tests does not fit itself", short)
	}
	for range 100 {
		instance.Queue.TagLimits = append(instance.Queue.TagLimits, dagsterconf.TagLimit{Key: strings.Repeat("k", 40), Limit: 1})
	}
	if long, err := instance.LaunchLength("m", 10); err != nil || long < capacity.OverrideLimit {
		t.Errorf("100 tag limits: got %d, %v, want more than ECS allows", long, err)
	}
	if _, err := (dagsterconf.Instance{}).LaunchLength("m", 10); err == nil {
		t.Error("the length of nothing is not refused")
	}
}

func TestNoSecretAndNoPlaceIsWritten(t *testing.T) {
	written, err := instances()["prod"].Render()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"DAGSTER_PG_USER", "DAGSTER_PG_PASSWORD", "DAGSTER_PG_HOST", "DAGSTER_PG_DB", "DAGSTER_PG_PORT", "DAGSTER_S3_BUCKET",
	} {
		if !regexp.MustCompile(`: *\n +env: ` + name + `\n`).Match(written) {
			t.Errorf("%s is not taken from the environment", name)
		}
	}
	for _, never := range []string{"region", "autocreate_tables: true", "launchType", "max_resume_run_attempts", "secrets:"} {
		if strings.Contains(string(written), never) {
			t.Errorf("dagster.yaml holds %q", never)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		says string
		edit func(*dagsterconf.Instance)
	}{
		{"Name: is required", func(i *dagsterconf.Instance) { i.Name = "" }},
		{"ComputeLogPrefix: is required", func(i *dagsterconf.Instance) { i.ComputeLogPrefix = "" }},
		{"Queue.MaxConcurrent: 0 is not above 0", func(i *dagsterconf.Instance) { i.Queue.MaxConcurrent = 0 }},
		{"StartTimeoutSeconds: -1 is not above 0", func(i *dagsterconf.Instance) { i.StartTimeoutSeconds = -1 }},
		{"TickDays: 0 is not above 0", func(i *dagsterconf.Instance) { i.TickDays = 0 }},
		{"Launcher.TaskDefinition: is required", func(i *dagsterconf.Instance) { i.Launcher.TaskDefinition = "" }},
		{"Launcher.Container: is required", func(i *dagsterconf.Instance) { i.Launcher.Container = "" }},
		{"Launcher.Cluster: is required", func(i *dagsterconf.Instance) { i.Launcher.Cluster = "" }},
		{"Launcher.SecurityGroup: is required", func(i *dagsterconf.Instance) { i.Launcher.SecurityGroup = "" }},
		{"Launcher.Subnets: is required", func(i *dagsterconf.Instance) { i.Launcher.Subnets = nil }},
		{"Launcher.Capacity: is required", func(i *dagsterconf.Instance) { i.Launcher.Capacity = nil }},
	} {
		instance := instances()["dev"]
		c.edit(&instance)
		if _, err := instance.Render(); err == nil || err.Error() != c.says {
			t.Errorf("got %v, want %s", err, c.says)
		}
	}
	if _, err := (dagsterconf.Workspace{}).Render(); err == nil || err.Error() != "Module: is required" {
		t.Errorf("empty workspace: got %v", err)
	}
}

func TestProblemsComeAllAtOnce(t *testing.T) {
	_, err := dagsterconf.Instance{}.Render()
	if err == nil || len(strings.Split(err.Error(), "\n")) != 11 {
		t.Errorf("got %v, want all eleven problems", err)
	}
}
