// Command tunnel leads from this machine to what is private in a stack's network: its database and its UI. Run it with the
// credentials of somebody who may start the gateway's task:
//
//	go run ./tunnel -stack prod          listen on the port of the settings; pulumi refresh takes it
//	go run ./tunnel -stack prod psql     open psql as the user that Dagster has; arguments go to psql
//	go run ./tunnel -stack prod ui       show the UI at a port of this machine
//
// The task is started at the first connection, and stopped when nobody is connected any more and at the end.
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
	stack := flags.String("stack", "", "the stack, as pulumi names it; the selected one without it")
	port := flags.Int("port", 0, "the port of this machine; that of the settings, and 3000 for the UI, without it")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	found, err := read(ctx, *stack)
	if err != nil {
		return err
	}
	switch rest := flags.Args(); {
	case len(rest) == 0:
		at, err := found.database(*port)
		return serve(ctx, at, err)
	case rest[0] == "ui" && len(rest) == 1:
		at, err := found.ui(*port)
		return serve(ctx, at, err)
	case rest[0] == "psql":
		return psql(ctx, found, *port, rest[1:])
	default:
		return fmt.Errorf("%q: is unknown; ui, psql and nothing are allowed", rest[0])
	}
}
