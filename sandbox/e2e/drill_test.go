//go:build e2e && alarms

package e2e

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
)

// drillSettings lower what is waited for in real time, and thresholds that would cost much of this machine.
var drillSettings = map[string]string{
	"dagster:audit.trail":                 "stack",
	"dagster:cluster.insights":            "enhanced",
	"dagster:runs.startTimeoutSeconds":    "180",
	"dagster:monitoring.failurePercent":   "90",
	"dagster:monitoring.failureRuns":      "2",
	"dagster:monitoring.queuedRuns":       "3",
	"dagster:monitoring.queuedMinutes":    "3",
	"dagster:monitoring.heartbeatMinutes": "4",
	"dagster:monitoring.backfillMinutes":  "3",
	"dagster:monitoring.cpuPercent":       "25",
	"dagster:monitoring.memoryPercent":    "60",
	"dagster:monitoring.freeStorageGiB":   "19",
}

// partitioned is what the example has no need of: something that a backfill can be asked for.
const partitioned = `

from dagster import StaticPartitionsDefinition, asset


@asset(partitions_def=StaticPartitionsDefinition(["first", "second"]))
def drilled() -> None:
    """Nothing."""


defs = Definitions.merge(defs, Definitions(assets=[drilled]))
`

// It takes most of an hour by itself, so it has a command of its own: make alarms.
func TestEachAlarmFiresByAFaultAndClearsByItsCure(t *testing.T) {
	s := newSession(t, "dev")
	maps.Copy(s.Set, drillSettings)
	s.Project = drillProject(t, s.Repo, partitioned)
	if _, err := s.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := connect(t, s)
	p := subscribe(c)
	p.well()
	var all []told
	for _, each := range []struct {
		name   string
		faults []trouble
	}{
		// first, while none has succeeded
		{"maintenance", []trouble{missedMaintenance, refusedMaintenance}},
		{"web", []trouble{deadWeb, doubledDaemon}},
		{"runs", []trouble{failingRuns, crashedRuns, hangingRun, refusingBucket, throttledLaunch}},
		{"connections", []trouble{exhaustedConnections}},
		{"load", []trouble{busyWeb, busyDaemon, busyRun}},
		{"database", []trouble{busyDatabase, fullDisk}}, // which compute, so not beside the others
		{"daemon", []trouble{deadDaemon}},
		{"account", deeds},
		{"deployment", []trouble{oldCertificate, brokenCode}},
	} {
		t.Run(each.name, func(t *testing.T) {
			phase := *p
			phase.cloud = c.with(t)
			all = append(all, phase.suffer(each.faults...)...)
			phase.well()
		})
	}
	for name, step := range map[string]func(*pager){"spot": takenSpot, "rollback": takenBack} {
		t.Run(name, func(t *testing.T) {
			phase := *p
			phase.cloud = c.with(t)
			step(&phase)
			phase.well()
		})
	}
	t.Logf("\n%s", table(all))
	shown := map[string]bool{}
	for _, each := range all {
		shown[each.alarm] = each.fired > 0
	}
	for _, key := range slices.Sorted(maps.Keys(p.states())) {
		// Those of a deployment tell ECS alone.
		if !shown[key] && !strings.HasPrefix(key, "deployed-") {
			t.Errorf("nothing fires the alarm %s", key)
		}
	}
}

// table is what became of each alarm.
func table(all []told) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "alarm\tfault\tfires after s\tclears after s")
	for _, each := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", each.alarm, each.fault, seconds(each.fired), seconds(each.cleared))
	}
	w.Flush()
	return text.String()
}

// drillProject is the example with lines at the end of its definitions.
func drillProject(t *testing.T, repo, lines string) (project string) {
	t.Helper()
	project = copyOfExample(t, repo)
	edit(t, filepath.Join(project, "asset_manager/definitions.py"), func(text string) string { return text + lines })
	return project
}
