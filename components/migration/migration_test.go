package migration_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/internal/imagecheck"
	"dagster-ecs/components/internal/workloadtest"
	"dagster-ecs/components/migration"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/awstest"
	"dagster-ecs/internal/pulumitest"
)

func args(t *testing.T) *migration.Args {
	spec := workloadtest.Spec(t, "daemon")
	spec.Secrets = workloadtest.Secrets("/asset-manager/dev/migration")
	spec.Reach = []workload.Peer{
		{Name: "database", Reason: "Migration to the database", Port: 5432, Group: pulumi.String("sg-database"), Both: true},
	}
	return &migration.Args{Spec: spec, Module: "asset_manager.definitions", OwnerRole: "dagster_owner", InstanceID: "asset-manager-dev"}
}

func record(t *testing.T, args *migration.Args, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	recorder, _ := pulumitest.Build(t, migration.New, "migration", args, options...)
	return recorder
}

func TestMigrationActsAsTheOwnerOfTheTables(t *testing.T) {
	containers := awstest.ContainersOf(t, record(t, args(t)), "migration-definition")
	own := containers["asset-manager-migration"]
	if got := own.Environment()["PGOPTIONS"]; got != "-c role=dagster_owner" {
		t.Errorf("the server is told %q", got)
	}
	name := "DAGSTER_PG_PASSWORD"
	if got, want := own.SecretSources()[name], workloadtest.Parameter("/asset-manager/dev/migration", name); got != want {
		t.Errorf("the password comes from %s, want %s", got, want)
	}
	if storage := own.Command[len(own.Command)-1]; !strings.Contains(storage, "env: DAGSTER_PG_HOST") {
		t.Errorf("the script is given %q", storage)
	}
}

func TestALoginThatOwnsTheTablesTakesOnNoRole(t *testing.T) {
	own := args(t)
	own.OwnerRole = ""
	container := awstest.ContainersOf(t, record(t, own), "migration-definition")["asset-manager-migration"]
	if options, given := container.Environment()["PGOPTIONS"]; given {
		t.Errorf("the server is told %q", options)
	}
}

func TestMigrationBeginsWithTheCheckOfTheImage(t *testing.T) {
	command := awstest.ContainersOf(t, record(t, args(t)), "migration-definition")["asset-manager-migration"].Command
	if !slices.Equal(command[:5], imagecheck.Before("asset_manager.definitions")) || command[5] != "python" {
		t.Errorf("the command begins with %v", command[:6])
	}
}

func TestMigrationMayDoNothingInAws(t *testing.T) {
	if got := awstest.PolicyOf(t, record(t, args(t)), "migration-task").Actions(); len(got) != 0 {
		t.Errorf("the task may %v", got)
	}
}

func TestNothingKeepsTheMigrationRunning(t *testing.T) {
	if got := record(t, args(t)).Names(awstest.Service); len(got) != 0 {
		t.Errorf("there is %v", got)
	}
}

func TestMigrationIsLetInByTheDatabase(t *testing.T) {
	if got := record(t, args(t)).Names(awstest.IngressRule); !slices.Equal(got, []string{"migration-tasks-at-database"}) {
		t.Errorf("ingress rules are %v", got)
	}
}

func TestFirstPreviewWorks(t *testing.T) {
	record(t, args(t), pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	pulumitest.Refused(t, migration.New, args, map[string]func(*migration.Args){
		"Spec.Image: is required":   func(a *migration.Args) { a.Spec.Image = "" },
		"Spec.Secrets: is required": func(a *migration.Args) { a.Spec.Secrets = nil },
		"Module: is required":       func(a *migration.Args) { a.Module = "" },
		"InstanceID: ":              func(a *migration.Args) { a.InstanceID = "No-Instance" },
	})
}
