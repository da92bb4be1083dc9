package commands

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dagster-ecs/internal/dagster"
	"dagster-ecs/sandbox/internal/instance"
)

// readyWithin bounds how long Dagster may take to answer after the deployment.
const readyWithin = 5 * time.Minute

// awaitDagster returns when the UI answers through the load balancer and every required daemon is healthy.
func (s *Session) awaitDagster(ctx context.Context, i *instance.Instance) (err error) {
	end := s.Progress.Step("wait for Dagster: the UI answers, the daemon is healthy")
	defer func() { end(err) }()
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	client := dagster.New(i.UI(s.Stack))
	for {
		lacking := lacks(ctx, client)
		if lacking == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for Dagster: %w (`%s` shows what it says)", lacking, s.Line("logs"))
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// lacks says why Dagster is not ready, or nil.
func lacks(ctx context.Context, client *dagster.Client) error {
	if _, err := client.ServerInfo(ctx); err != nil {
		return err
	}
	daemons, err := client.Daemons(ctx)
	if err != nil {
		return err
	}
	if names := dagster.Unhealthy(daemons); len(names) > 0 || len(daemons) == 0 {
		return fmt.Errorf("the daemon is not healthy yet: %s", strings.Join(names, ", "))
	}
	_, err = client.Jobs(ctx)
	return err
}
