package main

import (
	"context"
	"fmt"
	"time"
)

const (
	// page is how many runs are asked for at a time, mostPages how often: of a longer queue the age is a lower bound.
	page, mostPages = 100, 10
	// finishedWithin is the time of which finished runs are counted.
	finishedWithin = time.Hour
)

// health is what Dagster says of itself.
type health struct {
	queued, starting, started state
	// failed and finished are runs that ended in the last hour, without those that somebody canceled.
	failed, finished int
	// heartbeats are the ages in seconds of the last heartbeat by the type of the daemon, of those that must run. One that
	// never sent any is as old as the clock.
	heartbeats map[string]float64
	// failedLocations are the names of the code locations that do not load, stuckBackfills the ids of backfills of which no
	// run is under way.
	failedLocations, stuckBackfills []string
}

// state is the runs in one state: how many, and for how many seconds the first of them has been in it.
type state struct {
	count int
	age   float64
}

// run is when things happened to a run, in seconds since 1970; 0 for what has not.
type run struct {
	Created float64 `json:"creationTime"`
	Started float64 `json:"startTime"`
	Updated float64 `json:"updateTime"`
}

// since is when a run got into the state in which it is found.
var since = map[string]func(run) float64{
	"QUEUED":   func(r run) float64 { return r.Created },
	"STARTING": func(r run) float64 { return r.Updated },
	"STARTED":  func(r run) float64 { return r.Started },
}

// health asks everything. A backfill without a run under way counts as stuck after so long: the daemon looks at each once a
// minute, and asks for its first runs at once.
func (c *client) health(ctx context.Context, now time.Time, patience time.Duration) (*health, error) {
	var answer struct {
		Queued, Starting, Started, Failed, Succeeded runs
		Instance                                     struct {
			DaemonHealth struct {
				AllDaemonStatuses []struct {
					DaemonType        string
					Required          bool
					LastHeartbeatTime float64
				}
			}
		}
		Workspace workspace `json:"workspaceOrError"`
		Backfills backfills `json:"partitionBackfillsOrError"`
	}
	if err := c.ask(ctx, "Health", map[string]any{
		"page": page, "finishedAfter": before(now, finishedWithin), "backfillsBefore": before(now, patience),
	}, &answer); err != nil {
		return nil, err
	}
	for what, part := range map[string]union{
		"runs": answer.Queued.union, "starting runs": answer.Starting.union, "started runs": answer.Started.union,
		"failed runs": answer.Failed.union, "succeeded runs": answer.Succeeded.union,
		"code locations": answer.Workspace.union, "backfills": answer.Backfills.union,
	} {
		if err := part.err(); err != nil {
			return nil, fmt.Errorf("ask for %s: %w", what, err)
		}
	}
	found := &health{
		failed:          answer.Failed.Count,
		finished:        answer.Failed.Count + answer.Succeeded.Count,
		heartbeats:      map[string]float64{},
		failedLocations: answer.Workspace.failed(),
		stuckBackfills:  answer.Backfills.stuck(),
	}
	for _, daemon := range answer.Instance.DaemonHealth.AllDaemonStatuses {
		if daemon.Required {
			found.heartbeats[daemon.DaemonType] = age(now, daemon.LastHeartbeatTime)
		}
	}
	for status, part := range map[string]struct {
		first runs
		into  *state
	}{
		"QUEUED":   {answer.Queued, &found.queued},
		"STARTING": {answer.Starting, &found.starting},
		"STARTED":  {answer.Started, &found.started},
	} {
		first, err := c.first(ctx, status, part.first)
		if err != nil {
			return nil, err
		}
		*part.into = state{count: part.first.Count}
		if first > 0 {
			part.into.age = age(now, first)
		}
	}
	return found, nil
}

// first is when the first of the runs of a state got into it, 0 without any. Dagster gives the newest ones first.
func (c *client) first(ctx context.Context, status string, newest runs) (float64, error) {
	first := newest.first(since[status])
	for range mostPages {
		if newest.Count <= len(newest.Results) {
			break
		}
		var older struct {
			Runs runs `json:"runsOrError"`
		}
		created := newest.first(func(r run) float64 { return r.Created })
		if err := c.ask(ctx, "Older", map[string]any{"status": status, "before": created, "page": page}, &older); err != nil {
			return 0, err
		}
		if err := older.Runs.err(); err != nil {
			return 0, fmt.Errorf("ask for older runs: %w", err)
		}
		newest = older.Runs
		if then := newest.first(since[status]); then > 0 {
			first = min(first, then)
		}
	}
	return first, nil
}

// age is for how many seconds something has been so. Clocks differ: what is to come is now.
func age(now time.Time, then float64) float64 {
	return max(0, before(now, 0)-then)
}

// before is a time in seconds since 1970, some time before now.
func before(now time.Time, by time.Duration) float64 {
	return float64(now.Add(-by).UnixMicro()) / 1e6
}
