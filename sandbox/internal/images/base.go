package images

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"dagster-ecs/sandbox/internal/engine"
)

// basePackages are what images need of Debian: Python with venv, certificates, an init process, `ip`, `nft`, `useradd`, and
// the C++ library that wheels and the database server link.
var basePackages = []string{
	"python3", "python3-venv", "ca-certificates", "catatonit", "iproute2", "nftables", "passwd", "libstdc++6",
}

// leftOut are documents and translations that nobody reads in a container.
var leftOut = []string{"/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*"}

// findBase takes the official image where it is there or can be had, else builds one.
func (b *Builder) findBase(ctx context.Context) (string, error) {
	unlock, err := b.lock(ctx, "base")
	if err != nil {
		return "", err
	}
	defer unlock()
	if b.exists(ctx, officialBase) {
		return officialBase, nil
	}
	setup := filepath.Join(b.root, "sandbox/images/base/setup.sh")
	key, err := recipeOf{file: setup, salt: strings.Join(append(basePackages, leftOut...), " ")}.key()
	if err != nil {
		return "", fmt.Errorf("hash the base image's recipe: %w", err)
	}
	ref := local + "base:" + key
	if b.exists(ctx, ref) {
		return ref, nil
	}
	if b.pull(ctx, officialBase) {
		return officialBase, nil
	}
	if err := b.debianBase(ctx, setup, ref); err != nil {
		return "", fmt.Errorf("build the base image from Debian's packages, since no image registry answers: %w", err)
	}
	return ref, nil
}

// debianBase builds the base with mmdebstrap from the package sources of this machine.
func (b *Builder) debianBase(ctx context.Context, setup, ref string) error {
	sources, err := debianSources(sourceFiles())
	if err != nil {
		return err
	}
	if _, err := exec.LookPath("mmdebstrap"); err != nil {
		if err := engine.InstallPackages(ctx, b.report, "mmdebstrap"); err != nil {
			return fmt.Errorf("it takes mmdebstrap: %w", err)
		}
	}
	dir, remove, err := b.scratch("base")
	if err != nil {
		return err
	}
	defer remove()
	end := b.report.Step("build image base (Debian's packages)")
	err = b.bootstrap(ctx, dir, setup, ref, sources)
	end(err)
	return err
}

// bootstrap makes the root and imports it as image ref.
func (b *Builder) bootstrap(ctx context.Context, dir, setup, ref string, sources []string) error {
	archive := filepath.Join(dir, "base.tar")
	args := []string{"--quiet", "--variant=essential", "--include=" + strings.Join(basePackages, ",")}
	for _, path := range leftOut {
		args = append(args, "--dpkgopt=path-exclude="+path)
	}
	for _, line := range aptOptions() {
		args = append(args, "--aptopt="+line)
	}
	args = append(args, "--customize-hook="+setup, "", archive)
	cmd := exec.CommandContext(ctx, "mmdebstrap", append(args, sources...)...)
	engine.EndGently(cmd)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run mmdebstrap: %w: %s", err, lastLines(output.String(), 4))
	}
	change := `CMD ["/bin/sh"]`
	if _, err := b.engine.Run(ctx, "import", "--change", change, archive, ref); err != nil {
		return fmt.Errorf("import the base image: %w", err)
	}
	return nil
}

// sourceFiles are this machine's files of package sources.
func sourceFiles() []string {
	files := []string{"/etc/apt/sources.list"}
	for _, pattern := range []string{"/etc/apt/sources.list.d/*.list", "/etc/apt/sources.list.d/*.sources"} {
		// The pattern is a constant, and only a malformed one is an error.
		found, _ := filepath.Glob(pattern)
		files = append(files, found...)
	}
	return files
}

// debianSources keeps the files whose packages Debian's own archive keys sign, which are Debian's or a mirror of it.
func debianSources(files []string) ([]string, error) {
	var kept []string
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if isDebianSource(string(text)) {
			kept = append(kept, path)
		}
	}
	if len(kept) == 0 {
		return nil, errors.New("this machine has no package sources of Debian: a Debian machine, or an engine " +
			"that reaches an image registry, is needed")
	}
	return kept, nil
}

// isDebianSource tells whether a file of package sources is Debian's: by its key or by its archive's path.
func isDebianSource(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		if strings.Contains(line, "debian-archive-keyring") || strings.HasPrefix(line, "deb ") &&
			(strings.Contains(line, "/debian ") || strings.Contains(line, "/debian/ ")) {
			return true
		}
	}
	return false
}

// aptOptions are this machine's settings of apt about the network: proxies, certificates, dates of mirrors.
func aptOptions() []string {
	output, err := exec.Command("apt-config", "dump", "--format", `%F "%v";%n`, "Acquire").Output()
	if err != nil {
		return nil
	}
	return networkOptions(string(output))
}

// networkOptions picks the lines of `apt-config dump` that say how packages are fetched.
func networkOptions(dump string) []string {
	var kept []string
	for line := range strings.Lines(dump) {
		line = strings.TrimSpace(line)
		for _, prefix := range []string{"Acquire::http", "Acquire::https", "Acquire::Check-"} {
			if strings.HasPrefix(line, prefix) && !strings.HasSuffix(line, `"";`) {
				kept = append(kept, line)
				break
			}
		}
	}
	return kept
}

func lastLines(text string, count int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}
