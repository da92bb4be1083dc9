package dagster

import (
	"context"
	"fmt"
	"strings"
)

// WhyQueued says what a queued run waits for: a daemon that does not work, or a limit of the queue that is reached. It
// is empty when the daemon is about to take the run.
func (c *Client) WhyQueued(ctx context.Context) (string, error) {
	daemons, err := c.Daemons(ctx)
	if err != nil {
		return "", err
	}
	if names := Unhealthy(daemons); len(names) > 0 {
		return "the daemon is not healthy: " + strings.Join(names, ", "), nil
	}
	var data struct {
		Instance struct {
			Queue struct {
				Max  int    `json:"maxConcurrentRuns"`
				Tags string `json:"tagConcurrencyLimitsYaml"`
			} `json:"runQueueConfig"`
		}
		Runs struct{ Count int } `json:"runsOrError"`
	}
	err = c.query(ctx, `{ instance { runQueueConfig { maxConcurrentRuns tagConcurrencyLimitsYaml } }
		runsOrError(filter: { statuses: [STARTING, STARTED, CANCELING] }) { ... on Runs { count } } }`, nil, &data)
	if err != nil {
		return "", fmt.Errorf("ask for the run queue: %w", err)
	}
	queue := data.Instance.Queue
	switch {
	case queue.Max >= 0 && data.Runs.Count >= queue.Max: // -1 is no limit
		return fmt.Sprintf("%d of at most %d runs are in progress", data.Runs.Count, queue.Max), nil
	case queue.Tags != "":
		return "limits by tag: " + strings.Join(strings.Fields(queue.Tags), " "), nil
	}
	return "", nil
}
