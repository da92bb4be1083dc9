// Command doctor looks at a deployed stack and names what is wrong with it. It only reads, with the credentials of whoever
// runs it:
//
//	go run ./doctor -stack prod
//	go run ./doctor -stack prod -database 127.0.0.1:15432    with go run ./tunnel in another terminal: by the way in as well
//
// It ends with 0 where nothing is wrong.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"dagster-ecs/internal/awsapi"
	"dagster-ecs/internal/doctor"
	"dagster-ecs/internal/stackoutput"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "error:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, out io.Writer) error {
	flags := flag.NewFlagSet("doctor", flag.ContinueOnError)
	name := flags.String("stack", "", "the stack, as pulumi names it; the selected one without it")
	near := flags.String("database", "", "where a tunnel to the database begins, HOST:PORT; without it the way in is not looked at")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	text, err := stackoutput.Read(ctx, *name)
	if err != nil {
		return err
	}
	stack, err := doctor.Parse(text)
	if err != nil {
		return err
	}
	config, err := awsapi.Load(ctx, stack.Region())
	if err != nil {
		return err
	}
	report, err := doctor.Look(ctx, config, stack, *near)
	if err != nil {
		return err
	}
	return tell(report, out)
}

// tell prints a report. What is wrong, or could not be looked at, is an error.
func tell(report doctor.Report, out io.Writer) error {
	for _, each := range report.Findings {
		if _, err := fmt.Fprintf(out, "%s\n  evidence: %s\n  do: %s\n  more: docs/%s\n\n", each.What, each.Evidence, each.Do, each.Section); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "looked at %s\n", strings.Join(report.Looked, ", "))
	if report.Asleep {
		fmt.Fprintln(out, "the stack sleeps outside of its hours (docs/operations.md#nights-and-weekends): what needs it awake was not looked at")
	}
	if len(report.Findings)+len(report.Unknown) > 0 {
		return errors.Join(append([]error{fmt.Errorf("%d things are wrong", len(report.Findings))}, report.Unknown...)...)
	}
	return nil
}
