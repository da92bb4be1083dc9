package commands

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// stackSettings is what the sandbox itself must know of a stack file: which images its containers need.
type stackSettings struct {
	image    string
	postgres int
}

func readStackFile(path string) (stackSettings, error) {
	name := filepath.Base(path)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return stackSettings{}, fmt.Errorf("STACK names no stack: there is no %s", name)
	}
	if err != nil {
		return stackSettings{}, fmt.Errorf("read %s: %w", name, err)
	}
	var file struct {
		Config struct {
			Image    string `yaml:"dagster:image"`
			Database struct {
				EngineVersion string `yaml:"engineVersion"`
			} `yaml:"dagster:database"`
		} `yaml:"config"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return stackSettings{}, fmt.Errorf("parse %s: %w", name, err)
	}
	if file.Config.Image == "" {
		return stackSettings{}, fmt.Errorf("%s: dagster:image is missing", name)
	}
	version := file.Config.Database.EngineVersion
	major, err := strconv.Atoi(strings.Split(version, ".")[0])
	if err != nil {
		return stackSettings{}, fmt.Errorf("%s: dagster:database.engineVersion: %q is not a PostgreSQL version such as \"17\"", name, version)
	}
	return stackSettings{image: file.Config.Image, postgres: major}, nil
}
