package stacks_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/encoding"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"gopkg.in/yaml.v3"

	"dagster-ecs/internal/pulumitest"
	"dagster-ecs/stacks"
)

// merge puts what is written in more over the mapping of base, key by key.
func merge(base, more *yaml.Node) {
	for i := 0; i < len(more.Content); i += 2 {
		key, value := more.Content[i], more.Content[i+1]
		at := -1
		for j := 0; j < len(base.Content); j += 2 {
			if base.Content[j].Value == key.Value {
				at = j + 1
			}
		}
		switch {
		case at < 0:
			base.Content = append(base.Content, key, value)
		case base.Content[at].Kind == yaml.MappingNode && value.Kind == yaml.MappingNode && len(value.Content) > 0:
			merge(base.Content[at], value)
		default:
			base.Content[at] = value
		}
	}
}

// written are the settings of a real stack file after more was written into it, as the CLI hands them to the program:
// read with the CLI's own code, what is encrypted decrypted, with the defaults of the project file.
func written(t *testing.T, stack, more string) (values map[string]string, secrets []string) {
	t.Helper()
	project, err := workspace.LoadProject(filepath.Join("..", "Pulumi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join("..", "Pulumi."+stack+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file, edit yaml.Node
	for node, text := range map[*yaml.Node]string{&file: string(content), &edit: "config:\n  " + strings.ReplaceAll(more, "\n", "\n  ")} {
		if err := yaml.Unmarshal([]byte(text), node); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
	merge(file.Content[0], edit.Content[0])
	content, err = yaml.Marshal(&file)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := workspace.LoadProjectStackBytes(nil, project, content, stack, encoding.YAML)
	if err != nil {
		t.Fatalf("%v in %s", err, content)
	}
	decrypted, err := loaded.Config.Decrypt(config.Base64Crypter)
	if err != nil {
		t.Fatal(err)
	}
	values, _ = settings(t, stack)
	for key, value := range decrypted {
		values[key.String()] = value
	}
	for _, key := range loaded.Config.SecureKeys() {
		secrets = append(secrets, key.String())
	}
	return values, secrets
}

func TestX(t *testing.T) {
	content, _ := os.ReadFile("/tmp/w/cases.yaml")
	var cases []struct{ Name, Stack, Set string }
	if err := yaml.Unmarshal(content, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		values, secrets := written(t, c.Stack, strings.TrimSpace(c.Set))
		recorder := pulumitest.New(pulumitest.InStack(c.Stack), pulumitest.WithConfig(values, secrets...))
		err := recorder.Run(stacks.Deploy)
		msg := "ACCEPTED"
		if err != nil {
			msg = strings.ReplaceAll(err.Error(), "1 error occurred:\n\t* read the settings of stack "+c.Stack+": ", "")
		}
		t.Logf("== %s (%d registered)\n   %s", c.Name, len(recorder.All()), strings.TrimSpace(msg))
	}
}
