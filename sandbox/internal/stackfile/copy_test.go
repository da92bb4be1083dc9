package stackfile

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	pulumiconfig "github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
)

const encrypted = `secretsprovider: awskms://alias/x
encryptedkey: abc
` + least + `  dagster:secrets:
    API_TOKEN: {secure: v1:abc}
    OTHER: {secure: v1:abc}
`

func writeCopy(t *testing.T, f *File, dir string) *workspace.ProjectStack {
	t.Helper()
	if err := f.Write(dir, Copy{Program: "/program", Image: "registry.example.com/own/app:2.0-a1", Passphrase: "pass"}); err != nil {
		t.Fatal(err)
	}
	stack, err := workspace.LoadProjectStack(nil, f.project, filepath.Join(dir, "Pulumi.dev.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return stack
}

// decrypted opens the copy as Pulumi does with the sandbox's passphrase.
func decrypted(t *testing.T, stack *workspace.ProjectStack) map[string]string {
	t.Helper()
	crypter, err := Crypter("pass", stack.EncryptionSalt)
	if err != nil {
		t.Fatal(err)
	}
	values, err := stack.Config.Decrypt(crypter)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for key, text := range values {
		texts[key.String()] = text
	}
	return texts
}

func TestTheCopyRunsTheProgramWithTheSandboxsImageAndTheTrackedFilesStay(t *testing.T) {
	repo, dir := repository(t, least), filepath.Join(t.TempDir(), "stack")
	stack := writeCopy(t, readFile(t, repo, map[string]string{"dagster:prefix": "set"}, nil), dir)
	if got := read(t, dir, "Pulumi.yaml"); !strings.Contains(got, "binary: /program") {
		t.Errorf("the project does not run the program: %s", got)
	}
	for key, want := range map[string]string{
		"dagster:image": "registry.example.com/own/app:2.0-a1", "dagster:prefix": "set", "dagster:account": "222233334444",
		"dagster:code": `{"module":"own.definitions"}`,
	} {
		value := stack.Config[pulumiconfig.MustParseKey(key)]
		if got, err := value.Value(pulumiconfig.NopDecrypter); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", key, got, err, want)
		}
	}
	if linked, err := os.Readlink(filepath.Join(dir, "functions")); err != nil || linked != filepath.Join(repo, "functions") {
		t.Errorf("the functions' sources are at %s: %v", linked, err)
	}
	machine := map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH]
	if monitoring, err := stack.Config[pulumiconfig.MustParseKey("dagster:monitoring")].Value(pulumiconfig.NopDecrypter); err != nil ||
		!strings.Contains(monitoring, `"architecture":"`+machine+`"`) {
		t.Errorf("functions are for another machine: %s (%v)", monitoring, err)
	}
	if read(t, repo, "Pulumi.yaml") != project || read(t, repo, "Pulumi.dev.yaml") != least {
		t.Error("a tracked file was changed")
	}
}

func TestEncryptedValuesGetStandInsUnderTheSandboxsOwnKey(t *testing.T) {
	repo, dir := repository(t, encrypted), t.TempDir()
	f := readFile(t, repo, nil, Given{"API_TOKEN": "given", "UNUSED": "x"})
	if len(f.MadeUp) != 1 || f.MadeUp[0] != "dagster:secrets.OTHER" {
		t.Errorf("made up are %v, want the one that nobody gave", f.MadeUp)
	}
	first := writeCopy(t, f, dir)
	text := read(t, dir, "Pulumi.dev.yaml")
	if strings.Contains(text, "given") || strings.Contains(text, "encryptedkey") || strings.Contains(text, "secretsprovider") {
		t.Errorf("the copy is not encrypted by the sandbox's own key alone: %s", text)
	}
	secrets := decrypted(t, first)["dagster:secrets"]
	if !strings.Contains(secrets, `"API_TOKEN":"given"`) || !strings.Contains(secrets, `"OTHER":"stand-in-`) {
		t.Errorf("the secrets are %s", secrets)
	}
	if f.Settings.Secrets["API_TOKEN"].Reveal() != "given" {
		t.Error("the settings hold another text than the copy")
	}
	second := writeCopy(t, readFile(t, repo, nil, Given{"API_TOKEN": "given"}), dir)
	if second.EncryptionSalt != first.EncryptionSalt || decrypted(t, second)["dagster:secrets"] != secrets {
		t.Error("the next copy has another salt or other stand-ins, which would change the deployment")
	}
}

func TestSecretsThatAreEncryptedWholeAreThoseThatWereGiven(t *testing.T) {
	repo := repository(t, least+"  dagster:secrets: {secure: v1:abc}\n")
	f := readFile(t, repo, nil, Given{"API_TOKEN": "given"})
	if got := decrypted(t, writeCopy(t, f, t.TempDir()))["dagster:secrets"]; got != `{"API_TOKEN":"given"}` || len(f.MadeUp) > 0 {
		t.Errorf("the secrets are %s, made up %v", got, f.MadeUp)
	}
	if f := readFile(t, repo, nil, nil); len(f.Settings.Secrets) > 0 || len(f.MadeUp) != 1 {
		t.Errorf("with none given the secrets are %v, made up %v", f.Settings.Secrets, f.MadeUp)
	}
}

func TestAnEncryptedSettingThatMustNotBeIsRefusedByTheProgram(t *testing.T) {
	_, err := Read(repository(t, least+"  dagster:environment: {HOST: {secure: v1:abc}}\n"), "dev", nil, nil)
	if err == nil || !strings.Contains(err.Error(), "dagster:environment") {
		t.Errorf("error %v, want the program's refusal", err)
	}
}

func TestTheSaltOfAnEarlierCopyStays(t *testing.T) {
	repo, dir := repository(t, least), t.TempDir()
	write(t, dir, "Pulumi.dev.yaml", "encryptionsalt: v1:own\nconfig:\n  dagster:prefix: earlier\n")
	writeCopy(t, readFile(t, repo, nil, nil), dir)
	if got := read(t, dir, "Pulumi.dev.yaml"); !strings.Contains(got, "v1:own") || strings.Contains(got, "earlier") {
		t.Errorf("the stack file is %s", got)
	}
}

func TestStandInsOfTheEnvironmentGoBeforeThoseOfTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "secrets.yaml")
	if given, err := ReadGiven(path, nil); err != nil || len(given) > 0 {
		t.Errorf("without a file the stand-ins are %v, %v", given, err)
	}
	write(t, dir, "secrets.yaml", "API_TOKEN: file\nOTHER: file\n")
	given, err := ReadGiven(path, []string{"SANDBOX_SECRET_API_TOKEN=a=b", "HOME=/root"})
	if err != nil || given["API_TOKEN"] != "a=b" || given["OTHER"] != "file" || len(given) != 2 {
		t.Errorf("the stand-ins are %v, %v", given, err)
	}
	write(t, dir, "secrets.yaml", "- API_TOKEN\n")
	if _, err := ReadGiven(path, nil); err == nil || !strings.Contains(err.Error(), "secrets.yaml") {
		t.Errorf("error %v, want one that names the file", err)
	}
}
