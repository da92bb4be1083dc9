package main

import (
	"context"
	"fmt"
	"io"
	"time"
)

// The times that parts of a look may take, together less than the function's own limit and a minute.
const (
	dagsterLimit = 30 * time.Second
	bucketLimit  = 15 * time.Second
)

// monitor is what looks.
type monitor struct {
	// namespace is the metrics' namespace in CloudWatch.
	namespace string
	dagster   *client
	bucket    probe
	// patience is the age at which a backfill without a run under way counts as stuck.
	patience time.Duration
	now      func() time.Time
	out      io.Writer
}

// look asks everything once, prints the metrics, and answers with them who calls the function by hand.
func (m monitor) look(ctx context.Context) (map[string]any, error) {
	line := newLine(m.now(), m.namespace)
	m.lookAtDagster(ctx, line)
	m.lookAtBucket(ctx, line)
	if err := line.print(m.out); err != nil {
		return nil, fmt.Errorf("print the metrics: %w", err)
	}
	return line.members, nil
}

// lookAtDagster adds what GraphQL tells. Where it does not answer whole, that is all that is said: numbers of which some
// are missing would look like a healthy installation.
func (m monitor) lookAtDagster(ctx context.Context, line *line) {
	ctx, cancel := context.WithTimeout(ctx, dagsterLimit)
	defer cancel()
	found, err := m.dagster.health(ctx, m.now(), m.patience)
	if days, known := m.dagster.certificateDays(m.now()); known {
		line.add("CertificateDays", none, days)
	}
	if err != nil {
		line.add("WebserverAnswers", none, 0)
		line.problem("ask Dagster: %v", err)
		return
	}
	line.add("WebserverAnswers", none, 1)
	line.add("RunsQueued", count, float64(found.queued.count))
	line.add("RunsStarting", count, float64(found.starting.count))
	line.add("RunsStarted", count, float64(found.started.count))
	line.add("OldestQueuedAge", seconds, found.queued.age)
	line.add("OldestStartingAge", seconds, found.starting.age)
	line.add("OldestStartedAge", seconds, found.started.age)
	line.add("RunsFailedLastHour", count, float64(found.failed))
	line.add("RunsFinishedLastHour", count, float64(found.finished))
	line.add("DaemonHeartbeatAge", seconds, oldest(found.heartbeats))
	line.add("CodeLocationsFailed", count, float64(len(found.failedLocations)))
	line.add("BackfillsStuck", count, float64(len(found.stuckBackfills)))
	line.tell("heartbeats", found.heartbeats)
	line.tell("failedLocations", found.failedLocations)
	line.tell("stuckBackfills", found.stuckBackfills)
}

// lookAtBucket adds whether the bucket can be used.
func (m monitor) lookAtBucket(ctx context.Context, line *line) {
	ctx, cancel := context.WithTimeout(ctx, bucketLimit)
	defer cancel()
	answers := 1.0
	if err := m.bucket.use(ctx, m.now().UTC().Format(time.RFC3339)); err != nil {
		answers = 0
		line.problem("use the bucket: %v", err)
	}
	line.add("BucketAnswers", none, answers)
}

// oldest is the largest age.
func oldest(ages map[string]float64) float64 {
	largest := 0.0
	for _, age := range ages {
		largest = max(largest, age)
	}
	return largest
}
