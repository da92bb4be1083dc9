package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Load reads the settings of the stack that Pulumi runs. The error, if any, holds every problem, those that checks find
// among them.
func Load(ctx *pulumi.Context, checks ...Check) (Settings, error) {
	keys, err := GivenKeys()
	if err != nil {
		return Settings{}, err
	}
	settings, err := Parse(Source{
		Get: ctx.GetConfig, IsSecret: ctx.IsConfigSecret, Keys: keys,
		plainSecrets: plainSecrets(filepath.Join(ctx.RootDirectory(), "Pulumi."+ctx.Stack()+".yaml")),
	}, ctx.Stack(), checks...)
	if err != nil {
		return Settings{}, fmt.Errorf("read the settings of stack %s: %w", ctx.Stack(), err)
	}
	return settings, nil
}

// GivenKeys are the keys that the engine hands to the program, sorted. The context looks keys up but lists none, so they are read
// where the SDK itself reads them; outside an engine there are none.
func GivenKeys() ([]string, error) {
	raw := os.Getenv(pulumi.EnvConfig)
	if raw == "" {
		return nil, nil
	}
	var all map[string]string
	if err := json.Unmarshal([]byte(raw), &all); err != nil {
		return nil, fmt.Errorf("list the settings in %s: %w", pulumi.EnvConfig, err)
	}
	return slices.Sorted(maps.Keys(all)), nil
}

// plainSecrets are the texts among the secrets of a stack's file, by key and name. A stack can have its settings elsewhere:
// then there are none.
func plainSecrets(path string) map[string]map[string]string {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var file struct {
		Config map[string]yaml.Node
	}
	if err := yaml.Unmarshal(content, &file); err != nil {
		return nil // Pulumi reads the file as well and says what is wrong with it
	}
	plain := map[string]map[string]string{}
	for _, key := range secretKeys {
		var values map[string]yaml.Node
		if node := file.Config[key]; node.Decode(&values) != nil {
			continue // no object, which is refused
		}
		plain[key] = map[string]string{}
		for name, value := range values {
			if value.Kind == yaml.ScalarNode {
				plain[key][name] = value.Value
			}
		}
	}
	return plain
}
