package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"gopkg.in/yaml.v3"
)

// ReadFile reads the settings of Pulumi.<stack>.yaml in a folder as the program reads them, without an engine. It leaves the
// secrets out, which only their owner can decrypt. The error, if any, holds every problem.
func ReadFile(root, stack string) (Settings, error) {
	name := "Pulumi." + stack + ".yaml"
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		return Settings{}, fmt.Errorf("read the settings of stack %s: %w", stack, err)
	}
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return Settings{}, fmt.Errorf("read %s: %w", name, err)
	}
	given := map[string]string{}
	for key, value := range file.Config {
		if slices.Contains(secretKeys, key) {
			continue
		}
		if given[key], err = handedOver(value); err != nil {
			return Settings{}, fmt.Errorf("read %s of %s: %w", key, name, err)
		}
	}
	settings, err := Parse(Source{
		Get:      func(key string) (string, bool) { text, ok := given[key]; return text, ok },
		IsSecret: func(string) bool { return false },
		Keys:     slices.Sorted(maps.Keys(given)),
	}, stack)
	if err != nil {
		return Settings{}, fmt.Errorf("settings of stack %s:\n%w", stack, err)
	}
	return settings, nil
}

// handedOver is a value as Pulumi hands it over.
func handedOver(value any) (string, error) {
	switch value.(type) {
	case map[string]any, []any:
		encoded, err := json.Marshal(value)
		return string(encoded), err
	case nil:
		return "", nil
	}
	return fmt.Sprint(value), nil
}
