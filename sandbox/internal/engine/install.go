package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"dagster-ecs/sandbox/internal/progress"
)

// podmanPackages is what Podman needs to run without systemd and to give containers networks and names.
// Recommended packages are left out: they bring a second network backend along.
var podmanPackages = []string{"podman", "runc", "netavark", "aardvark-dns", "catatonit", "iptables"}

// podmanPrograms tells what must be there for Podman to count as installed, and where besides PATH it may lie.
var podmanPrograms = map[string][]string{
	"podman":       nil,
	"netavark":     {"/usr/lib/podman", "/usr/libexec/podman", "/usr/local/libexec/podman"},
	"aardvark-dns": {"/usr/lib/podman", "/usr/libexec/podman", "/usr/local/libexec/podman"},
	"catatonit":    {"/usr/libexec/podman", "/usr/lib/podman"},
	"iptables":     {"/usr/sbin", "/sbin"},
}

// ensurePodman installs Podman unless all of it is there.
func ensurePodman(ctx context.Context, report *progress.Reporter) error {
	missing := missingPrograms(podmanPrograms)
	if len(missing) == 0 {
		return nil
	}
	if err := InstallPackages(ctx, report, podmanPackages...); err != nil {
		return fmt.Errorf("%s: %w", lacking(missing), err)
	}
	return nil
}

func lacking(missing []string) string {
	if slices.Contains(missing, "podman") {
		return "podman is not installed"
	}
	return "podman lacks " + strings.Join(missing, ", ")
}

// missingPrograms returns the names that are neither on PATH nor in their folders, sorted.
func missingPrograms(programs map[string][]string) []string {
	var missing []string
	for _, name := range sortedKeys(programs) {
		if _, err := exec.LookPath(name); err == nil {
			continue
		}
		found := false
		for _, dir := range programs[name] {
			_, err := os.Stat(filepath.Join(dir, name))
			found = found || err == nil
		}
		if !found {
			missing = append(missing, name)
		}
	}
	return missing
}

// InstallPackages installs packages of the distribution by apt-get, without what they merely recommend. It fails,
// with one line that says what a person can do, where there is no apt-get and where the user is not root.
func InstallPackages(ctx context.Context, report *progress.Reporter, packages ...string) (err error) {
	command := "apt-get install --no-install-recommends " + strings.Join(packages, " ")
	if _, err := exec.LookPath("apt-get"); err != nil {
		return errors.New("install it by the system's package manager, or start Docker, and run this again")
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf("run `sudo %s`, or start Docker, and run this again", command)
	}
	end := report.Step("install " + strings.Join(packages, ", ") + " (apt-get)")
	defer func() { end(err) }()
	if err := aptGet(ctx, "update"); err != nil {
		return err
	}
	return aptGet(ctx, append([]string{"install", "--yes", "--no-install-recommends"}, packages...)...)
}

// aptGet runs apt-get, which waits for another apt-get to end.
func aptGet(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "apt-get", append([]string{"--quiet", "--option", "DPkg::Lock::Timeout=300"}, args...)...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("apt-get %s: %w", args[0], withOutput(err, output.String()))
	}
	return nil
}
