// Command tunnel leads from this machine to what is private in a stack's network: its database and its UI. Run it with the
// credentials of somebody who may start the gateway's task:
//
//	go run ./tunnel -stack prod                   listen on the port of the settings; pulumi refresh takes it
//	go run ./tunnel -stack prod ui                show the UI at port 3000
//	go run ./tunnel -stack prod database ui=8080  both; a port of this machine may be given
//	go run ./tunnel -stack prod psql              open psql as the user that Dagster has; arguments go to psql
//	go run ./tunnel -stack prod run JOB [FILE]    launch a run of a job, with the configuration of a file, and follow it to its end
//
// A task is started at the first connection, and stopped when nobody is connected any more and at the end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "error:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("tunnel", flag.ContinueOnError)
	name := flags.String("stack", "", "the stack, as pulumi names it; the selected one without it")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	s, words := stack(*name), flags.Args()
	if len(words) > 0 && words[0] == "psql" {
		return psql(ctx, s, words[1:])
	}
	if len(words) > 0 && words[0] == "run" {
		return follow(ctx, s, words[1:], os.Stdout)
	}
	listeners, err := parseListeners(words)
	if err != nil {
		return err
	}
	return serve(ctx, s, listeners)
}
