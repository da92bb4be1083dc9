// Package stackfile reads what Pulumi.yaml and Pulumi.<stack>.yaml say, through Pulumi's own types and the program's own
// decoder, and writes the copies that a sandbox deploys. The tracked files are only read.
package stackfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	pulumiconfig "github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	"dagster-ecs/internal/config"
)

// File is the settings of one stack.
type File struct {
	// name is the stack's name, repo the folder of the tracked files.
	name, repo string
	// Settings are what the program will read, stand-ins in place of encrypted values.
	Settings config.Settings
	// MadeUp are the encrypted settings whose stand-ins nobody gave, sorted.
	MadeUp []string

	project  *workspace.Project
	stack    *workspace.ProjectStack
	standIns standIns
}

// Read reads the settings of a stack of the repository. set overrides them by their paths, such as
// `dagster:runs.maxConcurrent`; given are the stand-ins for encrypted values. The error is the program's own where
// settings are wrong, with all problems; one of the YAML names file and line.
func Read(repo, stack string, set map[string]string, given Given) (*File, error) {
	project, err := readProject(filepath.Join(repo, "Pulumi.yaml"))
	if err != nil {
		return nil, err
	}
	if repo, err = filepath.Abs(repo); err != nil {
		return nil, fmt.Errorf("find the repository: %w", err)
	}
	f := &File{name: stack, repo: repo, project: project, standIns: standIns{}}
	if f.stack, err = readStack(project, filepath.Join(repo, fileName(stack))); err != nil {
		return nil, err
	}
	for _, path := range slices.Sorted(maps.Keys(set)) {
		if err := f.set(path, set[path]); err != nil {
			return nil, err
		}
	}
	if err := f.standIn(given); err != nil {
		return nil, err
	}
	if f.Settings, err = f.parse(); err != nil {
		return nil, fmt.Errorf("%s:\n%w", fileName(stack), err)
	}
	return f, nil
}

func fileName(stack string) string { return "Pulumi." + stack + ".yaml" }

func readProject(path string) (*workspace.Project, error) {
	if err := checkYAML(path); err != nil {
		return nil, err
	}
	project, err := workspace.LoadProject(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	return project, nil
}

func readStack(project *workspace.Project, path string) (*workspace.ProjectStack, error) {
	name := filepath.Base(path)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("STACK names no stack: there is no %s", name)
	}
	if err := checkYAML(path); err != nil {
		return nil, err
	}
	stack, err := workspace.LoadProjectStack(nil, project, path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return stack, nil
}

func (f *File) set(path, value string) error {
	key, err := pulumiconfig.ParseKey(path)
	if err == nil {
		err = f.stack.Config.Set(key, pulumiconfig.NewValue(value), true)
	}
	if err != nil {
		return fmt.Errorf("set %s of the stack %s: %w", path, f.name, err)
	}
	return nil
}

// parse lets the program's decoder read the settings as Pulumi's engine hands them over.
func (f *File) parse() (config.Settings, error) {
	all, err := f.withDefaults()
	if err != nil {
		return config.Settings{}, err
	}
	texts, err := all.Decrypt(f.standIns)
	if err != nil {
		return config.Settings{}, fmt.Errorf("put in the stand-ins: %w", err)
	}
	given, keys := map[string]string{}, []string{}
	for key, text := range texts {
		given[key.String()] = text
		keys = append(keys, key.String())
	}
	secret := all.SecureKeys()
	return config.Parse(config.Source{
		Get: func(key string) (string, bool) { text, ok := given[key]; return text, ok },
		IsSecret: func(key string) bool {
			return slices.ContainsFunc(secret, func(each pulumiconfig.Key) bool { return each.String() == key })
		},
		Keys: keys,
	}, f.name)
}

// withDefaults adds the values of the project file for keys that the stack's file leaves out, which it replaces whole.
func (f *File) withDefaults() (pulumiconfig.Map, error) {
	all := maps.Clone(f.stack.Config)
	for name, setting := range f.project.Config {
		key, err := pulumiconfig.ParseKey(name)
		if err != nil {
			key = pulumiconfig.MustMakeKey(f.project.Name.String(), name)
		}
		value := setting.Value
		if value == nil {
			value = setting.Default
		}
		if _, there := all[key]; there || value == nil {
			continue
		}
		if text, ok := value.(string); ok {
			all[key] = pulumiconfig.NewValue(text)
			continue
		}
		encoded, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("encode the default of %s: %w", key, err)
		}
		all[key] = pulumiconfig.NewObjectValue(string(encoded))
	}
	return all, nil
}
