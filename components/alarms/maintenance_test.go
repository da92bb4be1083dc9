package alarms_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"testing"
)

// counts are what the script of the maintenance counts in its lines.
var counts = regexp.MustCompile(`(?m)^ +((?:Maintenance|Runs)\w+)=`)

// ofMaintenance are the metrics of the maintenance: its own, and those of its schedule.
func ofMaintenance(t *testing.T) []measured {
	script, err := os.ReadFile(filepath.Join("..", "maintenance", "maintain.py"))
	if err != nil {
		t.Fatal(err)
	}
	// https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
	all := []measured{{"AWS/Scheduler", "InvocationDroppedCount", "ScheduleGroup"}}
	for _, found := range counts.FindAllStringSubmatch(string(script), -1) {
		all = append(all, measured{args(t).Names.Metrics(), found[1], ""})
	}
	return all
}

func TestAMaintenanceThatFailsOrIsNotStartedIsTold(t *testing.T) {
	alarm := record(t, args(t)).One(t, alarmType, "alarms-maintenance")
	queries, _ := alarm.Input("metricQueries").([]any)
	if len(queries) != 3 {
		t.Fatalf("the alarm has the queries %v", queries)
	}
	dropped, _ := queries[2].(map[string]any)["metric"].(map[string]any)
	if dropped["namespace"] != "AWS/Scheduler" || !reflect.DeepEqual(dropped["dimensions"], map[string]any{"ScheduleGroup": "asset-manager-dev"}) {
		t.Errorf("what is not started is counted by %v", dropped)
	}
}

func TestDaysWithoutAMaintenanceAreToldForAsLongAsCloudWatchLooksBack(t *testing.T) {
	for given, want := range map[int]float64{2: 2, 4: 4, 8: 7} {
		args := args(t)
		args.Maintenance.Days = given
		alarm := record(t, args).One(t, alarmType, "alarms-maintenance-missed")
		if got := alarm.Input("evaluationPeriods"); got != want {
			t.Errorf("of %d days %v are looked at, want %v", given, got, want)
		}
		if got := alarm.Input("treatMissingData"); got != "notBreaching" {
			t.Errorf("without data the alarm is %v: of a new stack nobody expects anything", got)
		}
	}
}

func TestWithoutAMaintenanceNothingOfItIsWatched(t *testing.T) {
	given := args(t)
	given.Maintenance = nil
	if names := record(t, given).Names(alarmType); slices.Contains(names, "alarms-maintenance") || slices.Contains(names, "alarms-maintenance-missed") {
		t.Errorf("there are %v", names)
	}
}
