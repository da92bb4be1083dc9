//go:build e2e && alarms

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"dagster-ecs/internal/dagster"
)

// once is the tag of a run that is not started again.
var once = map[string]string{"dagster/max_retries": "0"}

// healing is how many runs succeed beside those of an hour that the other faults let fail, which are a dozen.
const healing = 4

var failingRuns = trouble{
	what: "runs fail", alarms: []string{"failure-rate"},
	strike: func(p *pager) func() {
		for range 2 {
			p.follow(p.launch("failing_job"), runWithin, dagster.Failure)
		}
		return func() {
			var ids []string
			for range healing {
				ids = append(ids, p.launch("run_count_job"))
			}
			for _, id := range ids {
				p.follow(id, runWithin, dagster.Success)
			}
		}
	},
}

var crashedRuns = trouble{
	what: "three containers of runs are killed", alarms: []string{"runs-crashed"},
	signs: []sign{{metric: "RunsCrashed", least: 3, counted: true}},
	strike: func(p *pager) func() {
		for range 3 {
			if out, err := p.engine("kill", p.waitingRun()); err != nil {
				p.t.Fatalf("kill the run's container: %v: %s", err, out)
			}
		}
		p.toldOf("task-failed")
		return func() {}
	},
}

// takenSpot takes the Spot capacity of a run back.
func takenSpot(p *pager) {
	id := p.launchTagged("long_running_job", once)
	p.follow(id, runWithin, dagster.Started)
	task, err := p.task(p.t.Context(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	p.ask("spot-interruption?task=" + idOf(task))
	p.toldOf("spot-taken")
}

// waitingRun starts a run that lasts, and gives its container.
func (p *pager) waitingRun() (container string) {
	p.t.Helper()
	id := p.launchTagged("long_running_job", once)
	p.follow(id, runWithin, dagster.Started)
	task, err := p.task(p.t.Context(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.container(aws.ToString(task.TaskArn), p.run)
}

// hungRun starts a run all of whose processes stand still before Dagster's code has begun.
func (p *pager) hungRun() {
	p.t.Helper()
	id := p.launchTagged("run_count_job", once)
	eventually(p.t, runWithin, func(ctx context.Context) error {
		task, err := p.task(ctx, id)
		if err != nil {
			return err
		}
		const stand = `kill -STOP -1; grep -q "^State:.T" /proc/[0-9]*/status`
		if out, err := p.engine("exec", p.container(aws.ToString(task.TaskArn), p.run), "sh", "-c", stand); err != nil {
			return errors.New(out)
		}
		return nil
	})
	if status, err := p.dagster.Status(p.t.Context(), id); err != nil || status != "STARTING" {
		p.t.Fatalf("the run that hangs is %s: %v", status, err)
	}
}

var hangingRun = trouble{
	what: "a run's container hangs before Dagster's code", alarms: []string{"runs-not-started"},
	signs: []sign{{metric: "RunsNotStarted", least: 1, counted: true}},
	strike: func(p *pager) func() {
		p.hungRun()
		return func() {}
	},
}

var refusingBucket = trouble{
	what: "the bucket's policy refuses to write", alarms: []string{"bucket", "access-denied"},
	signs: []sign{{metric: "AccessDenied", least: 1, counted: true}},
	strike: func(p *pager) func() {
		bucket := p.output("bucketName")
		found, err := p.s3.GetBucketPolicy(p.t.Context(), &s3.GetBucketPolicyInput{Bucket: &bucket})
		if err != nil {
			p.t.Fatal(err)
		}
		var policy map[string]any
		if err := json.Unmarshal([]byte(*found.Policy), &policy); err != nil {
			p.t.Fatal(err)
		}
		policy["Statement"] = append(policy["Statement"].([]any), map[string]any{
			"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::" + bucket + "/dagster/*",
		})
		changed, err := json.Marshal(policy)
		if err != nil {
			p.t.Fatal(err)
		}
		put := func(text string) {
			if _, err := p.s3.PutBucketPolicy(p.t.Context(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: &text}); err != nil {
				p.t.Fatal(err)
			}
		}
		put(string(changed))
		p.follow(p.launch("daily_assets_job"), runWithin, dagster.Failure)
		return func() { put(*found.Policy) }
	},
}

var throttledLaunch = trouble{
	what: "others of the account use up the calls of RunTask", alarms: []string{"launch-failures"},
	signs: []sign{{metric: "LaunchFailures", least: 1, counted: true}},
	strike: func(p *pager) func() {
		const call = "throttle?service=ecs&operation=RunTask"
		p.ask(call + "&rate=0.001&burst=0")
		p.follow(p.launchTagged("run_count_job", once), runWithin, dagster.Failure)
		return func() { p.ask(call) }
	},
}

var deadDaemon = trouble{
	what:   "the daemon's service has no task, while runs and a backfill are asked for and one hangs",
	alarms: []string{"daemon-heartbeats", "down", "queue-depth", "queue-age", "starting-stuck", "backfills-stuck"},
	signs: []sign{
		{metric: "DaemonHeartbeatAge", least: 241}, {metric: "RunsQueued", least: 4}, {metric: "OldestQueuedAge", least: 181},
		{metric: "OldestStartingAge", least: 181 + 300}, {metric: "BackfillsStuck", least: 1},
	},
	strike: func(p *pager) func() {
		p.hungRun()
		p.scale(p.daemon, 0)
		for range 4 {
			p.launch("run_count_job")
		}
		var asked struct {
			Launched struct {
				Typename string `json:"__typename"`
				Message  string
			} `json:"launchPartitionBackfill"`
		}
		p.query(`mutation ($asked: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $asked) {
			__typename ... on PythonError { message } } }`, map[string]any{"asked": map[string]any{
			"assetSelection": []any{map[string]any{"path": []string{"drilled"}}}, "partitionNames": []string{"first"},
		}}, &asked)
		if asked.Launched.Typename != "LaunchBackfillSuccess" {
			p.t.Fatalf("the backfill is answered by %+v", asked.Launched)
		}
		return func() { p.scale(p.daemon, 1) }
	},
}

var doubledDaemon = trouble{
	what: "somebody sets the daemon's service to two tasks", alarms: []string{"daemon-doubled"},
	signs: []sign{{metric: "DaemonsDoubled", least: 1, counted: true}},
	strike: func(p *pager) func() {
		p.scale(p.daemon, 2)
		return func() {
			p.scale(p.daemon, 1)
			// One that is told to stop beats on until it has.
			eventually(p.t, serviceWithin, func(context.Context) error {
				running, err := p.containers("com.amazonaws.ecs.container-name="+p.daemon, "{{.ID}}")
				if err == nil && len(strings.Fields(running)) != 1 {
					err = fmt.Errorf("the containers of %s are %s", p.daemon, running)
				}
				return err
			})
		}
	},
}

// oldCertificate is not deployed before brokenCode.
var oldCertificate = trouble{
	what: "the certificate was not renewed and ends in ten days", alarms: []string{"certificate"},
	strike: func(p *pager) func() {
		const arn, domain = "arn:aws:acm:us-west-1:111122223333:certificate/a1b2c3d4-5678-90ab-cdef-111111111111", "dagster.example.com"
		valid := func(days int) { p.ask(fmt.Sprintf("certificate?arn=%s&domain=%s&days=%d", arn, domain, days)) }
		valid(10)
		p.session.Set["dagster:webserver.certificateArn"], p.session.Set["dagster:webserver.hostname"] = arn, domain
		return func() { valid(365) }
	},
}

var brokenCode = trouble{
	what: "an image whose code does not import is deployed", alarms: []string{"code-locations"},
	strike: func(p *pager) func() {
		deploy := func(lines string) {
			if err := p.deploy(lines); err != nil {
				p.t.Fatal(err)
			}
		}
		deploy(broken)
		return func() { deploy(partitioned) }
	},
}

// broken does not import.
const broken = `
raise RuntimeError("no definitions today")
`

// deploy deploys the example with lines at the end of its definitions.
func (p *pager) deploy(lines string) error {
	p.session.Project = drillProject(p.t, p.session.Repo, lines)
	_, err := p.session.Deploy(p.t.Context())
	return err
}

// takenBack deploys code that does not import, and sees that ECS takes the webserver back because an alarm says so.
func takenBack(p *pager) {
	const setting = "dagster:monitoring.rollback"
	p.session.Set[setting] = "true"
	before, err := p.definition(p.t.Context(), p.web)
	if err != nil {
		p.t.Fatal(err)
	}
	err = p.deploy(broken)
	if err == nil || !strings.Contains(err.Error(), "ECS took the service back") || !strings.Contains(err.Error(), p.name("deployed-code")) {
		p.t.Errorf("the deployment of code that does not import ended with %v", err)
	}
	if after, err := p.definition(p.t.Context(), p.web); err != nil || after != before {
		p.t.Errorf("the webserver runs %s, not %s as before: %v", after, before, err)
	}
	p.toldOf("deployment-failed")
	p.session.Set[setting] = "false"
	if err := p.deploy(partitioned); err != nil {
		p.t.Error(err)
	}
}

// burden runs Python beside what runs in a container, until the cure.
func (p *pager) burden(container, script string, arguments ...string) (cure func()) {
	p.t.Helper()
	e, err := p.session.Attach(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	// The end of its input ends it.
	script = "import os, sys, threading\nthreading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()\n" + script
	command := e.Engine.Command(p.t.Context(), append([]string{"exec", "--interactive", container, "nice", "python", "-c", script}, arguments...)...)
	var said strings.Builder
	command.Stderr = &said
	input, err := command.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		p.t.Fatal(err)
	}
	if _, err := io.ReadAtLeast(output, make([]byte, 1), 1); err != nil {
		p.t.Fatalf("the burden ends at once: %s", said.String())
	}
	return func() {
		input.Close()
		if err := command.Wait(); err != nil {
			p.t.Logf("the burden ended with %v: %s", err, said.String())
		}
	}
}

// The burdens; each says that it has begun.
const (
	// computing takes all of a processor, and memory up to a share of what the container may have: checks of a busy machine's
	// health overlap, and take the rest.
	computing = `
import pathlib
groups = pathlib.Path("/sys/fs/cgroup")  # of the second version of control groups, or of the first
names = ["memory.max", "memory.current"], ["memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"]
limit, used = [int((groups / name).read_text()) for name in names[(groups / "memory").exists()]]
taken = bytearray(b"x") * max(0, int(limit * 0.7) - used)
print("begun", flush=True)
while True:
    pass
`
	// querying keeps the database computing, in sessions enough to have their share of a busy machine.
	querying = `
import psycopg2
def compute():
    database = psycopg2.connect(host=sys.argv[1], user=sys.argv[2], password=sys.argv[3], dbname="dagster", sslmode="require")
    while True:
        database.cursor().execute("select count(*) from generate_series(1, 2000) a, generate_series(1, 2000) b where sqrt(a * b) < 0")
sessions = [threading.Thread(target=compute) for _ in range(12)]
for each in sessions:
    each.start()
print("begun", flush=True)
`
	// connecting takes every connection that is free, again and again.
	connecting = `
import psycopg2, time
held = []
print("begun", flush=True)
while True:
    try:
        held.append(psycopg2.connect(host=sys.argv[1], user=sys.argv[2], password=sys.argv[3], dbname="dagster", sslmode="require"))
    except psycopg2.OperationalError:
        time.sleep(0.1)
`
)

func (p *pager) webContainer() string { return p.container(p.mustServiceTask(p.web), p.web) }

func (p *pager) daemonContainer() string { return p.container(p.mustServiceTask(p.daemon), p.daemon) }

var busyWeb = trouble{
	what: "a process computes in the webserver's container and takes its memory", alarms: []string{"webserver-cpu", "webserver-memory"},
	strike: func(p *pager) func() { return p.burden(p.webContainer(), computing) },
}

var busyDaemon = trouble{
	what: "a process computes in the daemon's container and takes its memory", alarms: []string{"daemon-cpu", "daemon-memory"},
	strike: func(p *pager) func() { return p.burden(p.daemonContainer(), computing) },
}

var busyRun = trouble{
	what: "a run takes nearly all of its memory", alarms: []string{"runs-memory"},
	strike: func(p *pager) func() {
		container := p.waitingRun()
		cure := p.burden(container, computing)
		return func() {
			cure()
			p.stopped(container)
		}
	},
}

// stopped stops a container, as ECS does.
func (p *pager) stopped(container string) {
	p.t.Helper()
	if out, err := p.engine("stop", "--time", "1", container); err != nil {
		p.t.Fatalf("stop a container: %v: %s", err, out)
	}
}

var busyDatabase = trouble{
	what: "sessions compute in the database", alarms: []string{"database-cpu"},
	strike: func(p *pager) func() { return p.burden(p.daemonContainer(), querying, p.login()...) },
}

var fullDisk = trouble{
	what: "a table fills the database's disk", alarms: []string{"database-storage"},
	strike: func(p *pager) func() {
		p.sql("create unlogged table filling (text text)",
			"alter table filling alter text set storage external",
			"insert into filling select repeat(md5(n::text), 2000) from generate_series(1, 18000) n")
		return func() { p.sql("drop table filling") }
	},
}

var exhaustedConnections = trouble{
	what:   "a run opens all connections that the database allows",
	alarms: []string{"database-connections", "database-retries", "daemon-errors"},
	signs:  []sign{{metric: "DatabaseRetries", least: 5, counted: true}, {metric: "DaemonErrors", least: 3, counted: true}},
	strike: func(p *pager) func() {
		container := p.waitingRun()
		cure := p.burden(container, connecting, p.login()...)
		return func() {
			cure()
			p.answers()
			p.stopped(container)
		}
	},
}
