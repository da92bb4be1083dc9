package images

import (
	"crypto/sha512"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// project writes files into a folder and returns the recipe of an image made from it.
func project(t *testing.T, files map[string]string) recipeOf {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return recipeOf{name: "x", base: "base:1", file: filepath.Join(dir, "Dockerfile"), context: dir,
		include: []string{"code"}, ignore: []string{bytecode}}
}

func keyOf(t *testing.T, r recipeOf) string {
	t.Helper()
	key, err := r.key()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestTheKeyFollowsWhatGoesIntoTheImageAndNothingElse(t *testing.T) {
	files := map[string]string{"Dockerfile": "FROM x", "code/a.py": "1", "README": "hello"}
	with := func(name, content string) map[string]string {
		changed := map[string]string{name: content}
		for key, value := range files {
			if _, replaced := changed[key]; !replaced {
				changed[key] = value
			}
		}
		return changed
	}
	first := keyOf(t, project(t, files))
	same := map[string]map[string]string{
		"another folder": files,
		"a file outside": with("README", "changed"),
		"bytecode":       with("code/__pycache__/a.pyc", "1"),
	}
	for name, files := range same {
		if got := keyOf(t, project(t, files)); got != first {
			t.Errorf("%s changes the key", name)
		}
	}
	different := map[string]map[string]string{
		"the recipe":    with("Dockerfile", "FROM y"),
		"a file's text": with("code/a.py", "2"),
		"a new file":    with("code/b.py", ""),
	}
	for name, files := range different {
		if got := keyOf(t, project(t, files)); got == first {
			t.Errorf("%s does not change the key", name)
		}
	}
	base := project(t, files)
	base.base = "base:2"
	if keyOf(t, base) == first {
		t.Error("another base does not change the key")
	}
	executable := project(t, files)
	if err := os.Chmod(filepath.Join(executable.context, "code/a.py"), 0o755); err != nil {
		t.Fatal(err)
	}
	if keyOf(t, executable) == first {
		t.Error("making a file executable does not change the key")
	}
}

func TestAMissingFileOfTheRecipeIsNamed(t *testing.T) {
	recipe := project(t, map[string]string{"Dockerfile": "FROM x"})
	if _, err := recipe.key(); err == nil || !strings.Contains(err.Error(), "code") {
		t.Errorf("the error is %v", err)
	}
}

func TestPipSettingsOfFilesAndEnvironmentReachTheBuild(t *testing.T) {
	texts := []string{
		"[global]\nindex-url = https://one.example.com/simple\ncert = /machine/ca.pem\n[install]\ntimeout = 1\n",
		"# note\n[global]\nextra_index_url =\n  https://two.example.com/simple\n  https://three.example.com/simple\n",
	}
	environment := map[string]string{
		"PIP_INDEX_URL":  "https://four.example.com/simple",
		"PIP_FIND_LINKS": "/machine/wheels https://five.example.com/wheels",
	}
	getenv := func(name string) string { return environment[name] }
	want := `[global]
cert = /run/secrets/ca.pem
extra-index-url = https://two.example.com/simple
  https://three.example.com/simple
find-links = https://five.example.com/wheels
index-url = https://four.example.com/simple
`
	if got := string(pipConfig(texts, getenv, true)); got != want {
		t.Errorf("pip.conf is\n%s\nand not\n%s", got, want)
	}
	if got := string(pipConfig(nil, func(string) string { return "" }, false)); got != "[global]\n" {
		t.Errorf("without any setting pip.conf is %q", got)
	}
}

func TestTheMostSpecificCertificatesAreTaken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	environment := map[string]string{"PIP_CERT": "/does/not/exist", "SSL_CERT_FILE": file}
	if got := firstFile(func(name string) string { return environment[name] }); got != file {
		t.Errorf("the certificates are %q, not %q", got, file)
	}
}

func TestOnlyDebiansSourcesAreTaken(t *testing.T) {
	cases := map[string]bool{
		"Types: deb\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n": true,
		"deb http://mirror.example.com/debian bookworm main\n":                    true,
		"deb https://mirror.example.com/debian/ trixie main\n":                    true,
		"# deb http://mirror.example.com/debian bookworm main\n":                  false,
		"deb https://packages.example.com/cloud stable main\n":                    false,
		"Types: deb\nSigned-By: /usr/share/keyrings/other.gpg\n":                  false,
	}
	for text, want := range cases {
		if got := isDebianSource(text); got != want {
			t.Errorf("%q counts as Debian's: %v", text, got)
		}
	}
	if _, err := debianSources(nil); err == nil || !strings.Contains(err.Error(), "Debian") {
		t.Errorf("without any source the error is %v", err)
	}
}

func TestOnlyAptsNetworkSettingsReachTheBase(t *testing.T) {
	dump := "Acquire \"\";\nAcquire::http::Proxy \"http://proxy.example.com\";\nAcquire::https \"\";\n" +
		"Acquire::Check-Valid-Until \"false\";\nAcquire::Languages:: \"none\";\n"
	want := []string{`Acquire::http::Proxy "http://proxy.example.com";`, `Acquire::Check-Valid-Until "false";`}
	if got := networkOptions(dump); !slices.Equal(got, want) {
		t.Errorf("the options are %q", got)
	}
}

func TestAnArchiveWithAnotherHashIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "server.tgz")
	if err := os.WriteFile(path, []byte("server"), 0o600); err != nil {
		t.Fatal(err)
	}
	sum := sha512.Sum512([]byte("server"))
	if err := checkIntegrity(path, base64.StdEncoding.EncodeToString(sum[:])); err != nil {
		t.Errorf("the right archive is refused: %v", err)
	}
	if err := checkIntegrity(path, "other"); err == nil {
		t.Error("another archive is taken")
	}
}

func TestEveryServerIsOfItsMajorVersion(t *testing.T) {
	for major, server := range servers {
		if prefix, _, _ := strings.Cut(server.version, "."); prefix != strconv.Itoa(major) {
			t.Errorf("PostgreSQL %d comes as %s", major, server.version)
		}
		if sum, err := base64.StdEncoding.DecodeString(server.integrity); err != nil || len(sum) != sha512.Size {
			t.Errorf("the hash of %s is no SHA-512", server.version)
		}
	}
}
