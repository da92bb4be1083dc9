package alarms

import "fmt"

// What an alarm makes of a period without data.
const (
	// silenceIsWrong: what is measured each minute is not measured any more.
	silenceIsWrong = "breaching"
	// silenceIsWell: what is counted did not happen.
	silenceIsWell = "notBreaching"
	// silenceSaysNothing: another alarm tells why nothing is known, and this one stays as it is.
	silenceSaysNothing = "ignore"
)

// alarm is an alarm.
type alarm struct {
	// key ends its name, and names its section of the runbook where there is no other; API.
	key, section string
	// what says what is wrong.
	what string
	// of is the metric, or with an expression those that it names m1, m2 and so on.
	of         []metric
	expression string
	// above or below the limit something is wrong: in so many of the last periods, each of so many seconds.
	below          bool
	limit          float64
	wrong, periods int
	seconds        int
	missing        string
	// quiet alarms tell nobody by themselves: others are made of them.
	quiet bool
}

// above is an alarm of a metric that is too large three times in a row.
func above(key, what string, of metric, limit, seconds int, missing string) alarm {
	return alarm{key: key, what: what, of: []metric{of}, limit: float64(limit), wrong: 3, periods: 3, seconds: seconds, missing: missing}
}

// below is one of a metric that is too small.
func below(key, what string, of metric, limit, seconds int, missing string) alarm {
	a := above(key, what, of, limit, seconds, missing)
	a.below = true
	return a
}

// counted is one of lines of a log: how many in so many seconds are too many.
func (b *builder) counted(key, what, metric string, tooMany, seconds int) alarm {
	a := above(key, what, b.own(metric, sum), tooMany-1, seconds, silenceIsWell)
	a.wrong, a.periods = 1, 1
	return a
}

// catalog is every alarm.
func (b *builder) catalog() []alarm {
	all := append(b.down(), b.dagster()...)
	all = append(all, b.lines()...)
	all = append(all, b.load()...)
	all = append(all, b.audit()...)
	all = append(all, b.maintenance()...)
	if b.args.Sleeps {
		asleep := above(silencing, "The installation sleeps outside of its hours, or is getting up", b.own("Asleep", maximum), 0, minute, silenceIsWell)
		asleep.wrong, asleep.periods, asleep.quiet = 1, 1, true
		all = append(all, asleep)
	}
	if b.args.Webserver.Certificate {
		all = append(all, below("certificate", fmt.Sprintf("The certificate of the UI is valid for less than %d days", b.args.Thresholds.CertificateDays),
			b.own("CertificateDays", minimum), b.args.Thresholds.CertificateDays, fiveMinutes, silenceSaysNothing))
	}
	return all
}

// down are the alarms of which each means that Dagster is down. Of an installation that sleeps they do not tell by themselves.
func (b *builder) down() []alarm {
	all := []alarm{
		below("webserver-answers", "The webserver does not answer GraphQL, or the monitor is silent",
			b.own("WebserverAnswers", maximum), 1, minute, silenceIsWrong),
		above("daemon-heartbeats", fmt.Sprintf("A daemon has sent no heartbeat for %d minutes: schedules, sensors or the queue stand still",
			b.args.Thresholds.HeartbeatMinutes),
			b.own("DaemonHeartbeatAge", minimum), 60*b.args.Thresholds.HeartbeatMinutes, minute, silenceSaysNothing),
		below("webserver-targets", "No webserver is healthy behind the load balancer",
			b.targets("HealthyHostCount", maximum), 1, minute, silenceIsWrong),
	}
	for i := range all {
		all[i].quiet = b.args.Sleeps
	}
	return all
}

// dagster are the alarms on what Dagster says of itself.
func (b *builder) dagster() []alarm {
	t := b.args.Thresholds
	rate := above("failure-rate", fmt.Sprintf("More than %d percent of the runs that ended in the last hour failed", t.FailurePercent),
		b.own("RunsFailedLastHour", average), t.FailurePercent, fiveMinutes, silenceSaysNothing)
	rate.of = append(rate.of, b.own("RunsFinishedLastHour", average))
	rate.expression = fmt.Sprintf("IF(m2 >= %d, 100 * m1 / m2, 0)", t.FailureRuns)
	return []alarm{
		rate,
		above("queue-depth", fmt.Sprintf("More than %d runs wait in the queue", t.QueuedRuns),
			b.own("RunsQueued", minimum), t.QueuedRuns, fiveMinutes, silenceSaysNothing),
		above("queue-age", fmt.Sprintf("A run has been waiting in the queue for more than %d minutes", t.QueuedMinutes),
			b.own("OldestQueuedAge", minimum), 60*t.QueuedMinutes, fiveMinutes, silenceSaysNothing),
		// Dagster gives such a run up by itself, unless the daemon's run monitoring does not work.
		above("starting-stuck", fmt.Sprintf("A run is in STARTING for longer than the %d seconds after which Dagster gives it up", b.args.Runs.StartSeconds),
			b.own("OldestStartingAge", minimum), b.args.Runs.StartSeconds+fiveMinutes, fiveMinutes, silenceSaysNothing),
		above("code-locations", "A code location does not load", b.own("CodeLocationsFailed", minimum), 0, fiveMinutes, silenceSaysNothing),
		above("backfills-stuck", fmt.Sprintf("A backfill that is older than %d minutes has no run under way", t.BackfillMinutes),
			b.own("BackfillsStuck", minimum), 0, fiveMinutes, silenceSaysNothing),
		below("bucket", "The bucket cannot be written, read or cleaned", b.own("BucketAnswers", maximum), 1, minute, silenceSaysNothing),
	}
}

// lines are the alarms on what only the logs tell.
func (b *builder) lines() []alarm {
	const quarter = 3 * fiveMinutes
	return []alarm{
		b.counted("daemon-doubled", "Two daemons work on one database: runs start twice", "DaemonsDoubled", 1, fiveMinutes),
		b.counted("daemon-errors", "The daemon's loops fail again and again", "DaemonErrors", 3, quarter),
		b.counted("launch-failures", "Runs cannot be launched", "LaunchFailures", 1, fiveMinutes),
		b.counted("runs-not-started", "A run was given up because its task did not start in time", "RunsNotStarted", 1, fiveMinutes),
		b.counted("runs-crashed", "Containers of runs end before their runs do", "RunsCrashed", 3, quarter),
		b.counted("database-retries", "Connections to the database fail again and again", "DatabaseRetries", 5, fiveMinutes),
		b.counted("access-denied", "AWS refuses calls of the webserver, the daemon or runs", "AccessDenied", 1, fiveMinutes),
	}
}

// load are the alarms on what is full.
func (b *builder) load() []alarm {
	t := b.args.Thresholds
	var all []alarm
	for _, each := range []struct {
		key string
		Service
	}{{"webserver", b.args.Webserver.Service}, {"daemon", b.args.Daemon}} {
		all = append(all,
			above(each.key+"-cpu", fmt.Sprintf("%s uses more than %d percent of its CPU", each.Name, t.CPUPercent),
				b.service("CPUUtilization", each.Service), t.CPUPercent, fiveMinutes, silenceSaysNothing),
			above(each.key+"-memory", fmt.Sprintf("%s uses more than %d percent of its memory", each.Name, t.MemoryPercent),
				b.service("MemoryUtilization", each.Service), t.MemoryPercent, fiveMinutes, silenceSaysNothing))
	}
	if b.args.Runs.Insights {
		memory := above("runs-memory", fmt.Sprintf("Runs use more than %d percent of their memory", t.MemoryPercent),
			b.runs("MemoryUtilized"), t.MemoryPercent, fiveMinutes, silenceIsWell)
		memory.of = append(memory.of, b.runs("MemoryReserved"))
		memory.expression = "100 * m1 / m2"
		all = append(all, memory)
	}
	const gib = 1 << 30
	errors := above("webserver-errors", fmt.Sprintf("More than %d requests of five minutes ended with an error of the server", t.WebErrors),
		b.balancer("HTTPCode_ELB_5XX_Count", sum), t.WebErrors, fiveMinutes, silenceIsWell)
	errors.of = append(errors.of, b.targets("HTTPCode_Target_5XX_Count", sum))
	errors.expression, errors.wrong, errors.periods = "FILL(m1, 0) + FILL(m2, 0)", 1, 1
	return append(all, errors,
		above("database-connections", fmt.Sprintf("More than %d percent of the %d connections that the database's class allows are open",
			t.ConnectionsPercent, b.args.Database.Connections),
			b.database("DatabaseConnections", maximum), b.args.Database.Connections*t.ConnectionsPercent/100, fiveMinutes, silenceSaysNothing),
		above("database-cpu", fmt.Sprintf("The database uses more than %d percent of its CPU", t.CPUPercent),
			b.database("CPUUtilization", average), t.CPUPercent, fiveMinutes, silenceSaysNothing),
		below("database-storage", fmt.Sprintf("Less than %d GiB of the database's disk are free", t.FreeStorageGiB),
			b.database("FreeStorageSpace", minimum), t.FreeStorageGiB*gib, fiveMinutes, silenceSaysNothing),
	)
}
