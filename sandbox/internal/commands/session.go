// Package commands is what people do with a sandbox: bring it up, look at it, use it, take it down.
package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"dagster-ecs/sandbox/internal/account"
	"dagster-ecs/sandbox/internal/deploy"
	"dagster-ecs/sandbox/internal/emulator"
	"dagster-ecs/sandbox/internal/engine"
	"dagster-ecs/sandbox/internal/images"
	"dagster-ecs/sandbox/internal/instance"
	"dagster-ecs/sandbox/internal/progress"
	"dagster-ecs/sandbox/internal/stackfile"
	"dagster-ecs/sandbox/internal/tools"
)

// Session is one command's view of one stack in a sandbox.
type Session struct {
	// Repo is the repository's root.
	Repo string
	// Cache is the folder that all sandboxes of this user share: tools and images.
	Cache string
	// Name is the sandbox's name; Stack one of its stacks.
	Name, Stack string
	// Command is the target of the Makefile that is run, for whoever waits for it.
	Command string
	// UIPort and AWSPort are the ports asked for; 0 leaves the choice to the sandbox.
	UIPort, AWSPort int
	// Project is the folder of the code that the stack runs; empty: the repository's example.
	Project string
	// Set overrides settings of the stack file by their path, such as `dagster:protect`.
	Set map[string]string
	// Progress tells of long steps; Out takes what a command prints.
	Progress *progress.Reporter
	Out      io.Writer
}

// DefaultCache is the folder that XDG names for caches.
func DefaultCache() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache folder: %w", err)
	}
	return filepath.Join(base, "dagster-sandbox"), nil
}

const rootFolder = ".sandbox"

// Root is the folder of all sandboxes of this checkout.
func (s *Session) Root() string { return filepath.Join(s.Repo, rootFolder) }

// ready is a sandbox whose emulator runs and whose program can be deployed.
type ready struct {
	instance *instance.Instance
	emulator *emulator.Emulator
	file     *stackfile.File
	options  deploy.Options
	stack    *deploy.Stack
	// image is the emulator's.
	image string
}

// codeUse says what a command needs of the project's image.
type codeUse int

const (
	noCode    codeUse = iota // the program does not run
	codeName                 // the program runs and nothing is deployed
	codeBuilt                // its tasks start
)

// prepare brings the account up and opens the stack in it.
func (s *Session) prepare(ctx context.Context, use codeUse) (*ready, error) {
	r, err := s.prepareAccount(ctx, use)
	if err != nil {
		return nil, err
	}
	if use == codeBuilt {
		if err := r.publish(ctx); err != nil {
			return nil, err
		}
	}
	if r.options.Env, err = s.takeRole(ctx, r.instance, r.file.Settings, use); err != nil {
		return nil, err
	}
	r.stack, err = deploy.Open(ctx, r.options, s.Progress)
	return r, err
}

// Account is an emulated account to which nothing is deployed.
type Account struct {
	// Env is what its administrator needs for Pulumi and AWS's command line, beside PATH.
	Env map[string]string
	// Image is the name of the project's image, DatabasePort a free port of this machine.
	Image        string
	DatabasePort int

	ready *ready
}

// Account brings the account up, for whoever deploys to it by Pulumi's own command line.
func (s *Session) Account(ctx context.Context) (found Account, err error) {
	err = s.locked(ctx, func() error {
		r, err := s.prepareAccount(ctx, codeBuilt)
		if err != nil {
			return err
		}
		found = Account{Env: r.instance.Env(), Image: r.options.Image, DatabasePort: r.options.DatabasePort, ready: r}
		found.Env["PULUMI_HOME"], found.Env["PULUMI_SKIP_UPDATE_CHECK"] = r.options.Home, "true"
		return nil
	})
	return found, err
}

// Push is what docker push does with the project's image.
func (a Account) Push(ctx context.Context) error { return a.ready.publish(ctx) }

// prepareAccount installs what is missing, builds images and program side by side, and starts the emulator.
func (s *Session) prepareAccount(ctx context.Context, use codeUse) (*ready, error) {
	file, err := s.readFile()
	if err != nil {
		return nil, err
	}
	if use == codeBuilt {
		if err := reachable(file.Settings); err != nil {
			return nil, err
		}
	}
	// Found before an instance is made, so that a mistyped folder leaves none.
	project, err := s.openProject(file, use)
	if err != nil {
		return nil, err
	}
	i, err := instance.LoadOrCreate(s.Root(), s.Name, s.Stack, instance.Facts{
		Account: file.Settings.Account, Region: file.Settings.Region,
	}, s.ports())
	if err != nil {
		return nil, err
	}
	if project != nil {
		project.Label = i.Label()
	}
	if len(file.MadeUp) > 0 {
		s.Progress.Note("encrypted values are made up here: %s (give one in %s or by %s<NAME>)",
			strings.Join(file.MadeUp, ", "), s.standInFile(), stackfile.StandInVariable)
	}
	var (
		set     images.Set
		toolset tools.Toolset
		r       = &ready{instance: i, file: file}
	)
	err = together(ctx,
		func(ctx context.Context) (err error) {
			if r.emulator, err = s.openEngine(ctx, i); err != nil {
				return err
			}
			set, err = s.images(r.emulator.Engine).All(ctx, project, majorVersion(file.Settings))
			return err
		},
		func(ctx context.Context) (err error) {
			if toolset, err = tools.Ensure(ctx, s.Repo, s.Cache, s.Progress); err != nil {
				return err
			}
			if err := tools.Program(ctx, s.Repo, i.Dir(), s.Progress); err != nil || use != codeBuilt {
				return err
			}
			return tools.Tunnel(ctx, s.Repo, i.Dir(), s.Progress)
		})
	if err != nil {
		return nil, err
	}
	if err := usePath(toolset.Path); err != nil {
		return nil, err
	}
	r.image = set.Emulator
	err = s.atFreePorts(i, func() error { return r.emulator.Ensure(ctx, r.image, s.Progress) }, func() { i.AWSPort = 0 })
	if err != nil {
		return nil, err
	}
	if err := account.EnsureAdministrator(ctx, i); err != nil {
		return nil, err
	}
	if err := r.emulator.Give(ctx, file.Settings); err != nil {
		return nil, err
	}
	r.options = s.options(i, toolset)
	r.options.File, r.options.Image = file, set.Code
	return r, nil
}

// publish tells the account's registry of the project's image.
func (r *ready) publish(ctx context.Context) error {
	id, err := r.emulator.Engine.Run(ctx, "image", "inspect", "--format", "{{.Id}}", r.options.Image)
	if err != nil {
		return err
	}
	return account.Publish(ctx, r.instance.Env(), r.instance.Account, r.options.Image, strings.TrimSpace(id))
}

// openEngine answers the sandbox's place in the container engine; one that this command made finds it empty.
func (s *Session) openEngine(ctx context.Context, i *instance.Instance) (*emulator.Emulator, error) {
	e, err := engine.Open(ctx, i.Dir(), s.Cache, s.Progress)
	if err != nil {
		return nil, err
	}
	place := &emulator.Emulator{Engine: e, Instance: i}
	if i.New() {
		return place, place.Remove(ctx)
	}
	return place, nil
}

func (s *Session) images(e *engine.Engine) *images.Builder {
	return images.New(e, s.Repo, s.Cache, s.Progress)
}

// portChoices is how often a port is chosen again that others took before it was listened on.
const portChoices = 5

// atFreePorts runs do, which listens on ports, and again at others where they were taken: forget forgets those.
func (s *Session) atFreePorts(i *instance.Instance, do func() error, forget func()) (err error) {
	for range portChoices {
		if err = do(); !errors.Is(err, emulator.ErrPortTaken) {
			return err
		}
		forget()
		if err := i.GivePorts(s.Stack, s.ports()); err != nil {
			return err
		}
	}
	return err
}

func (s *Session) ports() instance.Ports { return instance.Ports{UI: s.UIPort, AWS: s.AWSPort} }

// Attach finds a sandbox that is up, starting nothing.
func (s *Session) Attach(ctx context.Context) (*emulator.Emulator, error) {
	i, err := s.load()
	if err != nil {
		return nil, err
	}
	e, err := engine.Attach(ctx, i.Dir(), s.Cache)
	if err != nil {
		return nil, err
	}
	return &emulator.Emulator{Engine: e, Instance: i}, nil
}

// locked runs do while no other command changes the same sandbox.
func (s *Session) locked(ctx context.Context, do func() error) error {
	return s.lockedFor(ctx, s.Line(s.Command), do)
}

// lockedFor is locked for work that whoever waits is told of.
func (s *Session) lockedFor(ctx context.Context, work string, do func() error) error {
	unlock, err := instance.Lock(ctx, s.Root(), s.Name, work, s.Progress)
	if err != nil {
		return err
	}
	defer unlock()
	return do()
}

// onStack prepares the sandbox and runs do on its stack, while no other command changes it.
func (s *Session) onStack(ctx context.Context, use codeUse, do func(*deploy.Stack) error) error {
	return s.locked(ctx, func() error {
		r, err := s.prepare(ctx, use)
		if err != nil {
			return err
		}
		return do(r.stack)
	})
}

// usePath lets this process and its children find the tools.
func usePath(folders []string) error {
	path := strings.Join(append(folders, os.Getenv("PATH")), string(os.PathListSeparator))
	if err := os.Setenv("PATH", path); err != nil {
		return fmt.Errorf("put the tools on PATH: %w", err)
	}
	return nil
}

// together runs all jobs side by side; the first failure cancels the others and is the answer.
func together(ctx context.Context, jobs ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var group sync.WaitGroup
	for _, job := range jobs {
		group.Go(func() {
			if err := job(ctx); err != nil {
				cancel(err)
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}
