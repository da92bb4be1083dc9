//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/internal/dagster"
)

// batchTag marks the runs of a batch, and those that Dagster starts in their place.
const batchTag = "batch"

// batch is runs that were launched together.
type batch struct {
	*cloud
	name     string
	launched []string

	// the most that were seen at a time: taken from the queue, and running a step
	inProgress, started int
	// how long it took from the first launch to the last end
	took time.Duration
}

// batchRun is a run of a batch.
type batchRun struct{ RunID, RootRunID, Status string }

// launchMany puts runs into the queue that each wait for some seconds.
func (c *cloud) launchMany(name string, runs, seconds int) *batch {
	c.t.Helper()
	const clients = 4
	b := &batch{cloud: c, name: name}
	config := map[string]any{"ops": map[string]any{"wait": map[string]any{"config": map[string]any{"seconds": seconds}}}}
	var (
		group  sync.WaitGroup
		mu     sync.Mutex
		failed []error
		turns  = make(chan struct{}, runs)
	)
	for range runs {
		turns <- struct{}{}
	}
	close(turns)
	for range clients {
		group.Go(func() {
			for range turns {
				id, err := c.dagster.LaunchConfigured(c.t.Context(), "long_running_job", config, map[string]string{batchTag: name})
				mu.Lock()
				b.launched, failed = append(b.launched, id), append(failed, err)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if err := errors.Join(failed...); err != nil {
		c.t.Fatal(err)
	}
	return b
}

// runs are those of the batch and those that were started again.
func (b *batch) runs(ctx context.Context) ([]batchRun, error) {
	var data struct {
		Runs struct{ Results []batchRun } `json:"runsOrError"`
	}
	err := b.ask(ctx, `query ($name: String!) { runsOrError(filter: {tags: [{key: "`+batchTag+`", value: $name}]}, limit: 1000) {
		... on Runs { results { runId rootRunId status } } } }`, map[string]any{"name": b.name}, &data)
	return data.Runs.Results, err
}

// until polls the batch until enough says so, with its runs by their status. An answer that fails is told and asked again.
func (b *batch) until(within time.Duration, enough func(runs []batchRun, count map[string]int) bool) {
	b.t.Helper()
	const tell = 15 * time.Second
	var told time.Time
	eventually(b.t, within, func(ctx context.Context) error {
		runs, err := b.runs(ctx)
		if err != nil {
			b.t.Logf("%s: %v", b.name, err)
			return err
		}
		count := map[string]int{}
		for _, run := range runs {
			count[run.Status]++
		}
		b.started = max(b.started, count["STARTED"])
		b.inProgress = max(b.inProgress, count["STARTING"]+count["STARTED"]+count["CANCELING"])
		if enough(runs, count) {
			return nil
		}
		if time.Since(told) > tell {
			told = time.Now()
			b.t.Logf("%s: %v", b.name, count)
		}
		return fmt.Errorf("the runs of %s are %v", b.name, count)
	})
}

// end waits until every launched run, or one that was started in its place, has succeeded.
func (b *batch) end(within time.Duration) {
	b.t.Helper()
	begin := time.Now()
	b.until(within, func(runs []batchRun, _ map[string]int) bool { return len(succeeded(runs)) >= len(b.launched) })
	b.took = time.Since(begin)
}

// succeeded counts the successes by the run that was launched.
func succeeded(runs []batchRun) map[string]int {
	count := map[string]int{}
	for _, run := range runs {
		if run.Status == dagster.Success {
			count[first(run)]++
		}
	}
	return count
}

// first is the id of the run that was launched.
func first(run batchRun) string {
	if run.RootRunID != "" {
		return run.RootRunID
	}
	return run.RunID
}

// each checks that no run was lost and none done twice: one success for each that was launched, and for each run one start
// in Dagster's events and one task in ECS. It answers how many were started again.
func (b *batch) each() (again int) {
	b.t.Helper()
	runs, err := b.runs(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	wins, tasks := succeeded(runs), b.tasks()
	for _, id := range b.launched {
		if wins[id] != 1 {
			b.t.Errorf("the run %s succeeded %d times", id, wins[id])
		}
	}
	for _, run := range runs {
		if first(run) != run.RunID {
			again++
		}
		events, err := b.cloud.dagster.Events(b.t.Context(), run.RunID)
		if err != nil {
			b.t.Fatal(err)
		}
		starts := map[string]int{}
		for _, event := range events {
			starts[event.Type]++
		}
		if starts["RUN_START"] > 1 || starts["STEP_START"] > 1 || len(tasks[run.RunID]) > 1 {
			b.t.Errorf("the run %s, %s, began %d times, its step %d times, in the tasks %v", run.RunID, run.Status, starts["RUN_START"],
				starts["STEP_START"], tasks[run.RunID])
		}
	}
	return again
}

// tasks are those of runs by the ids of their runs, also those that have stopped.
func (b *batch) tasks() map[string][]string {
	b.t.Helper()
	found := map[string][]string{}
	for _, status := range []ecstypes.DesiredStatus{ecstypes.DesiredStatusRunning, ecstypes.DesiredStatusStopped} {
		pages := ecs.NewListTasksPaginator(b.ecs, &ecs.ListTasksInput{Cluster: &b.cluster, Family: &b.run, DesiredStatus: status})
		for pages.HasMorePages() {
			page, err := pages.NextPage(b.t.Context())
			if err != nil {
				b.t.Fatal(err)
			}
			if len(page.TaskArns) == 0 {
				continue
			}
			described, err := b.ecs.DescribeTasks(b.t.Context(), &ecs.DescribeTasksInput{
				Cluster: &b.cluster, Tasks: page.TaskArns, Include: []ecstypes.TaskField{ecstypes.TaskFieldTags},
			})
			if err != nil {
				b.t.Fatal(err)
			}
			for _, task := range described.Tasks {
				for _, tag := range task.Tags {
					if aws.ToString(tag.Key) == "dagster/run_id" {
						id := aws.ToString(tag.Value)
						found[id] = append(found[id], idOf(task))
					}
				}
			}
		}
	}
	return found
}

// connectionScript prints how many connections the database has, five times a second.
const connectionScript = `
import os, psycopg2, time
connection = psycopg2.connect(host=os.environ["DAGSTER_PG_HOST"], port=os.environ["DAGSTER_PG_PORT"], dbname=os.environ["DAGSTER_PG_DB"],
                              user=os.environ["DAGSTER_PG_USER"], password=os.environ["DAGSTER_PG_PASSWORD"])
connection.autocommit = True
cursor = connection.cursor()
while True:
    cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL AND usesysid IS NOT NULL AND pid <> pg_backend_pid()")
    print(cursor.fetchone()[0], flush=True)
    time.sleep(0.2)
`

// connections counts the database's connections from inside of a service's container, until the function that it answers
// is called, which answers the most that were there at a time.
func (c *cloud) connections(service string) (most func() int) {
	c.t.Helper()
	task, err := c.serviceTask(c.t.Context(), service)
	if err != nil {
		c.t.Fatal(err)
	}
	e, err := c.session.Attach(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(c.t.Context())
	var counted strings.Builder
	command := e.Engine.Command(ctx, "exec", c.container(task, service), "python", "-c", connectionScript)
	command.Stdout, command.Stderr = &counted, c.t.Output()
	if err := command.Start(); err != nil {
		cancel()
		c.t.Fatal(err)
	}
	return func() int {
		cancel()
		_ = command.Wait() // it was ended
		peak := 0
		for _, line := range strings.Fields(counted.String()) {
			var n int
			if _, err := fmt.Sscan(line, &n); err != nil {
				c.t.Fatalf("the database's connections: %v", err)
			}
			peak = max(peak, n)
		}
		if peak == 0 {
			c.t.Error("no connection of the database was counted")
		}
		return peak
	}
}

// waitingRuns are the statuses of a batch in words, for a table.
func (b *batch) words() string {
	runs, err := b.runs(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	count := map[string]int{}
	for _, run := range runs {
		count[strings.ToLower(run.Status)]++
	}
	var words []string
	for _, status := range slices.Sorted(maps.Keys(count)) {
		words = append(words, fmt.Sprintf("%d %s", count[status], status))
	}
	return strings.Join(words, ", ")
}
