// Command preview tells what an update would do as a comment for a pull request, from the events of a preview:
//
//	PULUMI_DEBUG_COMMANDS=true pulumi preview --stack prod --event-log events.json
//	go run ./preview -stack prod -events events.json > comment.md
//
// With -digest it prints what tells this plan from another one; with -reviewed DIGEST it fails where the plan is not the one
// that somebody has reviewed.
//
// The variable makes Pulumi know the flag. The command asks nobody and needs no credentials.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"dagster-ecs/internal/plan"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(arguments []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("preview", flag.ContinueOnError)
	stack := flags.String("stack", "", "the stack, as pulumi names it; required")
	path := flags.String("events", "", "the file of events; without it they are read from the input")
	digest := flags.Bool("digest", false, "print the plan's digest in place of the comment")
	reviewed := flags.String("reviewed", "", "the digest of the plan that was reviewed; another one is an error")
	limit := flags.Int("limit", plan.CommentLimit, "how many characters the comment may have")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *stack == "" {
		return errors.New("-stack: is required")
	}
	if *path != "" {
		file, err := os.Open(*path)
		if err != nil {
			return fmt.Errorf("read the events: %w", err)
		}
		defer file.Close()
		in = file
	}
	read, err := plan.Read(in)
	if err != nil {
		return err
	}
	text := read.Comment(*stack, *limit)
	if *digest || *reviewed != "" {
		if text, err = read.Digest(); err != nil {
			return err
		}
		if *reviewed != "" && text != *reviewed {
			return fmt.Errorf("the plan of %s is %s and %s was reviewed: something has changed in between, review it again", *stack, text, *reviewed)
		}
		text += "\n"
	}
	if _, err := io.WriteString(out, text); err != nil {
		return fmt.Errorf("print what the plan is: %w", err)
	}
	return nil
}
