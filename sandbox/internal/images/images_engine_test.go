//go:build engine

package images

import (
	"os"
	"path/filepath"
	"testing"

	"dagster-ecs/sandbox/internal/engine"
	"dagster-ecs/sandbox/internal/progress"
)

// TestAllImagesAreBuilt builds every image in the shared cache; a second builder finds them there.
func TestAllImagesAreBuilt(t *testing.T) {
	home, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(home, "dagster-sandbox")
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	e, err := engine.Open(t.Context(), state, cache, progress.New(os.Stderr))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	const tag = "localhost/dagster-sandbox-test/asset-manager:1"
	set, err := New(e, root, cache, progress.New(os.Stderr)).All(t.Context(), tag, 16, 17)
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{set.Emulator, tag, "docker.io/library/postgres:17-alpine"} {
		if _, err := e.Run(t.Context(), "image", "inspect", ref); err != nil {
			t.Error(err)
		}
	}
	again, err := New(e, root, cache, nil).All(t.Context(), tag, 16, 17)
	if err != nil || again != set {
		t.Errorf("a second build gave %v, %v; want %v", again, err, set)
	}
}
