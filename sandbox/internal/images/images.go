// Package images builds the container images of a sandbox: the base, the emulated AWS, the database server and the
// project whose code the stack runs.
//
// Each image is tagged with a hash of what goes into it, so that nothing unchanged is built again and two sandboxes
// of different versions do not take each other's images. The project's image belongs to one sandbox and goes with it. Where an image registry can be reached the official images
// python:3.11-slim and postgres:<major>-alpine are taken; where not, the base is made from Debian's packages and the
// database server from an npm package.
package images

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"dagster-ecs/sandbox/internal/engine"
	"dagster-ecs/sandbox/internal/progress"
)

// The names under which images are looked for by the programs that use them.
const (
	officialBase = "docker.io/library/python:3.11-slim"
	local        = "localhost/dagster-sandbox/"
)

// pullTimeout bounds the question whether a registry can be reached.
const pullTimeout = 15 * time.Second

// Builder builds images. It is safe for concurrent use, also by several processes.
type Builder struct {
	engine *engine.Engine
	root   string
	cache  string
	report *progress.Reporter

	baseOnce sync.Once
	baseRef  string
	baseErr  error
}

// Set is what a sandbox runs.
type Set struct {
	Emulator string // the image of the emulated AWS, also of the pause containers of its tasks
	Code     string // the image of the project; empty where none was asked for
}

// New returns a Builder for the repository at root; cache is the folder shared by all sandboxes of this user.
func New(e *engine.Engine, root, cache string, report *progress.Reporter) *Builder {
	return &Builder{engine: e, root: root, cache: cache, report: report}
}

// All builds whatever is missing, side by side: the emulator, the project's image and a database server of each major
// version. A nil project has none.
func (b *Builder) All(ctx context.Context, project *Project, majors ...int) (Set, error) {
	var set Set
	jobs := []func() error{func() (err error) { set.Emulator, err = b.emulator(ctx); return err }}
	if project != nil {
		jobs = append(jobs, func() (err error) { set.Code, err = b.Code(ctx, *project); return err })
	}
	for _, major := range majors {
		jobs = append(jobs, func() error { _, err := b.postgres(ctx, major); return err })
	}
	failures := make([]error, len(jobs))
	var group sync.WaitGroup
	for i, job := range jobs {
		group.Go(func() { failures[i] = job() })
	}
	group.Wait()
	return set, errors.Join(failures...)
}

// emulator builds the image of the emulated AWS from sandbox/cloud and returns its name.
func (b *Builder) emulator(ctx context.Context) (string, error) {
	base, err := b.base(ctx)
	if err != nil {
		return "", err
	}
	recipe := filepath.Join(b.root, "sandbox/images/emulator")
	cloud := filepath.Join(b.root, "sandbox/cloud")
	ref, err := b.build(ctx, recipeOf{
		name:    "emulator",
		base:    base,
		file:    filepath.Join(recipe, "Dockerfile"),
		context: cloud,
		include: []string{"requirements.lock", "cloud"},
		ignore:  []string{bytecode},
	})
	if err != nil {
		return "", fmt.Errorf("build the emulator's image: %w", err)
	}
	return ref, nil
}

// base returns the image that all others start from: Python 3.11 on Debian.
func (b *Builder) base(ctx context.Context) (string, error) {
	b.baseOnce.Do(func() { b.baseRef, b.baseErr = b.findBase(ctx) })
	return b.baseRef, b.baseErr
}

// exists tells whether the engine has the image.
func (b *Builder) exists(ctx context.Context, ref string) bool {
	_, err := b.engine.Run(ctx, "image", "inspect", "--format", "{{.Id}}", ref)
	return err == nil
}

// pull fetches an official image and tells whether that worked.
func (b *Builder) pull(ctx context.Context, ref string) bool {
	// A registry that cannot be reached is not a failure: the name is asked for quickly, the image may take longer.
	probe, cancel := context.WithTimeout(ctx, pullTimeout)
	defer cancel()
	if _, err := b.engine.Run(probe, "manifest", "inspect", ref); err != nil {
		return false
	}
	end := b.report.Step("pull " + ref)
	_, err := b.engine.Run(ctx, "pull", "--quiet", ref)
	end(err)
	return err == nil
}

// lock keeps two processes from building the same image at once.
func (b *Builder) lock(ctx context.Context, name string) (func(), error) {
	return engine.Lock(ctx, filepath.Join(b.cache, "images", name+".lock"), "build image "+name, b.report)
}

// scratch makes a folder for a build and returns how to remove it. The caller holds the lock of name, so what an
// interrupted build left behind is nobody's.
func (b *Builder) scratch(name string) (dir string, remove func(), err error) {
	parent := filepath.Join(b.cache, "images")
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return "", nil, fmt.Errorf("make the folder of images: %w", err)
	}
	// The pattern is well formed, and only a malformed one is an error.
	stale, _ := filepath.Glob(filepath.Join(parent, name+"-[0-9]*"))
	for _, left := range stale {
		if info, err := os.Stat(left); err == nil && info.IsDir() {
			_ = os.RemoveAll(left)
		}
	}
	dir, err = os.MkdirTemp(parent, name+"-*")
	if err != nil {
		return "", nil, fmt.Errorf("make a folder to build %s in: %w", name, err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}
