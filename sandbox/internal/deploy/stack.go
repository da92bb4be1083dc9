// Package deploy runs the repository's Pulumi program against a sandbox, with the real engine and the real providers,
// by Pulumi's command line. It is what `pulumi up` does for people with an account, with the state in a folder.
//
// The Automation API starts that command line about ten times for one update; here an update is one process, and the
// rest is read from the state.
package deploy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"dagster-ecs/internal/plan"
	"dagster-ecs/sandbox/internal/account"
	"dagster-ecs/sandbox/internal/progress"
	"dagster-ecs/sandbox/internal/stackfile"
	"dagster-ecs/sandbox/internal/tools"
)

// Options say what is deployed and where its state lies.
type Options struct {
	// Stack is the stack's name, File its settings.
	Stack string
	File  *stackfile.File
	// Image takes the place of the settings' image; empty keeps it.
	Image string
	// DatabasePort is the port of this machine that leads to the stack's database.
	DatabasePort int
	// Dir is the stack's own folder, which keeps the sandbox's copies of the project's and the stack's file, and the state.
	Dir string
	// Program is the compiled Pulumi program.
	Program string
	// Home is the folder that Pulumi keeps its plugins in.
	Home string
	// Passphrase encrypts the secrets in the state.
	Passphrase string
	// Env is added to the environment of the engine, the providers and the program.
	Env map[string]string
}

// Stack is one deployment. It is not safe for concurrent use: Pulumi locks its state.
type Stack struct {
	name, dir string
	cli       cli
	mark      mark
	progress  *progress.Reporter
}

// environment is what Pulumi's command line needs beside PATH to work on the state below dir: where plugins, state and
// the built program are, and what opens the secrets.
func (o Options) environment() map[string]string {
	env := map[string]string{
		backendVariable:            backendURL(o.Dir),
		"PULUMI_CONFIG_PASSPHRASE": o.Passphrase,
		"PULUMI_HOME":              o.Home,
		"PULUMI_STACK":             o.Stack,
		"PULUMI_SKIP_UPDATE_CHECK": "true",
		tools.ProgramVariable:      o.Program,
	}
	maps.Copy(env, o.Env)
	return env
}

func workDir(dir string) string { return filepath.Join(dir, "stack") }

// Command is Pulumi's command line on the files and the state that Open prepared, for a person to use; not started.
func Command(o Options, args ...string) (*exec.Cmd, error) {
	path, err := findPulumi()
	if err != nil {
		return nil, err
	}
	return Beside(o, path, args...), nil
}

// Beside is a program that uses Pulumi's command line on those files and that state; not started.
func Beside(o Options, path string, args ...string) *exec.Cmd {
	command := exec.Command(path, args...)
	command.Dir, command.Env = workDir(o.Dir), account.Without(os.Environ())
	for key, value := range o.environment() {
		command.Env = append(command.Env, key+"="+value)
	}
	return command
}

func findPulumi() (string, error) {
	path, err := exec.LookPath("pulumi")
	if err != nil {
		return "", fmt.Errorf("find Pulumi's command line: %w", err)
	}
	return path, nil
}

// Open prepares the stack's files and its state, and ends what a killed update left behind, processes and lock: callers
// hold the sandbox's own lock, so no other update runs.
func Open(ctx context.Context, o Options, p *progress.Reporter) (*Stack, error) {
	work := workDir(o.Dir)
	if err := o.File.Write(work, stackfile.Copy{
		Program: o.Program, Image: o.Image, DatabasePort: o.DatabasePort, Passphrase: o.Passphrase,
	}); err != nil {
		return nil, err
	}
	if err := EndOrphans(ctx, o.Dir, p); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(stateFolder(o.Dir), 0o700); err != nil {
		return nil, fmt.Errorf("create the folder of the state: %w", err)
	}
	path, err := findPulumi()
	if err != nil {
		return nil, err
	}
	s := &Stack{name: o.Stack, dir: o.Dir, mark: markIn(o.Dir), progress: p, cli: cli{path: path, dir: work}}
	s.cli.env = []string{ownedBy(o.Dir)}
	for key, value := range o.environment() {
		s.cli.env = append(s.cli.env, key+"="+value)
	}
	state, err := readState(o.Dir, o.Stack)
	if err != nil {
		return nil, err
	}
	if !state.exists {
		if _, err := s.cli.run(ctx, "stack", "init", o.Stack, "--secrets-provider=passphrase"); err != nil {
			return nil, fmt.Errorf("create the stack %s: %w", o.Stack, problemsOf(err))
		}
	}
	return s, s.releaseLock(ctx)
}

// releaseLock removes the lock of an update that was killed; Pulumi refuses to cancel where there is none.
func (s *Stack) releaseLock(ctx context.Context) error {
	locks, err := filepath.Glob(filepath.Join(stateFolder(s.dir), ".pulumi", "locks", "*", "*", "*", "*.json"))
	if err != nil {
		return fmt.Errorf("look for a lock of the state: %w", err)
	}
	if len(locks) == 0 {
		return nil
	}
	if _, err := s.cli.run(ctx, "cancel", "--yes", "--stack="+s.name); err != nil {
		return fmt.Errorf("release the lock that an interrupted update left: %w", problemsOf(err))
	}
	return nil
}

// Up deploys. The error of a failed deployment holds what the engine and the providers said, one problem a line. It is
// ErrUnrecorded when what an interrupted update left is in the way.
func (s *Stack) Up(ctx context.Context) (plan.Changes, error) {
	state, err := readState(s.dir, s.name)
	if err != nil {
		return nil, err
	}
	if state.creating() {
		return nil, ErrUnrecorded
	}
	interrupted, err := s.mark.set()
	if err != nil {
		return nil, err
	}
	done, err := s.operate(ctx, "deploy", "up", "--yes", "--skip-preview", "--suppress-progress", "--suppress-outputs")
	if err != nil {
		switch {
		case ctx.Err() != nil:
			return nil, err
		case !interrupted:
			return nil, errors.Join(err, s.mark.clear())
		case takenName.MatchString(err.Error()):
			return nil, fmt.Errorf("%w: %w", ErrUnrecorded, err)
		}
		return nil, err
	}
	return done.Changes, s.mark.clear()
}

// Preview tells what Up would change, touching nothing. The plan's console shows every property.
func (s *Stack) Preview(ctx context.Context) (*plan.Plan, error) {
	quick := *s
	quick.cli.env = append(slices.Clip(s.cli.env), withoutCheckpoints)
	return quick.operate(ctx, "preview", "preview", "--diff", "--suppress-progress")
}

// withoutCheckpoints keeps a preview from writing the whole state after each resource, for nobody: a preview saves none, and
// that was more than half of the engine's work.
const withoutCheckpoints = "PULUMI_SKIP_CHECKPOINTS=true"

// MayDestroy refuses a stack with a protected resource, with its name. Destroy by itself deletes until it meets the first.
func (s *Stack) MayDestroy(ctx context.Context) error {
	if _, err := s.cli.run(ctx, "destroy", "--preview-only", "--suppress-progress", "--stack="+s.name); err != nil {
		return fmt.Errorf("destroy the stack %s: %w", s.name, problemsOf(err))
	}
	return nil
}

// Destroy deletes every resource.
func (s *Stack) Destroy(ctx context.Context) (plan.Changes, error) {
	done, err := s.operate(ctx, "destroy", "destroy", "--yes", "--skip-preview", "--suppress-progress")
	if err != nil {
		return nil, err
	}
	return done.Changes, nil
}

// operate runs one of Pulumi's operations and tells of it while it runs.
func (s *Stack) operate(ctx context.Context, step string, args ...string) (*plan.Plan, error) {
	w := watch(s.progress, step)
	console, err := s.cli.observe(ctx, w.note, append(args, "--stack="+s.name)...)
	if err != nil {
		return nil, w.failure(step+" the stack "+s.name, err)
	}
	w.succeed()
	w.plan.Console = console
	return &w.plan, nil
}

// Resources answers the state's resources. Secrets stay encrypted.
func (s *Stack) Resources() ([]apitype.ResourceV3, error) {
	state, err := readState(s.dir, s.name)
	return state.Resources, err
}
