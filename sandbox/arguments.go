package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"dagster-ecs/sandbox/internal/commands"
)

// arguments are what the command line says beside the sandbox's name and stack.
type arguments struct {
	command command
	job     string
	full    bool
	rest    []string
}

// command is one thing that a person can ask for.
type command struct {
	name, help string
	run        func(context.Context, *commands.Session, arguments) error
	// interrupted says how a person goes on after Ctrl-C.
	interrupted func(*commands.Session) string
}

func begunAnew(s *commands.Session) string { return fmt.Sprintf("`%s` begins anew", s.Line(s.Command)) }

var table = []command{
	{"up", "deploy the stack, beside others of the sandbox, and wait until its Dagster answers",
		func(ctx context.Context, s *commands.Session, _ arguments) error {
			_, err := s.Up(ctx)
			return err
		},
		func(s *commands.Session) string {
			return fmt.Sprintf("the next `%s` goes on, `%s` cleans up", s.Line("up"), s.Line("down"))
		}},
	{"preview", "print what up would change",
		func(ctx context.Context, s *commands.Session, a arguments) error {
			form := commands.Summary
			if a.full {
				form = commands.Full
			}
			_, err := s.Preview(ctx, form)
			return err
		}, begunAnew},
	{"preview-comment", "print what up would change as a comment for a pull request",
		func(ctx context.Context, s *commands.Session, _ arguments) error {
			_, err := s.Preview(ctx, commands.Comment)
			return err
		}, begunAnew},
	{"status", "which containers run, whether the Dagster of each stack answers",
		func(ctx context.Context, s *commands.Session, _ arguments) error { return s.Status(ctx) }, begunAnew},
	{"env", "print export lines for AWS's tools, psql, pulumi and a browser",
		func(ctx context.Context, s *commands.Session, _ arguments) error { return s.PrintEnvironment(ctx) }, begunAnew},
	{"shell", "open a shell in which aws, psql, pulumi and make work on the sandbox",
		func(ctx context.Context, s *commands.Session, _ arguments) error { return s.Shell(ctx) }, begunAnew},
	{"pulumi", "run pulumi on the sandbox, with all arguments that follow",
		func(ctx context.Context, s *commands.Session, a arguments) error { return s.Pulumi(ctx, a.rest) }, begunAnew},
	{"demo", "launch a run and follow it to its end",
		func(ctx context.Context, s *commands.Session, a arguments) error { return s.Demo(ctx, a.job) },
		func(*commands.Session) string { return "the run goes on, and the UI shows it" }},
	{"logs", "print the logs of webserver, daemon and runs, and follow them",
		func(ctx context.Context, s *commands.Session, _ arguments) error {
			return s.Logs(ctx, 10*time.Minute, true)
		}, begunAnew},
	{"destroy", "delete the stack's resources, keep the sandbox and its other stacks",
		func(ctx context.Context, s *commands.Session, _ arguments) error {
			_, err := s.Destroy(ctx)
			return err
		},
		func(s *commands.Session) string { return fmt.Sprintf("the next `%s` goes on", s.Line("destroy")) }},
	{"down", "remove the sandbox whole, with all its stacks",
		func(ctx context.Context, s *commands.Session, _ arguments) error { return s.Down(ctx) },
		func(s *commands.Session) string { return fmt.Sprintf("the next `%s` goes on", s.Line("down")) }},
}

func commandNames() []string {
	var names []string
	for _, c := range table {
		names = append(names, c.name)
	}
	return names
}

func printUsage(out io.Writer) {
	fmt.Fprint(out, "usage: sandbox [flags] COMMAND\n\n")
	for _, c := range table {
		fmt.Fprintf(out, "  %-17s%s\n", c.name, c.help)
	}
	fmt.Fprintln(out)
	var s commands.Session
	flags, _ := newFlags(&s)
	flags.SetOutput(out)
	flags.PrintDefaults()
}

// newFlags declares the flags. The Makefile sets them from its variables, whose names the errors give.
func newFlags(s *commands.Session) (*flag.FlagSet, *arguments) {
	var a arguments
	s.Set = settings{}
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.StringVar(&s.Repo, "repo", ".", "the repository's root")
	flags.StringVar(&s.Stack, "stack", "", "the stack: Pulumi.<stack>.yaml (default: the sandbox's only one, or dev)")
	flags.StringVar(&s.Name, "instance", commands.DefaultInstance, "the sandbox's name: an emulated account with one or more stacks")
	flags.StringVar(&s.Cache, "cache", "", "the folder of tools and images (default: dagster-sandbox in the user's cache folder)")
	flags.StringVar(&s.Project, "project", "", "the folder of the code to run, with a Dockerfile (default: examples/asset-manager)")
	flags.IntVar(&s.UIPort, "ui-port", 0, "the port of the stack's UI (default: 3000, the next for a second stack, or any that is free)")
	flags.IntVar(&s.AWSPort, "aws-port", 0, "the emulated AWS's port (default: 4566, or any that is free)")
	flags.Var(settings(s.Set), "set", "override a setting: KEY=VALUE; may be repeated")
	flags.StringVar(&a.job, "job", commands.DemoJob, "the job that demo launches")
	flags.BoolVar(&a.full, "full", false, "let preview print every property, as pulumi does")
	return flags, &a
}

// variables are the Makefile's, by flag.
var variables = map[string]string{
	"stack": "STACK", "instance": "INSTANCE", "ui-port": "UI_PORT", "aws-port": "AWS_PORT", "job": "JOB", "full": "FULL", "project": "PROJECT",
}

func parse(s *commands.Session, args []string) (arguments, error) {
	flags, a := newFlags(s)
	if err := flags.Parse(args); err != nil {
		return *a, plainly(err)
	}
	name := flags.Arg(0)
	i := slices.IndexFunc(table, func(c command) bool { return c.name == name })
	chosen := false
	flags.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "stack" })
	switch {
	case i < 0:
		return *a, fmt.Errorf("command %q is unknown: it is one of %s", name, strings.Join(commandNames(), ", "))
	case flags.NArg() > 1 && name != "pulumi":
		return *a, fmt.Errorf("%q after the command %s: flags come before it, and it takes nothing else", flags.Arg(1), name)
	case s.Stack == "" && chosen:
		return *a, errors.New("STACK is empty: name a stack, such as dev")
	case a.job == "":
		return *a, errors.New("JOB is empty: name a job, such as " + commands.DemoJob)
	}
	a.command, a.rest, s.Command = table[i], flags.Args()[1:], name
	return *a, complete(s, chosen)
}

var (
	badValue    = regexp.MustCompile(`^invalid (?:boolean )?value (".*") for (?:flag )?-([a-z-]+): (.*)$`)
	unknownFlag = regexp.MustCompile(`^flag provided but not defined: (-.*)$`)
)

// plainly says in the Makefile's words what package flag says of a command line.
func plainly(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	if match := unknownFlag.FindStringSubmatch(err.Error()); match != nil {
		return fmt.Errorf("flag %s is unknown: `sandbox -help` lists the flags", match[1])
	}
	match := badValue.FindStringSubmatch(err.Error())
	if match == nil {
		return err
	}
	value, name, why := match[1], match[2], match[3]
	if variable, ok := variables[name]; ok {
		name = variable
	}
	switch name {
	case "UI_PORT", "AWS_PORT":
		why = "a port is a number from 1 to 65535"
	case "FULL":
		why = "it is 1 or nothing"
	}
	return fmt.Errorf("%s=%s: %s", name, strings.Trim(value, `"`), why)
}

func complete(s *commands.Session, chosen bool) (err error) {
	if err := os.Setenv("PATH", commands.OutsidePath(os.Getenv("PATH"))); err != nil {
		return fmt.Errorf("leave the sandbox's programs out of PATH: %w", err)
	}
	if s.Repo, err = filepath.Abs(s.Repo); err != nil {
		return fmt.Errorf("find the repository: %w", err)
	}
	if s.Cache == "" {
		if s.Cache, err = commands.DefaultCache(); err != nil {
			return err
		}
	}
	if !chosen {
		err = s.ChooseStack()
	}
	return err
}

// settings collects repeated -set key=value flags.
type settings map[string]string

func (s settings) String() string { return fmt.Sprint(map[string]string(s)) }

func (s settings) Set(pair string) error {
	key, value, found := strings.Cut(pair, "=")
	if !found {
		return fmt.Errorf("give KEY=VALUE, such as dagster:protect=false")
	}
	s[key] = value
	return nil
}
