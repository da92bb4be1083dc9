//go:build engine

package images

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"dagster-ecs/sandbox/internal/engine"
	"dagster-ecs/sandbox/internal/progress"
)

// builder works in the shared cache.
func builder(t *testing.T) *Builder {
	t.Helper()
	home, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(home, "dagster-sandbox")
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open(t.Context(), t.TempDir(), cache, progress.New(os.Stderr))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return New(e, root, cache, progress.New(os.Stderr))
}

// owned is a project of a sandbox that ends with the test.
func owned(t *testing.T, b *Builder, dir, instance string) *Project {
	t.Helper()
	label := engine.InstanceLabel + "=" + instance
	p, err := OpenProject(dir, "registry.example.com/asset-manager:1")
	if err != nil {
		t.Fatal(err)
	}
	p.Label = label
	t.Cleanup(func() {
		if err := b.engine.RemoveLabeled(context.Background(), label); err != nil {
			t.Error(err)
		}
	})
	return p
}

// TestAllImagesAreBuilt builds every image; a second builder finds them there.
func TestAllImagesAreBuilt(t *testing.T) {
	b := builder(t)
	p := owned(t, b, filepath.Join(b.root, "examples/asset-manager"), "t-all")
	set, err := b.All(t.Context(), p, 16, 17)
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{set.Emulator, set.Code, "docker.io/library/postgres:17-alpine"} {
		if !b.exists(t.Context(), ref) {
			t.Errorf("there is no %s", ref)
		}
	}
	again, err := New(b.engine, b.root, b.cache, nil).All(t.Context(), p, 16, 17)
	if err != nil || again != set {
		t.Errorf("a second build gave %v, %v; want %v", again, err, set)
	}
}

func TestAProjectsImageIsItsSandboxsOwnAndGoesWithIt(t *testing.T) {
	b, dir := builder(t), t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("Dockerfile", "ARG BASE\nFROM ${BASE}\nCOPY code /code\n")
	write("code", "1")
	mine, other := owned(t, b, dir, "t-mine"), owned(t, b, dir, "t-other")
	build := func(p *Project) string {
		t.Helper()
		ref, err := b.Code(t.Context(), *p)
		if err != nil {
			t.Fatal(err)
		}
		return ref
	}
	first, others := build(mine), build(other)
	if first == others {
		t.Fatalf("two sandboxes have %s in common", first)
	}
	named := *mine
	named.NameOnly = true
	write("code", "2")
	second := build(&named)
	if second == first || b.exists(t.Context(), second) {
		t.Errorf("asked for the name of edited code only, it was %s, before the edit %s", second, first)
	}
	if built := build(mine); built != second {
		t.Errorf("the edited code is %s, announced as %s", built, second)
	}
	if all, err := b.engine.Labeled(t.Context(), mine.Label); err != nil || len(all) != 2 {
		t.Errorf("the sandbox has %v, %v", all, err)
	}
	if err := b.engine.RemoveLabeled(t.Context(), mine.Label); err != nil {
		t.Fatal(err)
	}
	if err := b.PruneCode(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b.exists(t.Context(), first) || b.exists(t.Context(), second) || !b.exists(t.Context(), others) {
		t.Error("the images of the one sandbox are left, or the other's is gone")
	}
	if out, err := b.engine.Run(t.Context(), "run", "--rm", others, "cat", "/code"); err != nil || out != "1" {
		t.Errorf("the other sandbox's image holds %q, %v", out, err)
	}
}
