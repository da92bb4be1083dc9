package deploy

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
)

// writeState writes a state as Pulumi's file backend does, with the database's password encrypted by passphrase.
func writeState(t *testing.T, dir, passphrase, pending string) {
	t.Helper()
	salt := []byte("12345678")
	secret, err := config.NewSymmetricCrypterFromPassphrase(passphrase, salt).EncryptValue(t.Context(), `"hush"`)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(stateFolder(dir), ".pulumi", "stacks", "dagster")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`{"version": 3, "checkpoint": {"stack": "dev", "latest": {
		"secrets_providers": {"type": "passphrase", "state": {"salt": "v1:%s:v1:try"}},
		"pending_operations": [%s],
		"resources": [
			{"urn": "urn:pulumi:dev::dagster::pulumi:pulumi:Stack::dagster-dev", "type": "pulumi:pulumi:Stack",
				"outputs": {"url": "http://balancer", "databaseLocalPort": 15432}},
			{"urn": "urn:pulumi:dev::dagster::aws:rds/instance:Instance::database", "type": "aws:rds/instance:Instance",
				"outputs": {"dbName": "dagster", "username": "admin", "password": {
					"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": %q}}}]}}}`,
		base64.StdEncoding.EncodeToString(salt), pending, secret)
	if err := os.WriteFile(filepath.Join(folder, "dev.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOutputsAndTheDatabasesPasswordAreReadFromTheState(t *testing.T) {
	dir := t.TempDir()
	writeState(t, dir, "open sesame", "")
	record, err := LoadRecord(t.Context(), dir, "dev", "open sesame")
	if err != nil {
		t.Fatal(err)
	}
	if want := (Database{"dagster", "admin", "hush"}); record.Database != want {
		t.Errorf("the database is %v, want %v", record.Database, want)
	}
	if record.Outputs["url"] != "http://balancer" {
		t.Errorf("the outputs are %v", record.Outputs)
	}
	if _, err := LoadRecord(t.Context(), dir, "dev", "another"); err == nil {
		t.Error("another passphrase opened the secrets")
	}
}

func TestNothingDeployedIsAnEmptyRecord(t *testing.T) {
	record, err := LoadRecord(t.Context(), t.TempDir(), "dev", "open sesame")
	if err != nil || record.Outputs != nil {
		t.Errorf("got %v and %v", record, err)
	}
}

func TestOnlyACreationThatNeverEndedMakesTheStateIncomplete(t *testing.T) {
	for kind, want := range map[string]bool{"creating": true, "updating": false} {
		dir := t.TempDir()
		writeState(t, dir, "x", `{"type": "`+kind+`", "resource": {"urn": "u", "type": "t", "custom": true}}`)
		state, err := readState(dir, "dev")
		if err != nil {
			t.Fatal(err)
		}
		if state.creating() != want {
			t.Errorf("after an interrupted %s the state counts as incomplete: %v", kind, !want)
		}
	}
}
