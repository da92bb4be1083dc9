// Command cmd draws the dashboard of a stack of a sandbox that is up.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"

	"dagster-ecs/sandbox/dashboard"
	"dagster-ecs/sandbox/internal/account"
	"dagster-ecs/sandbox/internal/commands"
	"dagster-ecs/sandbox/internal/progress"
)

func main() {
	var s commands.Session
	s.Declare(flag.CommandLine)
	last := flag.Duration("last", 30*time.Minute, "how far back it shows")
	path := flag.String("out", "dashboard.svg", "the picture's file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s.Progress, s.Out = progress.New(os.Stderr), os.Stdout
	if err := write(ctx, &s, *last, *path); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func write(ctx context.Context, s *commands.Session, last time.Duration, path string) (err error) {
	if err := s.Complete(); err != nil {
		return err
	}
	env, err := s.Environment(ctx)
	if err != nil {
		return err
	}
	outputs, err := s.Outputs(ctx)
	if err != nil {
		return err
	}
	name, made := outputs["dashboardName"].(string)
	if !made {
		return fmt.Errorf("the stack %s has no dashboard: dagster:monitoring.enabled is false", s.Stack)
	}
	var picture bytes.Buffer
	if err := dashboard.Draw(ctx, cloudwatch.NewFromConfig(account.Config(env)), name, last, &picture); err != nil {
		return err
	}
	if err := os.WriteFile(path, picture.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}
