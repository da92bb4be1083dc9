package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"gopkg.in/yaml.v3"

	"dagster-ecs/internal/dagster"
)

const (
	// wayWithin is how long the first request waits for the gateway's task.
	wayWithin   = connectSeconds * time.Second
	followEvery = time.Second
)

// follow launches a run of a job by the UI's own API and prints each of its statuses, and its errors. A run that does not
// succeed is an error.
func follow(ctx context.Context, s stack, arguments []string, out io.Writer) (err error) {
	job, config, err := parseRun(arguments)
	if err != nil {
		return err
	}
	found, err := s.read(ctx)
	if err != nil {
		return err
	}
	at, err := found.ui()
	if err != nil {
		return err
	}
	opened, err := open(ctx, s, at, "ui", 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	client := dagster.New("http://" + opened.Address()).Patient(wayWithin)
	run, err := client.LaunchConfigured(ctx, job, config, nil)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: run %s\n", job, run)
	status, err := client.Follow(ctx, run, followEvery, dagster.Ended, func(status string) { fmt.Fprintf(out, "  %s\n", status) })
	if err != nil || status == dagster.Success {
		return err
	}
	events, err := client.Events(ctx, run)
	for _, event := range events {
		if event.Error != "" {
			fmt.Fprintf(out, "  %s: %s\n", event.Type, event.Error)
		}
	}
	return errors.Join(err, fmt.Errorf("the run %s of %s ended as %s", run, job, status))
}

// parseRun reads the name of a job and the file of its run's configuration, in YAML or JSON; without one it is the default.
func parseRun(arguments []string) (job string, config map[string]any, err error) {
	if len(arguments) < 1 || len(arguments) > 2 {
		return "", nil, errors.New("run: the name of a job is needed, and the file of its configuration is allowed")
	}
	config = map[string]any{}
	if len(arguments) == 2 {
		text, err := os.ReadFile(arguments[1])
		if err != nil {
			return "", nil, fmt.Errorf("read the configuration of the run: %w", err)
		}
		if err := yaml.Unmarshal(text, &config); err != nil {
			return "", nil, fmt.Errorf("read the configuration of the run in %s: %w", arguments[1], err)
		}
	}
	return arguments[0], config, nil
}
