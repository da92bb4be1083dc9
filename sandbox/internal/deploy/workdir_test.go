package deploy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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

func TestTheCopyRunsTheProgramWithoutTheOwnersEncryptionAndTheTrackedFilesStay(t *testing.T) {
	repo, dir := t.TempDir(), filepath.Join(t.TempDir(), "stack")
	project, settings := "name: dagster\nruntime: go\n", "secretsprovider: awskms://alias/x\nencryptedkey: abc\nconfig:\n  dagster:prefix: a\n"
	write(t, repo, "Pulumi.yaml", project)
	write(t, repo, "Pulumi.dev.yaml", settings)
	if err := prepareWorkDir(repo, dir, "dev", "/program"); err != nil {
		t.Fatal(err)
	}
	if got := read(t, dir, "Pulumi.yaml"); !strings.Contains(got, "binary: /program") {
		t.Errorf("the project does not run the program: %s", got)
	}
	if got := read(t, dir, "Pulumi.dev.yaml"); strings.Contains(got, "encryptedkey") || !strings.Contains(got, "dagster:prefix: a") {
		t.Errorf("the stack file is %s", got)
	}
	if read(t, repo, "Pulumi.yaml") != project || read(t, repo, "Pulumi.dev.yaml") != settings {
		t.Error("a tracked file was changed")
	}
}

func TestTheSaltOfTheSandboxStaysAndOtherEarlierValuesGo(t *testing.T) {
	repo, dir := t.TempDir(), t.TempDir()
	write(t, repo, "Pulumi.yaml", "name: dagster\n")
	write(t, repo, "Pulumi.dev.yaml", "config:\n  dagster:prefix: a\n")
	write(t, dir, "Pulumi.dev.yaml", "encryptionsalt: v1:own\nconfig:\n  dagster:prefix: b\n")
	if err := prepareWorkDir(repo, dir, "dev", "/program"); err != nil {
		t.Fatal(err)
	}
	if got := read(t, dir, "Pulumi.dev.yaml"); !strings.Contains(got, "v1:own") || strings.Contains(got, "prefix: b") {
		t.Errorf("the stack file is %s", got)
	}
}

func TestAnEncryptedSettingIsRefused(t *testing.T) {
	repo := t.TempDir()
	write(t, repo, "Pulumi.yaml", "name: dagster\n")
	write(t, repo, "Pulumi.dev.yaml", "config:\n  dagster:secrets:\n    TOKEN:\n      secure: abc\n")
	err := prepareWorkDir(repo, t.TempDir(), "dev", "/program")
	if err == nil || !strings.Contains(err.Error(), "only its owner's key opens") {
		t.Errorf("error %v, want a refusal", err)
	}
}
