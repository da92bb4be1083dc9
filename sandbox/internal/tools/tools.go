// Package tools installs what runs the Pulumi program: the CLI, the Go language host and the provider plugins, each
// pinned, into a folder shared by all sandboxes of a user.
//
// A `pulumi` of a fitting version on PATH is used; else the CLI is built from its Go module. Official provider
// plugins are used where the person has installed them; else the same upstream Terraform providers are bridged by
// sandbox/bridge. The folder's name is a hash of all that goes into it: a changed pin or bridge is another folder.
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

// plugin is one provider: the version of the official plugin, which the program's SDK asks for, and where the
// upstream provider comes from when that plugin is not installed.
type plugin struct {
	name, version string
	module        string // of sandbox/tools, or "" for a provider that is found on this machine
	source        string // the Go package in that module
}

var plugins = []plugin{
	{name: "aws", version: "6.83.2"},
	{"postgresql", "3.16.2", "postgresql", "github.com/terraform-providers/terraform-provider-postgresql"},
	{"random", "4.19.1", "random", "github.com/terraform-providers/terraform-provider-random"},
}

func (p plugin) folder() string { return "resource-" + p.name + "-v" + p.version }

// Toolset is what Pulumi's Automation API needs.
type Toolset struct {
	// Home is PULUMI_HOME, with the plugins.
	Home string
	// Path are the folders to put first on PATH.
	Path []string
}

// Ensure answers the toolset for the repository at repo, building what is missing below cache. It may run several
// times at once, and an interrupted build is begun anew. Without Go on PATH, or without an upstream AWS provider
// where the official plugin is missing, it fails with a line that says what to do.
func Ensure(ctx context.Context, repo, cache string, report *progress.Reporter) (Toolset, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return Toolset{}, fmt.Errorf("find go on PATH: install Go 1.26 or later from https://go.dev/dl")
	}
	key, err := cacheKey(filepath.Join(repo, "sandbox"))
	if err != nil {
		return Toolset{}, err
	}
	root := filepath.Join(cache, "tools", key)
	set := Toolset{Home: filepath.Join(root, "home"), Path: []string{filepath.Join(root, "bin")}}
	unlock, err := engine.Lock(ctx, root+".lock")
	if err != nil {
		return Toolset{}, fmt.Errorf("wait for another installation of the tools: %w", err)
	}
	defer unlock()
	b := builder{sandbox: filepath.Join(repo, "sandbox"), root: root, report: report}
	return set, b.all(ctx)
}

// Program builds the repository's Pulumi program and answers its path; Go's own cache makes that quick when little
// has changed.
func Program(ctx context.Context, repo, dir string, report *progress.Reporter) (path string, err error) {
	end := report.Step("build the Pulumi program")
	defer func() { end(err) }()
	path = filepath.Join(dir, "program")
	if err := goBuild(ctx, repo, ".", path, ""); err != nil {
		return "", fmt.Errorf("build the Pulumi program: %w", err)
	}
	return path, nil
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
