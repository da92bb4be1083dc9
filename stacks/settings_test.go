package stacks_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/encoding"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"gopkg.in/yaml.v3"
)

// settings are those of a real stack file as the CLI hands them to the program.
func settings(t *testing.T, stack string) (values map[string]string, secrets []string) {
	t.Helper()
	return written(t, stack, "")
}

// written are the settings of a real stack file after more was written into it: read with the CLI's own code, what is
// encrypted decrypted, with the defaults of the project file.
func written(t *testing.T, stack, more string) (values map[string]string, secrets []string) {
	t.Helper()
	project, err := workspace.LoadProject(filepath.Join("..", "Pulumi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := workspace.LoadProjectStackBytes(nil, project, stackFile(t, stack, more), stack, encoding.YAML)
	if err != nil {
		t.Fatalf("%v with %s", err, more)
	}
	decrypted, err := file.Config.Decrypt(config.Base64Crypter)
	if err != nil {
		t.Fatalf("%v with %s", err, more)
	}
	values = map[string]string{}
	for key, declared := range project.Config {
		if !strings.Contains(key, ":") {
			key = project.Name.String() + ":" + key
		}
		if declared.Value != nil {
			values[key] = text(t, declared.Value)
		} else {
			values[key] = text(t, declared.Default)
		}
	}
	for key, value := range decrypted {
		values[key.String()] = value
	}
	for _, key := range file.Config.SecureKeys() {
		secrets = append(secrets, key.String())
	}
	return values, secrets
}

// text is a default as the CLI stores it.
func text(t *testing.T, value any) string {
	t.Helper()
	switch value.(type) {
	case map[string]any, []any:
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return string(encoded)
	}
	return fmt.Sprint(value)
}

// stackFile is a real stack file after more was written into it.
func stackFile(t *testing.T, stack, more string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "Pulumi."+stack+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file, edit yaml.Node
	if err := yaml.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	if more == "" {
		return content
	}
	if err := yaml.Unmarshal([]byte("config:\n  "+strings.ReplaceAll(more, "\n", "\n  ")), &edit); err != nil {
		t.Fatalf("%v in %s", err, more)
	}
	merge(file.Content[0], edit.Content[0])
	if content, err = yaml.Marshal(&file); err != nil {
		t.Fatal(err)
	}
	return content
}

// merge writes the mapping more over base, key by key.
func merge(base, more *yaml.Node) {
	for i := 0; i < len(more.Content); i += 2 {
		key, value := more.Content[i], more.Content[i+1]
		at := 1
		for at < len(base.Content) && base.Content[at-1].Value != key.Value {
			at += 2
		}
		switch {
		case at > len(base.Content):
			base.Content = append(base.Content, key, value)
		case base.Content[at].Kind == yaml.MappingNode && value.Kind == yaml.MappingNode:
			merge(base.Content[at], value)
		default:
			base.Content[at] = value
		}
	}
}
