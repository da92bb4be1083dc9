//go:build e2e && reliability

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/rds"

	"dagster-ecs/internal/capacity"
	"dagster-ecs/sandbox/internal/account"
	"dagster-ecs/sandbox/internal/document"
)

const (
	// runsAtOnce and queued are what the guide's prod has to carry.
	runsAtOnce, queued = 25, 100
	// drainWithin bounds a batch on two processors, which importing Dagster fills for some seconds in every run.
	drainWithin = 45 * time.Minute
	// startTimeout is how long a run may take to start: one that a killed daemon took from the queue fails after it.
	startTimeout = 300
)

// figure is what is measured, in words, and what says it.
type figure struct {
	name, what string
	measure    func(*testing.T) []string
}

// It takes more than an hour, so it has a command of its own: make reliability.
func TestStackStaysUpUnderLoad(t *testing.T) {
	s := newSession(t, "dev")
	s.Set["dagster:runs.maxConcurrent"] = fmt.Sprint(runsAtOnce)
	s.Set["dagster:runs.startTimeoutSeconds"] = fmt.Sprint(startTimeout)
	up := sync.OnceValues(func() (*cloud, error) {
		_, err := s.Up(t.Context()) // which changes nothing where it was deployed before
		return connect(t, s), err
	})
	living := func(do func(*cloud) []string) func(*testing.T) []string {
		return func(t *testing.T) []string {
			c, err := up()
			if err != nil {
				t.Fatal(err)
			}
			return do(c.with(t))
		}
	}
	var written []string
	for _, f := range []figure{
		{"up", "`make up` with everything built, against its longest chain of resources (at most 1.3)", longestChain},
		{"preview", "a preview of prod, against Terraform's plan of the same resources by the same providers (at most 0.8)", previewAgainstTerraform},
		{"deploy", "a deployment is ended at ten points and resumed", func(t *testing.T) []string { return endedTenTimes(t, s) }},
		{"queue", "25 runs at once, 100 in the queue", living(fullQueue)},
		{"daemon", "the daemon is killed while it takes runs from the queue", living(killedDaemon)},
		{"webserver", "the webserver is rolled while pages are polled and logs are watched", living(rolledUnderWatch)},
		{"database", "the database is rebooted, and away for as long as a failover takes, while 25 runs run", living(rebootedDatabase)},
		{"throttle", "RunTask and S3's PutObject are throttled", living(throttledCalls)},
		{"emulator", "the emulated AWS is restarted while runs run", living(restartedEmulator)},
		{"latency", "from the queue to the first step, against Dagster's own launcher on this machine (at most 1.3)", living(launchLatency)},
	} {
		seen := ""
		if t.Run(f.name, func(t *testing.T) { seen = strings.Join(f.measure(t), "; ") }) && seen != "" {
			t.Logf("%s: %s", f.what, seen)
			written = append(written, fmt.Sprintf("| %s | %s | %s |", f.what, seen, time.Now().UTC().Format(time.DateOnly)))
			continue
		}
		written = append(written, earlier(t, s.Repo, f.what)...)
	}
	table := "| What is done | What was seen | When |\n|---|---|---|\n" + strings.Join(written, "\n") + "\n"
	if err := document.Write(filepath.Join(s.Repo, reliabilityDocument), "what `make reliability` saw", table); err != nil {
		t.Error(err)
	}
}

// reliabilityDocument has the table of what was seen.
const reliabilityDocument = "docs/reliability.md"

// earlier is the row of a figure that is not measured this time.
func earlier(t *testing.T, repo, what string) (rows []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repo, reliabilityDocument))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| "+what+" |") {
			rows = append(rows, strings.TrimSpace(line))
		}
	}
	return rows
}

// inSeconds is a duration for the table.
func inSeconds(d time.Duration) string { return fmt.Sprintf("%.0f s", d.Seconds()) }

// fullQueue launches more runs than may run: all succeed, none twice, never more than the limit, and the database has the
// connections that the preview reckoned with.
func fullQueue(c *cloud) []string {
	const wait = 60
	budget := capacity.Connections(1, runsAtOnce, 512)
	most := c.connections(c.web)
	b := c.launchMany("queue", runsAtOnce+queued, wait)
	b.end(drainWithin)
	peak := most()
	if peak > budget {
		c.t.Errorf("the database had %d connections at a time, the preview reckoned with %d", peak, budget)
	}
	if b.inProgress != runsAtOnce {
		c.t.Errorf("at most %d runs were in progress, want %d", b.inProgress, runsAtOnce)
	}
	if again := b.each(); again > 0 {
		c.t.Errorf("%d runs were started again", again)
	}
	return []string{
		fmt.Sprintf("%d runs of %d s succeeded once each in %s", len(b.launched), wait, inSeconds(b.took)),
		fmt.Sprintf("at most %d at a time, %d of them past their start", b.inProgress, b.started),
		fmt.Sprintf("at most %d connections of the database, the preview reckons with %d", peak, budget),
	}
}

// killedDaemon kills the daemon whenever it has taken a run from the queue whose task nobody has noted yet.
func killedDaemon(c *cloud) []string {
	const kills = 3
	b := c.launchMany("daemon", 2*runsAtOnce, 10)
	for range kills {
		killWhileLaunching(b)
	}
	b.end(drainWithin)
	again := b.each()
	return []string{
		fmt.Sprintf("killed %d times, %d runs succeeded once each in %s", kills, len(b.launched), inSeconds(b.took)),
		fmt.Sprintf("%d were started again", again),
	}
}

// killWhileLaunching kills the daemon as soon as a run is being launched, and waits for the next one.
func killWhileLaunching(b *batch) {
	b.t.Helper()
	task, err := b.serviceTask(b.t.Context(), b.daemon)
	if err != nil {
		b.t.Fatal(err)
	}
	container := b.container(task, b.daemon)
	b.until(5*time.Minute, func(_ []batchRun, count map[string]int) bool { return count["STARTING"] > 0 && count["QUEUED"] > 0 })
	if out, err := b.engine("kill", container); err != nil {
		b.t.Fatalf("kill the daemon's container: %v: %s", err, out)
	}
	eventually(b.t, 5*time.Minute, func(ctx context.Context) error {
		next, err := b.serviceTask(ctx, b.daemon)
		if err == nil && next == task {
			err = errors.New("the killed task still counts as running")
		}
		return err
	})
}

func rolledUnderWatch(c *cloud) []string {
	seen := roll(c, 10)
	return []string{
		fmt.Sprintf("none of %d requests failed, the slowest took %.1f s", seen.requests, seen.slowest.Seconds()),
		fmt.Sprintf("10 watchers of a run's log reconnected %d times and missed no line", seen.reconnects),
	}
}

// away is how long the database is away: as long as a failover of RDS takes, one or two minutes.
const away = 80 * time.Second

// rebootedDatabase reboots the database while runs write their events into it, and then takes it away for as long as a
// failover takes.
func rebootedDatabase(c *cloud) []string {
	env, err := c.session.Environment(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	databases, name := rds.NewFromConfig(account.Config(env)), c.databaseName()
	b := c.launchMany("database", runsAtOnce, 180)
	b.until(10*time.Minute, func(_ []batchRun, count map[string]int) bool { return count["STARTED"] == runsAtOnce })
	if _, err := databases.RebootDBInstance(c.t.Context(), &rds.RebootDBInstanceInput{DBInstanceIdentifier: &name}); err != nil {
		c.t.Fatal(err)
	}
	if err := rds.NewDBInstanceAvailableWaiter(databases).Wait(c.t.Context(), &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &name},
		5*time.Minute); err != nil {
		c.t.Fatal(err)
	}
	server := c.databaseServer()
	for _, command := range []string{"stop", "start"} {
		if out, err := c.engine(command, server); err != nil {
			c.t.Fatalf("%s the database: %v: %s", command, err, out)
		}
		if command == "stop" {
			time.Sleep(away)
		}
	}
	back := time.Now()
	eventually(c.t, 5*time.Minute, func(ctx context.Context) error {
		_, err := b.runs(ctx)
		return err
	})
	found := time.Since(back)
	b.end(drainWithin)
	again := b.each()
	return []string{
		fmt.Sprintf("away for a reboot and for %s", inSeconds(away)),
		fmt.Sprintf("the UI found it %.1f s after it was back", found.Seconds()),
		fmt.Sprintf("%d runs succeeded once each, %d were started again", len(b.launched), again),
	}
}

// databaseServer is the container of the stack's database: of those that belong to it the one that has volumes.
func (c *cloud) databaseServer() string {
	c.t.Helper()
	list, err := c.containers("dagster.sandbox.database", "{{.ID}}")
	if err != nil {
		c.t.Fatal(list, err)
	}
	for _, id := range strings.Fields(list) {
		mounts, err := c.engine("inspect", "--format", "{{len .Mounts}}", id)
		if err != nil {
			c.t.Fatal(mounts, err)
		}
		if strings.TrimSpace(mounts) != "0" {
			return id
		}
	}
	c.t.Fatalf("none of %s is the database's server", list)
	return ""
}

// databaseName is the name of the stack's database instance.
func (c *cloud) databaseName() string {
	c.t.Helper()
	for _, r := range resources(c) {
		if r.Type == "aws:rds/instance:Instance" {
			return fmt.Sprint(r.Outputs["identifier"])
		}
	}
	c.t.Fatal("the stack has no database")
	return ""
}

// throttledCalls leaves the stack a call of RunTask in two seconds and four writes of S3 in a second, and no burst.
func throttledCalls(c *cloud) []string {
	throttle(c, "service=ecs&operation=RunTask&rate=0.5")
	throttle(c, "service=s3&operation=PutObject&rate=4")
	b := c.launchMany("throttle", 2*runsAtOnce, 10)
	b.end(drainWithin)
	launches, writes := throttle(c, "service=ecs&operation=RunTask"), throttle(c, "service=s3&operation=PutObject")
	if launches == 0 || writes == 0 {
		c.t.Errorf("%d calls of RunTask and %d of PutObject were throttled, want some of both", launches, writes)
	}
	again := b.each()
	if again > 0 {
		c.t.Errorf("%d runs were started again", again)
	}
	return []string{
		fmt.Sprintf("%d runs succeeded once each in %s with 0.5 calls of RunTask and 4 of PutObject a second", len(b.launched), inSeconds(b.took)),
		fmt.Sprintf("%d calls of RunTask and %d of PutObject were throttled", launches, writes),
	}
}

// throttle gives an operation a rate, and answers how many of its calls were throttled before.
func throttle(c *cloud, query string) (throttled int) {
	c.t.Helper()
	env, err := c.session.Environment(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	response, err := http.Post(env["AWS_ENDPOINT_URL"]+"/_sandbox/throttle?"+query, "", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		c.t.Fatalf("throttling is answered by %s", response.Status)
	}
	var answer struct{ Throttled int }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		c.t.Fatal(err)
	}
	return answer.Throttled
}

// restartedEmulator restarts what emulates AWS while runs run: tasks do not depend on it.
func restartedEmulator(c *cloud) []string {
	b := c.launchMany("emulator", 2*runsAtOnce, 60)
	b.until(10*time.Minute, func(_ []batchRun, count map[string]int) bool { return count["STARTED"] >= runsAtOnce/2 })
	e, err := c.session.Attach(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	began := time.Now()
	if out, err := c.engine("restart", "--time", "30", e.Instance.Container()); err != nil {
		c.t.Fatalf("restart the emulator: %v: %s", err, out)
	}
	eventually(c.t, 10*time.Minute, func(ctx context.Context) error {
		_, err := b.runs(ctx)
		return err
	})
	away := time.Since(began)
	b.end(drainWithin)
	again := b.each()
	return []string{
		fmt.Sprintf("the UI answered again after %s", inSeconds(away)),
		fmt.Sprintf("%d runs succeeded once each, %d were started again", len(b.launched), again),
	}
}
