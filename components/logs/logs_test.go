package logs_test

import (
	"slices"
	"testing"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/workloadtest"
	"dagster-ecs/components/logs"
	"dagster-ecs/internal/pulumitest"
)

const (
	logGroup = "aws:cloudwatch/logGroup:LogGroup"
	key      = "aws:kms/key:Key"
)

func args(t *testing.T) *logs.Args {
	return &logs.Args{
		Names:         workloadtest.Platform(t).Names,
		Location:      workloadtest.Location(),
		Kinds:         []string{"web", "daemon", "runs"},
		RetentionDays: 14,
	}
}

func record(t *testing.T, args *logs.Args, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	recorder, _ := pulumitest.Build(t, logs.New, "logs", args, options...)
	return recorder
}

func TestGroupsHaveTheGuidesNamesRetentionAndKey(t *testing.T) {
	recorder := record(t, args(t))
	var names []string
	for _, group := range recorder.Of(logGroup) {
		names = append(names, group.Input("name").(string))
		if group.Input("retentionInDays") != 14.0 {
			t.Errorf("%s keeps %v days", group.Name, group.Input("retentionInDays"))
		}
		if group.Input("kmsKeyId") != "arn:aws:kms:us-west-1:111122223333:key/logs-key" {
			t.Errorf("%s is encrypted with %v", group.Name, group.Input("kmsKeyId"))
		}
	}
	slices.Sort(names)
	if want := []string{"asset-manager/daemon", "asset-manager/runs", "asset-manager/web"}; !slices.Equal(names, want) {
		t.Errorf("groups are %v", names)
	}
}

func TestKeyIsForTheseGroupsOnly(t *testing.T) {
	var policy struct {
		Statement []struct {
			Sid       string
			Condition map[string]map[string][]string
		}
	}
	made := record(t, args(t)).Of(key)
	if len(made) != 1 {
		t.Fatalf("there are %d keys", len(made))
	}
	made[0].Document(t, "policy", &policy)
	for _, statement := range policy.Statement {
		if statement.Sid == "CloudWatchLogs" {
			arns := statement.Condition["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
			if !slices.Equal(arns, []string{"arn:aws:logs:us-west-1:111122223333:log-group:asset-manager/*"}) {
				t.Errorf("the key is for %v", arns)
			}
			return
		}
	}
	t.Errorf("logs may not use the key: %+v", policy)
}

func TestProtectionIsSaidForKeyAndGroups(t *testing.T) {
	kept := args(t)
	kept.Keep = component.Keep{Protect: true}
	recorder := record(t, kept)
	for _, resource := range append(recorder.Of(key), recorder.Of(logGroup)...) {
		if resource.Protect == nil || !*resource.Protect {
			t.Errorf("%s is not protected", resource.Name)
		}
	}
}

func TestFirstPreviewWorks(t *testing.T) {
	record(t, args(t), pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	pulumitest.Refused(t, logs.New, args, map[string]func(*logs.Args){
		"RetentionDays: 15": func(a *logs.Args) { a.RetentionDays = 15 },
		"RetentionDays: 0":  func(a *logs.Args) { a.RetentionDays = 0 },
		"Kinds":             func(a *logs.Args) { a.Kinds = nil },
		"Location":          func(a *logs.Args) { a.Location = component.Location{} },
	})
}
