package commands

import (
	"context"
	"fmt"
	"time"

	"dagster-ecs/sandbox/internal/dagster"
)

// DemoJob is the job of the example that Demo launches.
const DemoJob = "heavy_computation_job"

// Demo launches one run and follows it to its end; a run that does not succeed is an error with what it says.
func (s *Session) Demo(ctx context.Context, job string) error {
	client, err := s.Client()
	if err != nil {
		return err
	}
	start := time.Now()
	run, err := client.Launch(ctx, job)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "%s: run %s\n  %s/runs/%s\n", job, run, client.URL, run)
	status, err := client.Follow(ctx, run, 300*time.Millisecond, dagster.Ended, func(status string) {
		fmt.Fprintf(s.Out, "  %6s  %s\n", time.Since(start).Round(100*time.Millisecond), status)
	})
	if err != nil {
		return err
	}
	events, err := client.Events(ctx, run)
	if err != nil {
		return err
	}
	for _, event := range events {
		if event.Error != "" {
			fmt.Fprintf(s.Out, "  %s: %s\n", event.Type, event.Error)
		}
	}
	if status != dagster.Success {
		return fmt.Errorf("the run %s of %s ended as %s", run, job, status)
	}
	return nil
}
