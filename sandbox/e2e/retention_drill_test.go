//go:build e2e && retention

package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"dagster-ecs/internal/dagster"
)

const (
	// history is how many runs there are, of which tenth are young.
	history, tenth = 100_000, 10
	// cleanedWithin bounds how long the task may take for all of them.
	cleanedWithin = 60 * time.Minute
	// answeredWithin is how long the UI may take for a page of runs meanwhile, nine times out of ten.
	answeredWithin = 3 * time.Second
)

// multiply makes a history of one run: its rows as often as wanted, under other ids, nine of ten of them old.
const multiply = `
do $$
declare
	own text := '%[1]s';
	ids constant text := '00000000-0000-4000-8000-';
begin
	create temporary table made on commit drop as select ids || lpad(i::text, 12, '0') as copy,
		(now() at time zone 'utc') - case when i %% %[3]d = 0 then interval '1 day' else interval '40 days' end as ended
		from generate_series(1, %[2]d) i;
	insert into dagster.runs (run_id, snapshot_id, pipeline_name, status, run_body, create_timestamp, update_timestamp, start_time, end_time)
		select copy, snapshot_id, pipeline_name, status, replace(run_body, own, copy), ended, ended, extract(epoch from ended), extract(epoch from ended)
		from dagster.runs, made where run_id = own order by copy;
	insert into dagster.run_tags (run_id, key, value) select copy, key, value from dagster.run_tags, made where run_id = own;
	insert into dagster.event_logs (run_id, event, dagster_event_type, "timestamp", step_key, asset_key, partition)
		select copy, replace(event, own, copy), dagster_event_type, ended, step_key, asset_key, partition
		from dagster.event_logs, made where run_id = own;
end $$`

// It takes half an hour by itself, so it has a command of its own: make test-retention.
func TestALongHistoryIsCleanedWhileTheUIAnswers(t *testing.T) {
	s := newSession(t, "dev")
	s.Set["dagster:retention.dryRun"] = "false"
	if _, err := s.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := connect(t, s)
	own := c.launch("run_count_job")
	c.follow(own, runWithin, dagster.Success)
	begin := time.Now()
	c.sql(fmt.Sprintf(multiply, own, history, tenth), "analyze")
	t.Logf("%d runs with %s events were made in %s", history, c.sql("select count(*) from dagster.event_logs"), time.Since(begin).Round(time.Second))
	begin = time.Now()
	c.startMaintenance()
	eventually(t, maintainedWithin, func(context.Context) error {
		if c.count("select count(*) from dagster.runs") > history {
			return errors.New("no run is gone yet")
		}
		return nil
	})
	c.interrupt()
	before := c.count("select count(*) from dagster.runs")
	t.Logf("interrupted with %d runs left", before)
	if before <= history/tenth {
		t.Error("the task was done before it was interrupted")
	}

	c.startMaintenance()
	waits := c.browse(func() { c.maintained(cleanedWithin, "are gone") })
	t.Logf("cleaned after %s; the UI answered %d times, the slowest of nine in ten within %s, of all within %s",
		time.Since(begin).Round(time.Second), len(waits), waits[len(waits)*9/10], waits[len(waits)-1])
	if waits[len(waits)*9/10] > answeredWithin {
		t.Errorf("the UI took longer than %s", answeredWithin)
	}
	if left := c.count("select count(*) from dagster.runs"); left != history/tenth+1 {
		t.Errorf("%d runs are left, want the young ones, %d, and the one that was run", left, history/tenth)
	}
	if stray := c.count("select count(*) from dagster.event_logs e where run_id <> '' and not exists (select from dagster.runs r where r.run_id = e.run_id)"); stray != 0 {
		t.Errorf("%d events are of no run", stray)
	}
	c.said("are gone", "event_logs")
}

// count is the number that a query gives.
func (c *cloud) count(query string) (number int) {
	c.t.Helper()
	if _, err := fmt.Sscan(c.sql(query), &number); err != nil {
		c.t.Fatal(err)
	}
	return number
}

// interrupt kills the maintenance's container.
func (c *cloud) interrupt() {
	c.t.Helper()
	family := strings.TrimSuffix(c.daemon, "daemon") + "maintenance"
	list, err := c.ecs.ListTasks(c.t.Context(), &ecs.ListTasksInput{Cluster: &c.cluster, Family: &family})
	if err != nil || len(list.TaskArns) != 1 {
		c.t.Fatalf("the tasks of %s are %v: %v", family, list, err)
	}
	if out, err := c.engine("kill", c.container(list.TaskArns[0], family)); err != nil {
		c.t.Fatalf("kill the task: %v: %s", err, out)
	}
	eventually(c.t, time.Minute, func(ctx context.Context) error {
		found, err := c.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &c.cluster, Tasks: list.TaskArns})
		if err == nil && aws.ToString(found.Tasks[0].LastStatus) != "STOPPED" {
			err = errors.New("the task still runs")
		}
		return err
	})
}

// said prints the lines of the maintenance that have one of the words.
func (c *cloud) said(words ...string) {
	c.t.Helper()
	group := c.outputs()["logGroups"].(map[string]any)["maintenance"].(string)
	for _, word := range words {
		found, err := c.logs.FilterLogEvents(c.t.Context(), &cloudwatchlogs.FilterLogEventsInput{
			LogGroupName: &group, FilterPattern: aws.String(`"` + word + `"`),
		})
		if err != nil {
			c.t.Fatal(err)
		}
		for _, event := range found.Events {
			c.t.Log(aws.ToString(event.Message))
		}
	}
}

// browse asks the UI for pages of runs until the work is done, and gives how long each answer took, the shortest first.
func (c *cloud) browse(work func()) (waits []time.Duration) {
	ctx, cancel := context.WithCancel(c.t.Context())
	var reader sync.WaitGroup
	reader.Go(func() {
		const page = `{"query": "{ runsOrError(limit: 25) { ... on Runs { results { runId status tags { key value } } } } }"}`
		for ctx.Err() == nil {
			begin := time.Now()
			response, err := http.Post(c.dagster.URL+"/graphql", "application/json", strings.NewReader(page))
			if err != nil || response.StatusCode != http.StatusOK {
				c.t.Errorf("the UI does not answer: %v", err)
				return
			}
			response.Body.Close()
			waits = append(waits, time.Since(begin))
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	})
	work()
	cancel()
	reader.Wait()
	slices.Sort(waits)
	return waits
}
