// Command cmd takes away each security group rule, route and VPC endpoint of a stack of a sandbox that is up, one after
// the other, and fails where something else fails than needs.yaml says. Each is put back.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"dagster-ecs/sandbox/internal/commands"
	"dagster-ecs/sandbox/internal/document"
	"dagster-ecs/sandbox/internal/progress"
	"dagster-ecs/sandbox/reach"
)

func main() {
	var s commands.Session
	s.Declare(flag.CommandLine)
	words := flag.String("only", "", "take those away only whose names have these words")
	into := flag.String("document", "", "write the table into this document, and take nothing away")
	flag.Parse()
	if *into != "" {
		end(write(*into))
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s.Progress, s.Out = progress.New(os.Stderr), os.Stdout
	end(take(ctx, &s, *words))
}

func end(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func write(path string) error {
	needs, err := reach.Load()
	if err != nil {
		return err
	}
	return document.Write(path, reach.Source, needs.Table())
}

func take(ctx context.Context, s *commands.Session, words string) (err error) {
	if err := s.Complete(); err != nil {
		return err
	}
	stack, err := reach.Open(ctx, s)
	if err != nil {
		return err
	}
	chosen := stack.Chosen(words, false)
	if len(chosen) == 0 {
		return fmt.Errorf("no rule, route or endpoint of %s has %q in its name", s.Stack, words)
	}
	if err := stack.Look(ctx); err != nil {
		return err
	}
	var wrong []error
	for _, door := range chosen {
		began := time.Now()
		failed, err := stack.Take(ctx, door)
		if ctx.Err() != nil {
			return errors.Join(ctx.Err(), err)
		}
		if err != nil {
			wrong = append(wrong, errors.New(door.Name))
		}
		result := strings.Join(slices.Sorted(maps.Keys(failed)), ", ")
		switch {
		case err != nil:
			result = err.Error()
		case result == "":
			result = "nothing"
		}
		fmt.Printf("%5s  without %s: %s\n", time.Since(began).Round(time.Second), door.Name, result)
	}
	if len(wrong) > 0 {
		return fmt.Errorf("other things fail than needs.yaml says: %w", errors.Join(wrong...))
	}
	return stack.Look(ctx)
}
