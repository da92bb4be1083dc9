package commands

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dagster-ecs/sandbox/internal/instance"
	"dagster-ecs/sandbox/internal/progress"
)

func TestTheProgramsOfSandboxesAreLeftOutOfPathAndOthersStay(t *testing.T) {
	got := OutsidePath("/repo/.sandbox/default/stacks/dev/bin:/usr/bin:/other/.sandbox/mine/stacks/prod/bin:/repo/.sandbox/venv/cloud/bin:/home/me/bin")
	if want := "/usr/bin:/repo/.sandbox/venv/cloud/bin:/home/me/bin"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAVariableIsSetOnceAndAnEmptyOneIsUnset(t *testing.T) {
	got := changed([]string{"A=1", "AB=2", "C=3"}, map[string]string{"A": "9", "C": ""})
	if want := "AB=2 A=9"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestTheLinesForEvalLeadNoCallPastTheSandbox(t *testing.T) {
	t.Setenv("AWS_PROFILE", "live")
	t.Setenv("AWS_ENDPOINT_URL_S3", "https://s3.example.com")
	var out, said strings.Builder
	s := brought(t, &out, &said)
	if err := s.PrintEnvironment(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"unset AWS_PROFILE\n", "unset AWS_ENDPOINT_URL_S3\n", "export AWS_ENDPOINT_URL='http://127.0.0.1:",
		"export AWS_CONFIG_FILE='" + filepath.Join(s.Root(), s.Name, "aws.conf")} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("no line %q in\n%s", line, out.String())
		}
	}
}

func TestLogsAreTailedWithACommandLineOfRelease1(t *testing.T) {
	var out, said strings.Builder
	s := brought(t, &out, &said)
	folder := t.TempDir()
	script := "#!/bin/sh\n[ \"$1\" != --version ] && echo called with \"$@\" || echo aws-cli/1.45.11 Python/3.11.2\n"
	if err := os.WriteFile(filepath.Join(folder, "aws"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	bin := t.TempDir()
	if err := s.placeAWS(t.Context(), bin); err != nil {
		t.Fatal(err)
	}
	for words, want := range map[string]string{
		"s3 ls": `^called with s3 ls\n$`,
		"logs tail asset-manager/web --since 2h --format short --filter-pattern ERROR": `^called with logs filter-log-events ` +
			`--log-group-name asset-manager/web --start-time \d{10}000 --filter-pattern ERROR --query `,
		"logs tail asset-manager/web --since yesterday": `^aws logs tail: --since yesterday is not known here`,
	} {
		said, err := exec.Command(filepath.Join(bin, "aws"), strings.Fields(words)...).CombinedOutput()
		if !regexp.MustCompile(want).Match(said) {
			t.Errorf("aws %s says %s, %v", words, said, err)
		}
	}
}

func TestAnOldCommandLineOfAWSIsWarnedOf(t *testing.T) {
	var out, said strings.Builder
	s := brought(t, &out, &said)
	folder := t.TempDir()
	script := "#!/bin/sh\necho aws-cli/2.9.19 Python/3.11.2\n"
	if err := os.WriteFile(filepath.Join(folder, "aws"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(folder, "aws") + " (2.9.19) does not read AWS_ENDPOINT_URL and would call the real AWS, with " +
		"credentials that are none there: `make shell INSTANCE=mine` brings one that does"
	if got := s.missing(context.Background(), folder); len(got) != 2 || got[0] != want {
		t.Errorf("a person sees %q, want %q and a line on psql", got, want)
	}
	want = "aws is not on PATH: `make shell INSTANCE=mine` brings one"
	if got := s.missing(context.Background(), t.TempDir()); len(got) != 2 || got[0] != want {
		t.Errorf("a person sees %q, want %q and a line on psql", got, want)
	}
}

// brought is a session with a sandbox that has never been deployed to.
func brought(t *testing.T, out, said *strings.Builder) *Session {
	t.Helper()
	checkout, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	s := &Session{Repo: t.TempDir(), Cache: t.TempDir(), Stack: "dev", Name: "mine", Out: out, Progress: progress.New(said)}
	pins := filepath.Join("sandbox", "tools", "awscli")
	if err := os.MkdirAll(filepath.Join(s.Repo, pins), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(checkout, pins, "requirements.lock"), filepath.Join(s.Repo, pins, "requirements.lock")); err != nil {
		t.Fatal(err)
	}
	if _, err := instance.LoadOrCreate(s.Root(), s.Name, s.Stack, instance.Facts{Account: "111122223333", Region: "us-west-1"}, instance.Ports{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestALineOfMakeNamesWhatDiffersFromItsDefaults(t *testing.T) {
	for _, c := range []struct {
		session Session
		target  string
		want    string
	}{
		{Session{Stack: "dev", Name: "default"}, "up", "make up"},
		{Session{Stack: "dev", Name: "mine"}, "demo", "make demo INSTANCE=mine"},
		{Session{Stack: "prod", Name: "default"}, "destroy", "make destroy STACK=prod"},
		{Session{Stack: "prod", Name: "default"}, "down", "make down"},
		{Session{Stack: "prod", Name: "mine", Project: "../code"}, "up", "make up STACK=prod INSTANCE=mine PROJECT=../code"},
	} {
		if got := c.session.Line(c.target); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
