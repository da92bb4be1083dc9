// Command sandbox runs the whole deployment on one machine: the real Pulumi program and stack files against an
// emulated AWS whose tasks and databases are containers.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"dagster-ecs/sandbox/internal/commands"
	"dagster-ecs/sandbox/internal/progress"
)

const usage = `usage: sandbox [flags] COMMAND

  up       deploy the stack and wait until its Dagster answers
  preview  print what up would change
  status   which containers run, whether Dagster answers
  env      print export lines for AWS's tools, psql and a browser
  demo     launch a run and follow it to its end
  logs     print the logs of webserver, daemon and runs, and follow them
  destroy  delete the stack's resources, keep the sandbox
  down     remove the sandbox whole

`

var errInterrupted = errors.New("interrupted: the next `make up` goes on, `make down` cleans up")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second Ctrl-C ends the process at once
	if err := run(ctx, os.Args[1:]); err != nil {
		if ctx.Err() != nil {
			err = errInterrupted
		}
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// settings collects repeated -set key=value flags.
type settings map[string]string

func (s settings) String() string { return fmt.Sprint(map[string]string(s)) }

func (s settings) Set(pair string) error {
	key, value, found := strings.Cut(pair, "=")
	if !found {
		return fmt.Errorf("%q is not KEY=VALUE, such as dagster:protect=false", pair)
	}
	s[key] = value
	return nil
}

func run(ctx context.Context, args []string) error {
	s := commands.Session{Set: settings{}, Progress: progress.New(os.Stderr), Out: os.Stdout}
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.StringVar(&s.Repo, "repo", ".", "the repository's root")
	flags.StringVar(&s.Stack, "stack", "dev", "the stack: Pulumi.<stack>.yaml")
	flags.StringVar(&s.Name, "instance", "", "the sandbox's name (default: the stack's)")
	flags.StringVar(&s.Cache, "cache", "", "the folder of tools and images (default: dagster-sandbox in the user's cache folder)")
	flags.IntVar(&s.UIPort, "ui-port", 0, "the UI's port (default: 3000, or any that is free)")
	flags.IntVar(&s.AWSPort, "aws-port", 0, "the emulated AWS's port (default: 4566, or any that is free)")
	flags.Var(settings(s.Set), "set", "override a setting: KEY=VALUE; may be repeated")
	job := flags.String("job", commands.DemoJob, "the job that demo launches")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return fmt.Errorf("read the arguments: %w", err)
	}
	if err := complete(&s); err != nil {
		return err
	}
	return dispatch(ctx, &s, flags.Arg(0), *job)
}

func complete(s *commands.Session) (err error) {
	if s.Repo, err = filepath.Abs(s.Repo); err != nil {
		return fmt.Errorf("find the repository: %w", err)
	}
	if s.Name == "" {
		s.Name = s.Stack
	}
	if s.Cache == "" {
		s.Cache, err = commands.DefaultCache()
	}
	return err
}

func dispatch(ctx context.Context, s *commands.Session, command, job string) error {
	switch command {
	case "up":
		_, err := s.Up(ctx)
		return err
	case "preview":
		_, err := s.Preview(ctx)
		return err
	case "status":
		return s.Status(ctx)
	case "env":
		return s.PrintEnvironment()
	case "demo":
		return s.Demo(ctx, job)
	case "logs":
		return s.Logs(ctx, 10*time.Minute, true)
	case "destroy":
		_, err := s.Destroy(ctx)
		return err
	case "down":
		return s.Down(ctx)
	}
	return fmt.Errorf("command %q is unknown: it is one of up, preview, status, env, demo, logs, destroy, down", command)
}
