package deploy

import (
	"fmt"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"
)

// These belong to whoever encrypts the tracked stack file; a sandbox has a passphrase of its own.
var encryptionKeys = []string{"secretsprovider", "encryptedkey", "encryptionsalt"}

// prepareWorkDir writes the project and stack files that Pulumi reads for one sandbox: those of the repository, with
// the prebuilt program in place of a build, and without the encryption of the tracked file. The tracked files are only
// read. Values that a person set in an earlier copy are not kept: the tracked file is the truth.
func prepareWorkDir(repo, dir, stack, program string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create the working directory of the stack %s: %w", stack, err)
	}
	project := func(root *yaml.Node) error {
		setMapping(root, "runtime", mapping("name", "go", "options", mapping("binary", program)))
		return nil
	}
	if err := transform(filepath.Join(repo, "Pulumi.yaml"), filepath.Join(dir, "Pulumi.yaml"), project); err != nil {
		return err
	}
	file := "Pulumi." + stack + ".yaml"
	salt, err := encryptionSalt(filepath.Join(dir, file))
	if err != nil {
		return err
	}
	settings := func(root *yaml.Node) error {
		if hasSecureValue(root) {
			return fmt.Errorf("the stack %s holds encrypted values, which only its owner's key opens: give plain ones by --set", stack)
		}
		for _, key := range encryptionKeys {
			removeKey(root, key)
		}
		if salt != "" {
			setMapping(root, "encryptionsalt", scalar(salt))
		}
		return nil
	}
	return transform(filepath.Join(repo, file), filepath.Join(dir, file), settings)
}

// encryptionSalt answers the salt that an earlier run wrote into the sandbox's copy: without it the passphrase would
// not open the state that was encrypted under it.
func encryptionSalt(path string) (string, error) {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the sandbox's stack file: %w", err)
	}
	var file struct {
		Salt string `yaml:"encryptionsalt"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return "", fmt.Errorf("parse %s: %w", path, err)
	}
	return file.Salt, nil
}

// transform reads a YAML file, lets change edit its root mapping and writes it elsewhere.
func transform(from, to string, change func(root *yaml.Node) error) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("read %s: %w", filepath.Base(from), err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return fmt.Errorf("parse %s: %w", filepath.Base(from), err)
	}
	if len(document.Content) == 0 || document.Content[0].Kind != yaml.MappingNode {
		return fmt.Errorf("parse %s: the file is no mapping", filepath.Base(from))
	}
	if err := change(document.Content[0]); err != nil {
		return err
	}
	out, err := yaml.Marshal(&document)
	if err != nil {
		return fmt.Errorf("render %s: %w", filepath.Base(to), err)
	}
	if err := os.WriteFile(to, out, 0o600); err != nil {
		return fmt.Errorf("write the sandbox's copy of %s: %w", filepath.Base(to), err)
	}
	return nil
}

func hasSecureValue(node *yaml.Node) bool {
	if node.Kind == yaml.MappingNode && len(node.Content) == 2 && node.Content[0].Value == "secure" {
		return true
	}
	for _, child := range node.Content {
		if hasSecureValue(child) {
			return true
		}
	}
	return false
}

func scalar(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

// mapping builds a mapping from key, value, key, value; a value is a string or a node.
func mapping(pairs ...any) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode}
	for _, part := range pairs {
		switch part := part.(type) {
		case string:
			node.Content = append(node.Content, scalar(part))
		case *yaml.Node:
			node.Content = append(node.Content, part)
		}
	}
	return node
}

func setMapping(root *yaml.Node, key string, value *yaml.Node) {
	removeKey(root, key)
	root.Content = append(root.Content, scalar(key), value)
}

func removeKey(root *yaml.Node, key string) {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == key {
			root.Content = append(root.Content[:i], root.Content[i+2:]...)
			return
		}
	}
}
