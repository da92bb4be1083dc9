//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"dagster-ecs/sandbox/internal/account"
)

// The schema of Dagster before a migration that builds an index, and what keeps the index from being built.
const (
	earlierRevision = "16e3655b4d9b"
	builtIndex      = "idx_run_tags_run_id"
)

// queryScript runs statements in the daemon's container as the owner of the tables, and prints the rows of the last.
const queryScript = `
import sys, psycopg2
database = psycopg2.connect(host=sys.argv[1], user=sys.argv[2], password=sys.argv[3], dbname="dagster", sslmode="require")
database.autocommit = True
cursor = database.cursor()
for statement in ["set search_path to dagster", *sys.argv[4:]]:
    cursor.execute(statement)
print(*(row[0] for row in cursor.fetchall() if cursor.description)) if cursor.description else None
`

// lockScript holds what a migration takes for the time that it works, so that one is under way as long as it lasts.
const lockScript = `
import sys, time, psycopg2
cursor = psycopg2.connect(host=sys.argv[1], user=sys.argv[2], password=sys.argv[3], dbname="dagster", sslmode="require").cursor()
cursor.execute("select pg_advisory_lock(7305113205)")
time.sleep(3600)
`

// emptyDatabase has been migrated by the stack's first deployment.
func emptyDatabase(c *cloud) {
	if taken := c.snapshots(); len(taken) > 0 {
		c.t.Errorf("snapshots of an empty database were taken: %v", taken)
	}
	if tasks := c.tasksOfMigration(ecstypes.DesiredStatusStopped); len(tasks) != 1 {
		c.t.Errorf("%d tasks migrated an empty database, want one", len(tasks))
	}
	if got := c.sql("select version_num from alembic_version"); got == "" || got == earlierRevision {
		c.t.Errorf("the tables are of revision %q", got)
	}
}

// failedMigration sets the schema back and lets something stand in the way of its migration.
func failedMigration(c *cloud) {
	web, daemon := c.mustServiceTask(c.web), c.mustServiceTask(c.daemon)
	c.sql("set role dagster_owner", "update alembic_version set version_num = '"+earlierRevision+"'",
		"drop index if exists "+builtIndex, "create sequence "+builtIndex)
	c.session.Set["dagster:logs.tickDays"] = "6"
	_, err := c.session.Up(c.t.Context())
	for _, words := range []string{
		"migrate the database", `relation "` + builtIndex + `" already exists`, "-before-migration-", "No service was changed", c.daemonLogs,
	} {
		if err == nil || !strings.Contains(err.Error(), words) {
			c.t.Errorf("the failed migration ended with %v, want one that says %q", err, words)
		}
	}
	if taken := c.snapshots(); len(taken) != 1 {
		c.t.Errorf("snapshots are %v, want one", taken)
	}
	if got := c.mustServiceTask(c.web); got != web {
		c.t.Errorf("the webserver's task %s gave way to %s", web, got)
	}
	if got := c.mustServiceTask(c.daemon); got != daemon {
		c.t.Errorf("the daemon's task %s gave way to %s", daemon, got)
	}
	if _, err := c.dagster.ServerInfo(c.t.Context()); err != nil {
		c.t.Errorf("the old webserver does not serve: %v", err)
	}
}

// canceledMigration ends the update while its migration is under way. The next one waits for it, and then goes on.
func canceledMigration(c *cloud, driver string) {
	c.sql("set role dagster_owner", "drop sequence "+builtIndex)
	arguments := append([]string{"exec", "--detach", c.container(c.mustServiceTask(c.daemon), c.daemon), "python", "-c", lockScript}, c.login()...)
	if out, err := c.engine(arguments...); err != nil {
		c.t.Fatalf("hold the lock: %v: %s", err, out)
	}
	up := startUp(c.t, c.session, driver)
	up.until(func() error {
		if running := c.tasksOfMigration(ecstypes.DesiredStatusRunning); len(running) != 1 || aws.ToString(running[0].LastStatus) != "RUNNING" {
			return fmt.Errorf("%d migrations run", len(running))
		}
		return nil
	})
	up.signalGroup(syscall.SIGINT)
	if said := up.ended(); !strings.HasPrefix(said[len(said)-1], "error: interrupted") {
		c.t.Errorf("the last line is %q", said[len(said)-1])
	}
	next := startUp(c.t, c.session, driver)
	next.awaitWords("waiting for Service daemon-service")
	if running := c.tasksOfMigration(ecstypes.DesiredStatusRunning); len(running) != 1 {
		c.t.Errorf("%d migrations run at a time", len(running))
	}
	c.sql("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted")
	select {
	case <-next.exited:
	case <-time.After(deployWithin):
		c.t.Fatal("the update does not end")
	}
	if !next.command.ProcessState.Success() {
		c.t.Fatalf("the update failed: %s", next.said())
	}
	if got := c.sql("select indexname from pg_indexes where indexname = '" + builtIndex + "'"); got != builtIndex {
		c.t.Error("the index is not built")
	}
}

// inOrder compares when the last migration ended with when the tasks of the services started.
func inOrder(c *cloud) {
	last := slices.MaxFunc(c.tasksOfMigration(ecstypes.DesiredStatusStopped), func(a, b ecstypes.Task) int { return aws.ToTime(a.StoppedAt).Compare(aws.ToTime(b.StoppedAt)) })
	daemon, web := c.describe(c.mustServiceTask(c.daemon)), c.describe(c.mustServiceTask(c.web))
	if !aws.ToTime(last.StoppedAt).Before(aws.ToTime(daemon.CreatedAt)) || !aws.ToTime(daemon.StartedAt).Before(aws.ToTime(web.CreatedAt)) {
		c.t.Errorf("the migration ended at %s, the daemon was made at %s and started at %s, the webserver was made at %s",
			last.StoppedAt, daemon.CreatedAt, daemon.StartedAt, web.CreatedAt)
	}
}

// snapshots are the names of the snapshots that somebody asked for.
func (c *cloud) snapshots() (names []string) {
	c.t.Helper()
	env, err := c.session.Environment(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	answer, err := rds.NewFromConfig(account.Config(env)).DescribeDBSnapshots(c.t.Context(), &rds.DescribeDBSnapshotsInput{
		SnapshotType: aws.String("manual"),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, snapshot := range answer.DBSnapshots {
		names = append(names, aws.ToString(snapshot.DBSnapshotIdentifier))
	}
	return names
}

// tasksOfMigration are the migration's tasks that are meant to run, or have stopped.
func (c *cloud) tasksOfMigration(status ecstypes.DesiredStatus) []ecstypes.Task {
	c.t.Helper()
	list, err := c.ecs.ListTasks(c.t.Context(), &ecs.ListTasksInput{
		Cluster: aws.String(c.cluster), Family: aws.String(strings.TrimSuffix(c.daemon, "daemon") + "migration"), DesiredStatus: status,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	if len(list.TaskArns) == 0 {
		return nil
	}
	described, err := c.ecs.DescribeTasks(c.t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String(c.cluster), Tasks: list.TaskArns})
	if err != nil {
		c.t.Fatal(err)
	}
	return described.Tasks
}

func (c *cloud) describe(arn string) ecstypes.Task {
	c.t.Helper()
	described, err := c.ecs.DescribeTasks(c.t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String(c.cluster), Tasks: []string{arn}})
	if err != nil || len(described.Tasks) != 1 {
		c.t.Fatalf("describe task %s: %v", arn, err)
	}
	return described.Tasks[0]
}

func (c *cloud) mustServiceTask(service string) (arn string) {
	c.t.Helper()
	eventually(c.t, time.Minute, func(ctx context.Context) (err error) {
		arn, err = c.serviceTask(ctx, service)
		return err
	})
	return arn
}

// sql runs statements as the database's administrator and answers the first column of the last one's rows.
func (c *cloud) sql(statements ...string) string {
	c.t.Helper()
	arguments := append([]string{"exec", c.container(c.mustServiceTask(c.daemon), c.daemon), "python", "-c", queryScript}, c.login()...)
	out, err := c.engine(append(arguments, statements...)...)
	if err != nil {
		c.t.Fatalf("query the database: %v", errors.Join(err, fmt.Errorf("%s", out)))
	}
	return strings.TrimSpace(out)
}

// login is host, user and password of the database's administrator, for a task.
func (c *cloud) login() []string {
	c.t.Helper()
	env, err := c.session.Environment(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	host, _, _ := strings.Cut(c.output("databaseEndpoint"), ":")
	return []string{host, env["PGUSER"], env["PGPASSWORD"]}
}

// migrationSteps goes through what can happen to a migration, on a stack that was deployed once.
func migrationSteps(t *testing.T, c *cloud, driver string) {
	for _, step := range []struct {
		name string
		test func(*cloud)
	}{
		{"an empty database is migrated by one task and without a snapshot", emptyDatabase},
		{"a migration that fails leaves the services as they are, behind a snapshot", failedMigration},
		{"a canceled update's migration goes on, and the next update waits for it", func(c *cloud) { canceledMigration(c, driver) }},
		{"the migration ends, then the daemon starts, then the webserver", inOrder},
		{"a schema that is up to date needs no snapshot", func(c *cloud) {
			before := c.snapshots()
			c.session.Set["dagster:logs.tickDays"] = "5"
			if _, err := c.session.Up(c.t.Context()); err != nil {
				c.t.Fatal(err)
			}
			if after := c.snapshots(); !slices.Equal(before, after) {
				c.t.Errorf("snapshots were %v and are %v", before, after)
			}
		}},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.test(c.with(t)) }) {
			return
		}
	}
}
