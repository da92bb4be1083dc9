//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"dagster-ecs/internal/dagster"
)

// maintainedWithin bounds a task that looks at a few runs, from its call to its last line.
const maintainedWithin = 5 * time.Minute

// startsMaintenance is the command of the runbook that starts the task at once.
var startsMaintenance = regexp.MustCompile(`(?m)^\$ (aws ecs run-task .*-maintenance(?:.*\n)+?.*\)")$`)

// cleaned has the schedule look at runs of which some are made old, which leaves all of them, and then the runbook's command
// remove those that nothing needs.
func cleaned(c *cloud) {
	old, young := c.launch("run_count_job"), c.launch("run_count_job")
	first := c.launch("daily_assets_job")
	c.follow(first, runWithin, dagster.Success)
	last := c.launch("daily_assets_job")
	for _, id := range []string{old, young, last} {
		c.follow(id, runWithin, dagster.Success)
	}
	c.sql(fmt.Sprintf("update dagster.runs set update_timestamp = now() - interval '31 days' where run_id in ('%s', '%s', '%s')", old, first, last))

	restore := c.reschedule("cron(* * * * ? *)")
	c.maintained(maintainedWithin, "2 runs would go", "1 for assets")
	restore()
	if got := c.left(old, young, first, last); got != 4 {
		c.t.Errorf("after a dry run %d of 4 runs are left", got)
	}

	// Logs that the bucket itself would have dropped by then are left to it.
	for key, value := range map[string]string{"dagster:retention.dryRun": "false", "dagster:bucket.computeLogDays": "60"} {
		c.session.Set[key] = value
		defer delete(c.session.Set, key)
	}
	if _, err := c.session.Up(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	c.startMaintenance()
	c.maintained(maintainedWithin, "2 runs are gone", "1 for assets")
	c.maintained(maintainedWithin, "Table event_logs")
	if gone, kept := c.left(old, first), c.left(young, last); gone != 0 || kept != 2 {
		c.t.Errorf("%d of the old runs are left, and %d of 2 others", gone, kept)
	}
	if events := c.sql(fmt.Sprintf("select count(*) from dagster.event_logs where run_id in ('%s', '%s')", old, first)); events != "0" {
		c.t.Errorf("%s of their events are left", events)
	}
	if holders := c.sql("select string_agg(distinct last_run_id, ' ') from dagster.asset_keys where asset_key like '%stor%'"); holders != last {
		c.t.Errorf("the assets are held by %s, not by %s", holders, last)
	}
	for id, wanted := range map[string]bool{old: false, first: false, last: true} {
		if got := c.hasLogs(id); got != wanted {
			c.t.Errorf("run %s has logs in the bucket: %t, want %t", id, got, wanted)
		}
	}
}

// startMaintenance pastes the command of the runbook that starts the task.
func (c *cloud) startMaintenance() {
	c.t.Helper()
	found := startsMaintenance.FindStringSubmatch(c.document("docs/operations.md"))
	if found == nil {
		c.t.Fatal("the runbook has no command that starts the maintenance")
	}
	if out, err := c.terminal().paste(c, found[1]); err != nil {
		c.t.Fatalf("%s ends with %v: %s", found[1], err, out)
	}
}

// maintained waits until a line of the maintenance has all the words.
func (c *cloud) maintained(within time.Duration, words ...string) {
	c.t.Helper()
	group := c.outputs()["logGroups"].(map[string]any)["maintenance"].(string)
	eventually(c.t, within, func(ctx context.Context) error { return c.logged(ctx, group, words...) })
}

// left is how many of the runs are in the database.
func (c *cloud) left(ids ...string) (count int) {
	c.t.Helper()
	text := c.sql(fmt.Sprintf("select count(*) from dagster.runs where run_id in ('%s')", strings.Join(ids, "', '")))
	if _, err := fmt.Sscan(text, &count); err != nil {
		c.t.Fatalf("count runs: %s: %v", text, err)
	}
	return count
}

// hasLogs tells whether what a run printed is in the bucket.
func (c *cloud) hasLogs(id string) bool {
	c.t.Helper()
	list, err := c.s3.ListObjectsV2(c.t.Context(), &s3.ListObjectsV2Input{
		Bucket: aws.String(c.output("bucketName")), Prefix: aws.String("dagster/compute-logs/storage/" + id + "/"),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return len(list.Contents) > 0
}

// reschedule gives the maintenance's schedule another time, all else being as it was deployed.
func (c *cloud) reschedule(expression string) (restore func()) {
	c.t.Helper()
	shell := c.terminal()
	name := strings.TrimSuffix(c.daemon, "-daemon")
	out, err := shell.paste(c, "aws scheduler get-schedule --group-name "+name+" --name maintenance")
	if err != nil {
		c.t.Fatalf("read the schedule: %v", err)
	}
	var schedule map[string]any
	if err := json.Unmarshal([]byte(out), &schedule); err != nil {
		c.t.Fatal(err)
	}
	for _, told := range []string{"Arn", "CreationDate", "LastModificationDate"} {
		delete(schedule, told)
	}
	update := func(expression any) {
		schedule["ScheduleExpression"] = expression
		asked, err := json.Marshal(schedule)
		if err != nil {
			c.t.Fatal(err)
		}
		file := filepath.Join(c.t.TempDir(), "schedule.json")
		if err := os.WriteFile(file, asked, 0o600); err != nil {
			c.t.Fatal(err)
		}
		if _, err := shell.paste(c, "aws scheduler update-schedule --cli-input-json file://"+file); err != nil {
			c.t.Fatalf("change the schedule: %v", err)
		}
	}
	deployed := schedule["ScheduleExpression"]
	update(expression)
	return func() { update(deployed) }
}
