// Command sandbox runs the whole deployment on one machine: the real Pulumi program and stack files against an
// emulated AWS whose tasks and databases are containers.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"dagster-ecs/sandbox/internal/commands"
	"dagster-ecs/sandbox/internal/progress"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second Ctrl-C ends the process at once
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if ended := commands.ExitError(0); errors.As(err, &ended) {
		os.Exit(int(ended))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// run does what the arguments say. An interrupted command ends with the line of what can be done next.
func run(ctx context.Context, args []string, out, report io.Writer) error {
	s := commands.Session{Out: out, Progress: progress.New(report)}
	a, err := parse(&s, args)
	if errors.Is(err, flag.ErrHelp) {
		printUsage(out)
		return nil
	}
	if err != nil {
		return err
	}
	err = a.command.run(ctx, &s, a)
	if ended := commands.ExitError(0); err != nil && ctx.Err() != nil && !errors.As(err, &ended) {
		return fmt.Errorf("interrupted: %s", a.command.interrupted(&s))
	}
	return err
}
