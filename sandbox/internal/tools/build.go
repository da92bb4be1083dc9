package tools

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"dagster-ecs/sandbox/internal/progress"
)

// builder fills one folder of tools.
type builder struct {
	sandbox, root string
	report        *progress.Reporter
}

// all builds what is missing: the CLI, which takes longest, beside everything else.
func (b builder) all(ctx context.Context) error {
	var group sync.WaitGroup
	var cli, rest error
	group.Go(func() { cli = b.cli(ctx) })
	group.Go(func() { rest = b.others(ctx) })
	group.Wait()
	return errors.Join(cli, rest)
}

const versionFlag = "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=" + pulumiVersion

func (b builder) cli(ctx context.Context) error {
	if installedCLI(ctx) != "" {
		return nil
	}
	return b.tool(ctx, "cli", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", b.bin("pulumi"), versionFlag)
}

func (b builder) others(ctx context.Context) error {
	if installedCLI(ctx) == "" {
		if err := b.languageHost(ctx); err != nil {
			return err
		}
	}
	for _, p := range plugins {
		if err := b.plugin(ctx, p); err != nil {
			return fmt.Errorf("install the provider %s: %w", p.name, err)
		}
	}
	return nil
}

// ProgramVariable names the compiled program that the language host runs.
const ProgramVariable = "SANDBOX_PROGRAM"

// hostScript stands before the language host: the last one that a Go module carries takes the program by a flag, where
// today's engine says it in the request.
const hostScript = `#!/bin/sh
exec "$(dirname "$0")/language-host-go" -binary "$` + ProgramVariable + `" "$@"
`

func (b builder) languageHost(ctx context.Context) error {
	source := "github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go"
	if err := b.tool(ctx, "language", source, b.bin("language-host-go"), versionFlag); err != nil {
		return err
	}
	if err := os.WriteFile(b.bin("pulumi-language-go"), []byte(hostScript), 0o755); err != nil {
		return fmt.Errorf("write the start of the language host: %w", err)
	}
	return nil
}

func (b builder) bin(name string) string { return filepath.Join(b.root, "bin", name) }

// plugin uses the official plugin when the person has it, else it puts the bridge beside the upstream provider.
func (b builder) plugin(ctx context.Context, p plugin) error {
	folder := filepath.Join(b.root, "home", "plugins", p.folder())
	if exists(folder) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return fmt.Errorf("create the folder of the plugins: %w", err)
	}
	if official := officialPlugin(p); official != "" {
		return os.Symlink(official, folder)
	}
	bridge, upstream := b.bin("bridge"), b.bin("terraform-provider-"+p.name)
	if err := b.tool(ctx, "../bridge", ".", bridge, ""); err != nil {
		return err
	}
	if p.module == "" {
		found, err := findUpstream()
		if err != nil {
			return err
		}
		upstream = found
	} else if err := b.tool(ctx, p.module, p.source, upstream, ""); err != nil {
		return err
	}
	scratch := folder + ".new"
	if err := os.RemoveAll(scratch); err != nil {
		return fmt.Errorf("remove an unfinished plugin: %w", err)
	}
	if err := os.Mkdir(scratch, 0o755); err != nil {
		return fmt.Errorf("create the plugin's folder: %w", err)
	}
	// A hard link: the bridge looks for the provider beside its own path, which a symbolic link would hide.
	if err := os.Link(bridge, filepath.Join(scratch, "pulumi-resource-"+p.name)); err != nil {
		return fmt.Errorf("place the bridge: %w", err)
	}
	if err := os.Symlink(upstream, filepath.Join(scratch, "terraform-provider-"+p.name)); err != nil {
		return fmt.Errorf("place the upstream provider: %w", err)
	}
	return os.Rename(scratch, folder)
}

// officialPlugin is where Pulumi keeps the plugin for this person, or "".
func officialPlugin(p plugin) string {
	home := os.Getenv("PULUMI_HOME")
	if home == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		home = filepath.Join(user, ".pulumi")
	}
	folder := filepath.Join(home, "plugins", p.folder())
	if !exists(filepath.Join(folder, "pulumi-resource-"+p.name)) {
		return ""
	}
	return folder
}

// tool builds one program of sandbox/tools unless it is there.
func (b builder) tool(ctx context.Context, module, source, path, flags string) (err error) {
	if exists(path) {
		return nil
	}
	end := b.report.Step("build " + filepath.Base(path))
	defer func() { end(err) }()
	if err := goBuild(ctx, filepath.Join(b.sandbox, "tools", module), source, path, flags); err != nil {
		return fmt.Errorf("build %s: %w", filepath.Base(path), err)
	}
	return nil
}

// goBuild builds into a file that appears only when it is whole.
func goBuild(ctx context.Context, module, source, path, flags string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("create the folder of programs: %w", err)
	}
	scratch := path + ".new"
	cmd := exec.CommandContext(ctx, "go", "build", "-mod=readonly", "-ldflags", strings.TrimSpace("-s -w "+flags), "-o", scratch, source)
	cmd.Dir = module
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, strings.TrimSpace(string(out)))
	}
	return os.Rename(scratch, path)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
