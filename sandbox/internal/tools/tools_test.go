package tools

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestOnlyAFittingCLIIsTaken(t *testing.T) {
	for version, want := range map[string]bool{
		"v3.274.1\n": true, "v3.230.0": true, "v3.229.9": false, "v2.300.0": false, "v4.0.0": false, "dev": false,
	} {
		if fits(version) != want {
			t.Errorf("fits(%q) = %v, want %v", version, !want, want)
		}
	}
}

func TestMirrorsAreTheNamedFolderFirstAndEveryFolderUnderOpt(t *testing.T) {
	opt := t.TempDir()
	for _, name := range []string{"one", "two"} {
		if err := os.Mkdir(filepath.Join(opt, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{ProviderVariable: "/named", "HOME": "/home/x"}
	got := mirrors(func(name string) string { return env[name] }, opt)
	if got[0] != "/named" {
		t.Errorf("the first is %s, want /named", got[0])
	}
	for _, want := range []string{"/home/x/.terraform.d/plugins", filepath.Join(opt, "one"), filepath.Join(opt, "two")} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing in %v", want, got)
		}
	}
}

func TestAChangedBridgeIsAnotherFolder(t *testing.T) {
	sandbox := t.TempDir()
	for _, folder := range []string{"tools", "bridge"} {
		if err := os.Mkdir(filepath.Join(sandbox, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	key := func(text string) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(sandbox, "bridge", "main.go"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		key, err := cacheKey(sandbox)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	first := key("a")
	if key("b") == first {
		t.Error("the key does not depend on the bridge")
	}
	if key("a") != first {
		t.Error("the key is not the same for the same files")
	}
}
