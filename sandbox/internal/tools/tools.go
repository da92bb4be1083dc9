// Package tools installs what runs the Pulumi program: the CLI, the Go language host and the provider plugins, each
// pinned, into a folder shared by all sandboxes of a user.
//
// A `pulumi` of a fitting version on PATH is used; else the CLI is built from its Go module. Official provider
// plugins are used where the person has installed them or they can be fetched; else the same upstream Terraform
// providers are bridged by sandbox/bridge. Each folder's name is a hash of all that goes into it: a changed pin or
// bridge is another folder, and the others stay.
package tools

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"

	"dagster-ecs/sandbox/internal/engine"
	"dagster-ecs/sandbox/internal/progress"
)

// pulumiVersion is the CLI that is built, and what the language host says that it is.
const pulumiVersion = "v3.274.1"

// oldestMinor is the oldest 3.x CLI on PATH that is used: older ones do not know the SDK's requests.
const oldestMinor = 230

// Toolset is what runs Pulumi's command line.
type Toolset struct {
	// Home is PULUMI_HOME, with the plugins.
	Home string
	// Path are the folders to put first on PATH; none where a fitting CLI is on it already.
	Path []string
}

// Ensure answers the toolset for the repository at repo, building what is missing below cache. It may run several
// times at once, and an interrupted build is begun anew. Without Go on PATH, or without an upstream AWS provider
// where the official plugin is missing, it fails with a line that says what to do.
func Ensure(ctx context.Context, repo, cache string, report *progress.Reporter) (Toolset, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return Toolset{}, fmt.Errorf("find go on PATH: install Go 1.26 or later from https://go.dev/dl")
	}
	sandbox, store := filepath.Join(repo, "sandbox"), filepath.Join(cache, "tools")
	key, err := homeKey(sandbox)
	if err != nil {
		return Toolset{}, err
	}
	unlock, err := engine.Lock(ctx, store+".lock", "install the tools", report)
	if err != nil {
		return Toolset{}, fmt.Errorf("wait for another installation of the tools: %w", err)
	}
	defer unlock()
	b := builder{sandbox: sandbox, store: store, home: filepath.Join(store, "home-"+key), report: report}
	path, err := b.all(ctx)
	if err != nil {
		return Toolset{}, err
	}
	return Toolset{Home: b.home, Path: path}, nil
}

// SessionPluginName is the name by which AWS's command line looks for its plugin of Session Manager.
const SessionPluginName = "session-manager-plugin"

// ProgramPath is where Program builds below dir.
func ProgramPath(dir string) string { return filepath.Join(dir, "program") }

// TunnelPath is where Tunnel builds below dir.
func TunnelPath(dir string) string { return filepath.Join(dir, "tunnel") }

// SessionPluginPath is where Tunnel builds AWS's plugin below dir.
func SessionPluginPath(dir string) string { return filepath.Join(dir, SessionPluginName) }

// Program builds the repository's Pulumi program below dir; Go's own cache makes that quick when little has changed.
func Program(ctx context.Context, repo, dir string, report *progress.Reporter) error {
	return built(ctx, "the Pulumi program", repo, ".", ProgramPath(dir), report)
}

// Tunnel builds the repository's command tunnel below dir, as Program does, and beside it AWS's plugin, which the
// repository pins for it, as a program for AWS's command line.
func Tunnel(ctx context.Context, repo, dir string, report *progress.Reporter) error {
	if err := built(ctx, "the tunnel", repo, "./tunnel", TunnelPath(dir), report); err != nil || exists(SessionPluginPath(dir)) {
		return err
	}
	return built(ctx, "AWS's plugin", repo, sessionPlugin, SessionPluginPath(dir), report)
}

const sessionPlugin = "github.com/aws/session-manager-plugin/src/sessionmanagerplugin-main"

func built(ctx context.Context, what, repo, source, path string, report *progress.Reporter) (err error) {
	end := report.Step("build " + what)
	defer func() { end(err) }()
	if err := goBuild(ctx, repo, source, path, ""); err != nil {
		return fmt.Errorf("build %s: %w", what, err)
	}
	return nil
}

var versionPattern = regexp.MustCompile(`^v3\.(\d+)\.\d+`)

// fits says whether a CLI of this version can run the program.
func fits(version string) bool {
	match := versionPattern.FindStringSubmatch(version)
	if match == nil {
		return false
	}
	minor, err := strconv.Atoi(match[1])
	return err == nil && minor >= oldestMinor
}

// installedCLI answers the path of a fitting CLI on PATH, or "".
func installedCLI(ctx context.Context) string {
	path, err := exec.LookPath("pulumi")
	if err != nil {
		return ""
	}
	cmd := exec.CommandContext(ctx, path, "version")
	cmd.Env = append(os.Environ(), "PULUMI_SKIP_UPDATE_CHECK=true")
	out, err := cmd.Output()
	if err != nil || !fits(string(out)) {
		return ""
	}
	return path
}
