// Command cmd makes the mistakes of package mutants that are changes of the program, one after the other in a copy of
// the checkout and a sandbox of their own, and fails when one is not noticed. With -document it writes their table.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"dagster-ecs/sandbox/internal/checkout"
	"dagster-ecs/sandbox/internal/commands"
	"dagster-ecs/sandbox/internal/document"
	"dagster-ecs/sandbox/internal/progress"
	"dagster-ecs/sandbox/mutants"
)

func main() {
	into := flag.String("document", "", "write the table into this document, and make no mistakes")
	words := flag.String("only", "", "make those only whose names have these words")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	set, err := mutants.Load()
	if err == nil && *into != "" {
		err = document.Write(*into, mutants.Source, set.Table())
	} else if err == nil {
		err = notice(ctx, set, *words)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// notice makes the mistakes, those first that need no sandbox, and prints what became of each.
func notice(ctx context.Context, set mutants.Set, words string) (err error) {
	patches, err := set.Named(words)
	if err != nil {
		return err
	}
	s, err := open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Down(context.WithoutCancel(ctx)), os.RemoveAll(s.Repo)) }()
	var missed []error
	var table strings.Builder
	defer func() { fmt.Print("\n", table.String()) }()
	look := func(patch mutants.Patch) {
		began, result := time.Now(), "noticed"
		s.Progress.Note("%s", patch)
		if err := patch.Notice(ctx, s); err != nil {
			missed, result = append(missed, err), "MISSED"
		}
		fmt.Fprintf(&table, "%-8s %6s  %s\n", result, time.Since(began).Round(time.Second), patch)
	}
	deployed := false
	for _, patch := range slices.SortedStableFunc(slices.Values(patches), deployedLast) {
		if patch.Deployed() && !deployed {
			if _, err := s.Up(ctx); err != nil {
				return fmt.Errorf("deploy the program without a mistake: %w", err)
			}
			deployed = true
		}
		if look(patch); ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errors.Join(missed...)
}

func deployedLast(a, b mutants.Patch) int {
	order := map[bool]int{true: 1}
	return cmp.Compare(order[a.Deployed()], order[b.Deployed()])
}

// open makes a copy of the checkout for a sandbox of its own.
func open(ctx context.Context) (*commands.Session, error) {
	dir, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the copy: %w", err)
	}
	if err := checkout.Copy(ctx, "..", dir); err != nil {
		return nil, err
	}
	cache, err := commands.DefaultCache()
	if err != nil {
		return nil, err
	}
	report := progress.New(os.Stderr)
	return &commands.Session{Repo: dir, Cache: cache, Name: "mutants", Stack: "dev", Progress: report, Out: os.Stdout}, nil
}
