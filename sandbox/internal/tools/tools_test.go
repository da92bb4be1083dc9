package tools

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
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
	env := map[string]string{providerVariable: "/named", "HOME": "/home/x"}
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

func writeModule(t *testing.T, sandbox, module, file, text string) {
	t.Helper()
	folder := filepath.Join(sandbox, filepath.FromSlash(module))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAChangedBridgeIsAnotherHomeAndLeavesTheOtherPrograms(t *testing.T) {
	sandbox := t.TempDir()
	for _, module := range []string{"bridge", "tools/random", "tools/postgresql", "tools/cli", "tools/language"} {
		writeModule(t, sandbox, module, "go.mod", "module x")
	}
	keys := func() (home, cli string) {
		t.Helper()
		home, err := homeKey(sandbox)
		if err != nil {
			t.Fatal(err)
		}
		cli, err = moduleKey(filepath.Join(sandbox, "tools", "cli"), cliProgram)
		if err != nil {
			t.Fatal(err)
		}
		return home, cli
	}
	home, cli := keys()
	if again, _ := keys(); again != home {
		t.Error("the key is not the same for the same files")
	}
	writeModule(t, sandbox, "bridge", "main_test.go", "package main")
	if again, _ := keys(); again != home {
		t.Error("the key depends on a test")
	}
	writeModule(t, sandbox, "bridge", "main.go", "package main")
	changed, cliAfter := keys()
	if changed == home {
		t.Error("the key does not depend on the bridge")
	}
	if cliAfter != cli {
		t.Error("a changed bridge builds the CLI anew")
	}
}

// The plugins that the engine looks for are those of the SDKs that the program is compiled with.
func TestPluginVersionsAreThoseOfTheProgramsSDKs(t *testing.T) {
	text, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range plugins {
		require := regexp.MustCompile(`github\.com/pulumi/pulumi-` + p.name + `/sdk/v\d+ v(\S+)`).FindStringSubmatch(string(text))
		if require == nil || require[1] != p.version {
			t.Errorf("plugin %s is %s, the program requires %v", p.name, p.version, require)
		}
	}
}

// fakeHome stands for a person's own folder of Pulumi with an official plugin.
func fakeHome(t *testing.T, p plugin) string {
	t.Helper()
	home := t.TempDir()
	folder := filepath.Join(home, "plugins", p.folder())
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "pulumi-resource-"+p.name), nil, 0o700); err != nil {
		t.Fatal(err)
	}
	return home
}

func TestAnInstalledOfficialPluginIsUsed(t *testing.T) {
	p := plugins[0]
	t.Setenv("PULUMI_HOME", fakeHome(t, p))
	b := builder{home: t.TempDir()}
	if err := os.Mkdir(filepath.Join(b.home, "plugins"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := b.plugin(t.Context(), p, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(b.folder(p), "pulumi-resource-"+p.name)); err != nil {
		t.Error(err)
	}
}

func TestABridgedPluginHasTheUpstreamProviderBesideIt(t *testing.T) {
	t.Setenv("PULUMI_HOME", t.TempDir())
	sandbox, p := t.TempDir(), plugins[0]
	writeModule(t, sandbox, "bridge", "go.mod", "module bridge\n\ngo 1.26\n")
	writeModule(t, sandbox, "bridge", "main.go", "package main\n\nfunc main() {}\n")
	provider := filepath.Join(t.TempDir(), "terraform-provider-aws")
	if err := os.WriteFile(provider, []byte("upstream"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv(providerVariable, provider)
	b := builder{sandbox: sandbox, store: t.TempDir()}
	b.home = filepath.Join(b.store, "home")
	if err := os.MkdirAll(filepath.Join(b.home, "plugins", p.folder()+".new"), 0o755); err != nil { // cut off before
		t.Fatal(err)
	}
	if err := b.plugin(t.Context(), p, ""); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(filepath.Join(b.folder(p), "pulumi-resource-aws"))
	if err != nil || !info.Mode().IsRegular() {
		t.Errorf("the bridge is no file of its own: %v, %v", info, err)
	}
	text, err := os.ReadFile(filepath.Join(b.folder(p), "terraform-provider-aws"))
	if err != nil || string(text) != "upstream" {
		t.Errorf("the provider beside it is %q, %v", text, err)
	}
}

func TestWithoutAnUpstreamProviderTheErrorSaysWhatToDo(t *testing.T) {
	missing := notFound([]string{"/a", "/b"}).Error()
	for _, word := range []string{"/a, /b", "pulumi plugin install", providerVariable, upstreamVersion} {
		if !strings.Contains(missing, word) {
			t.Errorf("%q does not say %q", missing, word)
		}
	}
}
