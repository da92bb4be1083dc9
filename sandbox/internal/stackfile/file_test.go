package stackfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const project = `name: dagster
runtime: go
config:
  account: {type: string}
  prefix: {type: string, default: from-project}
  database: {type: object, default: {}}
  secrets: {type: object, default: {}}
`

const least = `config:
  aws:region: eu-central-1
  dagster:account: "222233334444"
  dagster:profile: dev
  dagster:protect: false
  dagster:image: registry.example.com/own/app:2.0
  dagster:code: {module: own.definitions}
`

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// repository holds the project file and one stack's.
func repository(t *testing.T, stackFile string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "Pulumi.yaml", project)
	write(t, dir, "Pulumi.dev.yaml", stackFile)
	return dir
}

func readFile(t *testing.T, repo string, set map[string]string, given Given) *File {
	t.Helper()
	f, err := Read(repo, "dev", set, given)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSettingsAreThoseOfTheStackFileTheProjectFileAndTheProgramInThisOrder(t *testing.T) {
	repo := repository(t, least)
	s := readFile(t, repo, nil, nil).Settings
	if s.Account != "222233334444" || s.Region != "eu-central-1" || s.Image != "registry.example.com/own/app:2.0" {
		t.Errorf("the stack file does not count: %+v", s)
	}
	if s.Prefix != "from-project" || s.Database.EngineVersion != "17" {
		t.Errorf("prefix %q, engineVersion %q, want the project file's and the program's", s.Prefix, s.Database.EngineVersion)
	}
	s = readFile(t, repo, map[string]string{"dagster:prefix": "set", "dagster:runs.maxConcurrent": "3"}, nil).Settings
	if s.Prefix != "set" || s.Runs.MaxConcurrent != 3 {
		t.Errorf("overrides do not count: prefix %q, maxConcurrent %d", s.Prefix, s.Runs.MaxConcurrent)
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		want []string
	}{
		"the program's own messages, all at once": {
			least + "  dagster:prefix: Upper\n  dagster:nonsense: 1\n", []string{"Pulumi.dev.yaml", "dagster:prefix", "dagster:nonsense"}},
		"an unclosed quote is found in its line": {
			strings.Replace(least, `dev`, `"dev`, 1) + "  dagster:prefix: \"x\"\n", []string{"Pulumi.dev.yaml, line 4: ", "quote"}},
		"a wrong indent is found in its line": {
			least + "   dagster:prefix: x\n", []string{"Pulumi.dev.yaml, line 8: "}},
		"a file that holds a list": {"- config\n", []string{"read Pulumi.dev.yaml"}},
		"plain text for a secret":  {least + "  dagster:secrets: {API_TOKEN: x}\n", []string{"dagster:secrets", "plain text"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(repository(t, c.file), "dev", nil, nil)
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want one with %q", err, want)
				}
			}
		})
	}
	if _, err := Read(repository(t, least), "nosuch", nil, nil); err == nil || !strings.Contains(err.Error(), "there is no Pulumi.nosuch.yaml") {
		t.Errorf("error %v, want one that names the missing file", err)
	}
}
