package migration

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/internal/taskrun"
	"dagster-ecs/internal/taskstop"
)

// pass opens the gate of an account in a time that takes none, and gives what was told and the error.
func pass(t *testing.T, a *account) (told []string, failed error) {
	t.Helper()
	return passOf(t, a, "asset-manager-prod")
}

// passOf is pass for an instance; empty where it is not one of the account.
func passOf(t *testing.T, a *account, instance string) (told []string, failed error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a.begin = time.Now()
		tell := func(text string) { told = append(told, text) }
		failed = gate{
			stops: taskstop.Reader{ECS: a, Logs: a},
			tasks: tasks{ecs: a, tell: tell, family: "asset-manager-migration", target: taskrun.Target{
				Cluster: "fulcrum-cluster", Definition: "asset-manager-migration:7",
				Group: "sg-1", Subnets: []string{"subnet-a", "subnet-b"},
			}},
			snapshots: snapshots{rds: a, instance: instance, reason: "before image:2 migrates it", tell: tell},
			tell:      tell,
		}.pass(t.Context())
	})
	return told, failed
}

func holds(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not said:\n%s", want, text)
		}
	}
}

func TestACurrentOrEmptyDatabaseTakesOneTaskAndNoSnapshot(t *testing.T) {
	a := &account{tasks: []scripted{{takes: time.Minute}}}
	if _, err := pass(t, a); err != nil {
		t.Fatal(err)
	}
	if want := []string{"task 1 starts", "task 1 ends"}; !slices.Equal(a.done, want) {
		t.Errorf("done is %q, want %q", a.done, want)
	}
	vpc := a.inputs[0].NetworkConfiguration.AwsvpcConfiguration
	if !slices.Equal(vpc.Subnets, []string{"subnet-a", "subnet-b"}) || !slices.Equal(vpc.SecurityGroups, []string{"sg-1"}) ||
		vpc.AssignPublicIp != types.AssignPublicIpDisabled || *a.inputs[0].TaskDefinition != "asset-manager-migration:7" {
		t.Errorf("the task is started by %+v", a.inputs[0])
	}
}

func TestDataAreSavedBeforeTheyAreMigrated(t *testing.T) {
	a := &account{tasks: []scripted{{exit: behind}, {takes: time.Minute}}, snapshotTakes: 20 * time.Minute}
	told, err := pass(t, a)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"task 1 starts", "task 1 ends", "snapshot of asset-manager-prod", "snapshot is available", "task 2 starts", "task 2 ends",
	}
	if !slices.Equal(a.done, want) {
		t.Errorf("done is %q, want %q", a.done, want)
	}
	if a.inputs[0].Overrides != nil {
		t.Errorf("the first task is given %+v", a.inputs[0].Overrides)
	}
	named := a.inputs[1].Overrides.ContainerOverrides[0].Environment[0]
	if *named.Name != "DAGSTER_MIGRATION_SNAPSHOT" || !strings.HasPrefix(*named.Value, "asset-manager-prod-before-migration-2") {
		t.Errorf("the second task is given %s=%s", *named.Name, *named.Value)
	}
	if len(a.tags) != 1 || *a.tags[0].Value != "before image:2 migrates it" {
		t.Errorf("the snapshot's tags are %+v", a.tags)
	}
	holds(t, strings.Join(told, "\n"), *named.Value+": creating", "for 19m", *named.Value+": available")
}

func TestADatabaseOfOthersIsMigratedOnItsOwnersBackups(t *testing.T) {
	a := &account{tasks: []scripted{{exit: behind}, {}}}
	told, err := passOf(t, a, "")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"task 1 starts", "task 1 ends", "task 2 starts", "task 2 ends"}; !slices.Equal(a.done, want) {
		t.Errorf("done is %q, want %q", a.done, want)
	}
	holds(t, strings.Join(told, "\n"), "the backups of the database's owner lead back")
}

func TestAMigrationOfHalfAnHourIsNoFailureAndIsHeardOfEachMinute(t *testing.T) {
	told, err := pass(t, &account{tasks: []scripted{{takes: 31 * time.Minute}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(told) < 30 || len(told) > 35 {
		t.Errorf("%d lines were told in half an hour", len(told))
	}
	holds(t, told[len(told)-2], "task 1 is RUNNING, for 30m")
}

func TestAFailedMigrationSaysWhyWhereAndTheWayBack(t *testing.T) {
	a := &account{tasks: []scripted{{exit: behind}, {exit: 1}}, log: []string{"Traceback", "must be owner of table runs\n"}}
	_, err := pass(t, a)
	if err == nil {
		t.Fatal("the gate is open")
	}
	holds(t, err.Error(), "container asset-manager-migration exited with 1", "Essential container in task exited",
		"group asset-manager/daemon, stream migration/asset-manager-migration/2", "| Traceback", "| must be owner of table runs",
		"snapshot asset-manager-prod-before-migration-2", "No service was changed")
}

func TestAFailedSnapshotMigratesNothing(t *testing.T) {
	a := &account{tasks: []scripted{{exit: behind}, {}}, snapshotEnds: "failed"}
	_, err := pass(t, a)
	if err == nil || len(a.started) != 1 {
		t.Fatalf("%d tasks were started, and the error is %v", len(a.started), err)
	}
	holds(t, err.Error(), "it failed", "No service was changed")
}

func TestASnapshotWaitsForABackupButNotForEver(t *testing.T) {
	a := &account{tasks: []scripted{{exit: behind}, {}}, busy: 40 * time.Minute}
	told, err := pass(t, a)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, strings.Join(told, "\n"), "too busy for a snapshot: Instance is currently backing-up.")
	a = &account{tasks: []scripted{{exit: behind}, {}}, busy: 2 * time.Hour}
	if _, err = pass(t, a); err == nil || len(a.started) != 1 {
		t.Fatalf("%d tasks were started, and the error is %v", len(a.started), err)
	}
	holds(t, err.Error(), "backing-up")
}

func TestALaterSchemaIsTakenAsItIs(t *testing.T) {
	a := &account{tasks: []scripted{{exit: ahead}}}
	told, err := pass(t, a)
	if err != nil || len(a.started) != 1 {
		t.Fatalf("%d tasks were started, and the error is %v", len(a.started), err)
	}
	holds(t, strings.Join(told, "\n"), "later Dagster")
}

func TestAMigrationThatStillRunsGoesFirst(t *testing.T) {
	a := &account{tasks: []scripted{{}}, running: &scripted{takes: 10 * time.Minute}}
	told, err := pass(t, a)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"task earlier ends", "task 1 starts", "task 1 ends"}; !slices.Equal(a.done, want) {
		t.Errorf("done is %q, want %q", a.done, want)
	}
	holds(t, told[0], "task earlier of an earlier update")
}

func TestATaskThatCannotStartYetIsStartedAgain(t *testing.T) {
	reason := "ResourceInitializationError: unable to pull secrets or registry auth: AccessDeniedException"
	a := &account{tasks: []scripted{{cannotStart: reason}, {cannotStart: reason}, {}}}
	told, err := pass(t, a)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, strings.Join(told, "\n"), "one more is tried: "+reason)
}

func TestATaskThatNeverStartsIsGivenUp(t *testing.T) {
	reason := "ResourceInitializationError: no route"
	a := &account{tasks: slices.Repeat([]scripted{{cannotStart: reason}}, 9)}
	_, err := pass(t, a)
	if err == nil || len(a.started) != taskrun.Starts {
		t.Fatalf("%d tasks were started, and the error is %v", len(a.started), err)
	}
	holds(t, err.Error(), reason, "No service was changed")
}

func TestAMissingImageIsNotTriedAgain(t *testing.T) {
	a := &account{tasks: []scripted{{cannotStart: "CannotPullContainerError: image:2: not found"}, {}}}
	_, err := pass(t, a)
	if err == nil || len(a.started) != 1 {
		t.Fatalf("%d tasks were started, and the error is %v", len(a.started), err)
	}
	holds(t, err.Error(), "not found")
}

func TestTheReasonOfATaskThatEcsDoesNotStartIsSaid(t *testing.T) {
	_, err := pass(t, &account{refusal: "RESOURCE:ENI"})
	if err == nil {
		t.Fatal("the gate is open")
	}
	holds(t, err.Error(), "RESOURCE:ENI")
}

func TestAnEcsThatDoesNotAnswerForSomeMinutesIsBorne(t *testing.T) {
	if _, err := pass(t, &account{tasks: []scripted{{takes: 10 * time.Minute}}, silent: 4 * time.Minute}); err != nil {
		t.Error(err)
	}
	_, err := pass(t, &account{tasks: []scripted{{takes: 10 * time.Minute}}, silent: 6 * time.Minute})
	if err == nil {
		t.Fatal("it is borne for ever")
	}
	holds(t, err.Error(), "the next update waits for")
}

func TestACanceledUpdateWaitsNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		a := &account{tasks: []scripted{{takes: time.Hour}}, begin: time.Now()}
		_, err := tasks{ecs: a, tell: func(string) {}}.run(ctx, "")
		if err == nil || time.Since(a.begin) > 2*time.Minute {
			t.Errorf("after %s the error is %v", time.Since(a.begin), err)
		}
	})
}
