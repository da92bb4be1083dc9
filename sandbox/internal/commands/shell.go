package commands

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"

	"dagster-ecs/sandbox/internal/deploy"
	"dagster-ecs/sandbox/internal/instance"
	"dagster-ecs/sandbox/internal/tools"
)

// Shell replaces this process by the person's shell, in which aws, psql and pulumi work on the sandbox. AWS's command
// line is installed where there is none, or only one that would call the real AWS.
func (s *Session) Shell(ctx context.Context) error {
	i, err := s.loadStack()
	if err != nil {
		return err
	}
	if !tools.FindAWSCLI(ctx, os.Getenv("PATH")).Safe {
		if _, err := tools.InstallAWSCLI(ctx, s.Repo, s.Cache, s.Progress); err != nil {
			s.Progress.Note("AWS's command line could not be installed: %v", err)
		}
	}
	env, err := s.shellEnvironment(ctx)
	if err != nil {
		return err
	}
	env["STACK"], env["INSTANCE"] = s.Stack, i.Name
	fmt.Fprintf(s.Out, `A shell for the stack %s in the sandbox %s: aws, psql, pulumi and make work on it; exit leaves it.
  pulumi knows the settings of Pulumi.%s.yaml as of the last make up or make preview, and keeps changed ones until the next
  the output url is a name in the emulated account: the UI is at %s
`, s.Stack, i.Name, s.Stack, i.UI(s.Stack))
	for _, line := range s.missing(ctx, env["PATH"]) {
		fmt.Fprintf(s.Out, "  %s\n", line)
	}
	shell := os.Getenv("SHELL")
	if shell == "" {
		shell = "/bin/sh"
	}
	if err := syscall.Exec(shell, []string{shell}, changed(os.Environ(), env)); err != nil {
		return fmt.Errorf("start the shell %s: %w", shell, err)
	}
	return nil
}

// changed sets variables of an environment; an empty one is unset.
func changed(environ []string, env map[string]string) []string {
	kept := slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		for name := range env {
			if len(pair) > len(name) && pair[:len(name)+1] == name+"=" {
				return true
			}
		}
		return false
	})
	for name, value := range env {
		if value != "" {
			kept = append(kept, name+"="+value)
		}
	}
	return kept
}

// ExitError is the end of a program whose words the person has seen.
type ExitError int

func (e ExitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// operations are the commands of Pulumi that run the program or change the state: one at a time, and the program is
// built as it is now.
var operations = []string{"up", "update", "preview", "pre", "refresh", "destroy", "import", "cancel", "state"}

// Pulumi runs Pulumi's command line on the sandbox, with the settings and the state that Up has made.
func (s *Session) Pulumi(ctx context.Context, args []string) error {
	i, err := s.loadStack()
	if err != nil {
		return err
	}
	toolset, err := tools.Ensure(ctx, s.Repo, s.Cache, s.Progress)
	if err != nil {
		return err
	}
	if err := usePath(toolset.Path); err != nil {
		return err
	}
	operation := slices.IndexFunc(args, func(word string) bool { return slices.Contains(operations, word) })
	if operation < 0 {
		return runPulumi(s.options(i, toolset), args)
	}
	return s.lockedFor(ctx, "pulumi "+args[operation], func() error {
		if err := tools.Program(ctx, s.Repo, i.Dir(), s.Progress); err != nil {
			return err
		}
		if args[operation] == "destroy" {
			if err := s.closeWays(ctx, i); err != nil {
				return err
			}
		}
		options, err := s.asRole(ctx, i, toolset, args[operation])
		if err != nil {
			return err
		}
		return runPulumi(options, args)
	})
}

// asRole are the options of an operation, by the role that does it.
func (s *Session) asRole(ctx context.Context, i *instance.Instance, toolset tools.Toolset, operation string) (deploy.Options, error) {
	options := s.options(i, toolset)
	file, err := s.readFile()
	if err != nil {
		return options, err
	}
	use := codeBuilt
	if operation == "preview" || operation == "pre" {
		use = codeName
	}
	options.Env, err = s.takeRole(ctx, i, file.Settings, use)
	return options, err
}

// runPulumi leaves Ctrl-C to Pulumi, which gets it from the terminal too.
func runPulumi(o deploy.Options, args []string) error {
	command, err := deploy.Command(o, args...)
	if err != nil {
		return err
	}
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = command.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return ExitError(exit.ExitCode())
	}
	return err
}

// options say where the stack's state and tools are.
func (s *Session) options(i *instance.Instance, toolset tools.Toolset) deploy.Options {
	return deploy.Options{
		Stack: s.Stack, Dir: i.StackDir(s.Stack), Program: tools.ProgramPath(i.Dir()), Home: toolset.Home, Passphrase: i.Passphrase,
		DatabasePort: i.DatabasePorts[s.Stack], Env: i.Env(),
	}
}
