package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"dagster-ecs/sandbox/internal/progress"
)

// program is one tool that is built from a Go module of the sandbox.
type program struct {
	name   string
	module string // folder of the module below sandbox
	source string // Go package to build
	flags  string // further linker flags
}

const versionFlag = "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=" + pulumiVersion

var (
	cliProgram = program{"pulumi", "tools/cli", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", versionFlag}
	// hostScript takes the name that the engine looks for
	hostProgram   = program{"language-host-go", "tools/language", "github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go", versionFlag}
	bridgeProgram = program{"bridge", "bridge", ".", ""}
)

// builder fills the store with programs and the home with plugins.
type builder struct {
	sandbox string // the folder of the tools' modules
	store   string // the built programs, each in a folder named by what it was made from
	home    string // PULUMI_HOME
	report  *progress.Reporter
}

// all builds what is missing and answers the folder for PATH. Where official plugins can be fetched, the CLI that
// fetches them comes first; else it is built, which takes longest, beside everything else.
func (b builder) all(ctx context.Context) ([]string, error) {
	if b.pluginsMissing() && reachable(ctx) {
		path, cli, err := b.engine(ctx)
		if err != nil {
			return nil, err
		}
		return path, b.plugins(ctx, cli)
	}
	var group sync.WaitGroup
	var path []string
	var engine, rest error
	group.Go(func() { path, _, engine = b.engine(ctx) })
	group.Go(func() { rest = b.plugins(ctx, "") })
	group.Wait()
	return path, errors.Join(engine, rest)
}

// engine answers the folder with the CLI and the language host, none when a fitting CLI is on PATH, and the CLI.
func (b builder) engine(ctx context.Context) (path []string, cli string, err error) {
	if cli = installedCLI(ctx); cli != "" {
		return nil, cli, nil
	}
	bin := filepath.Join(b.home, "bin")
	for _, p := range []program{hostProgram, cliProgram} {
		if err := b.place(ctx, p, filepath.Join(bin, p.name)); err != nil {
			return nil, "", err
		}
	}
	if err := placeScript(filepath.Join(bin, "pulumi-language-go")); err != nil {
		return nil, "", err
	}
	return []string{bin}, filepath.Join(bin, cliProgram.name), nil
}

// ProgramVariable names the compiled program that the language host runs.
const ProgramVariable = "SANDBOX_PROGRAM"

// hostScript stands before the language host: the last one that a Go module carries takes the program by a flag, where
// today's engine says it in the request. It lies beside the CLI, which takes that one before any on PATH.
const hostScript = `#!/bin/sh
exec "$(dirname "$0")/language-host-go" -binary "$` + ProgramVariable + `" "$@"
`

func placeScript(path string) error {
	if exists(path) { // another sandbox may be running it
		return nil
	}
	scratch := path + ".new"
	if err := os.WriteFile(scratch, []byte(hostScript), 0o755); err != nil {
		return fmt.Errorf("write the start of the language host: %w", err)
	}
	return os.Rename(scratch, path)
}

// place puts a program under a path of its own. It is a hard link: CLI and bridge look for what lies beside their own
// path, which a symbolic link would hide.
func (b builder) place(ctx context.Context, p program, path string) error {
	if exists(path) {
		return nil
	}
	built, err := b.build(ctx, p)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("create the folder of %s: %w", p.name, err)
	}
	if err := os.Link(built, path); err != nil {
		return fmt.Errorf("place %s: %w", p.name, err)
	}
	return nil
}

// build answers the program's path, building it unless it is there.
func (b builder) build(ctx context.Context, p program) (path string, err error) {
	module := filepath.Join(b.sandbox, filepath.FromSlash(p.module))
	key, err := moduleKey(module, p)
	if err != nil {
		return "", err
	}
	path = filepath.Join(b.store, p.name+"-"+key, p.name)
	if exists(path) {
		return path, nil
	}
	end := b.report.Step("build " + p.name)
	defer func() { end(err) }()
	if err := goBuild(ctx, module, p.source, path, p.flags); err != nil {
		return "", fmt.Errorf("build %s: %w", p.name, err)
	}
	return path, nil
}

// interruptTime is how long an interrupted build may take to clean up.
const interruptTime = 10 * time.Second

// goBuild builds into a file that appears only when it is whole. An earlier build is where Go begins: it links anew only
// when something has changed.
func goBuild(ctx context.Context, module, source, path, flags string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("create the folder of programs: %w", err)
	}
	scratch := path + ".new"
	if err := copyProgram(path, scratch); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("copy the earlier build: %w", err)
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-mod=readonly", "-ldflags", strings.TrimSpace("-s -w "+flags), "-o", scratch, source)
	cmd.Dir = module
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // go then removes its scratch folder
	cmd.WaitDelay = interruptTime
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, strings.TrimSpace(string(out)))
	}
	return os.Rename(scratch, path)
}

func copyProgram(from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
