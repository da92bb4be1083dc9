package stackfile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	pulumiconfig "github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"gopkg.in/yaml.v3"
)

// StandInVariable begins the environment variables that give stand-ins.
const StandInVariable = "SANDBOX_SECRET_"

// secretsKey is the one setting that the program takes encrypted.
const secretsKey = "dagster:secrets"

// Given are stand-ins for encrypted values, by the names of the variables that hold them: API_TOKEN for
// `dagster:secrets.API_TOKEN`.
type Given map[string]string

// ReadGiven reads the stand-ins of a YAML file of names and texts, which need not exist, and those of the environment,
// which go before.
func ReadGiven(path string, environment []string) (Given, error) {
	given := Given{}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read the stand-ins for secrets: %w", err)
	}
	if err := yaml.Unmarshal(text, &given); err != nil {
		return nil, fmt.Errorf("read the stand-ins for secrets in %s: want lines such as `API_TOKEN: text`: %w", filepath.Base(path), err)
	}
	for _, pair := range environment {
		name, value, _ := strings.Cut(pair, "=")
		if name, ours := strings.CutPrefix(name, StandInVariable); ours {
			given[name] = value
		}
	}
	return given, nil
}

// standIns decrypts: it answers the stand-in of a setting's path, which takes the place of the value that only its owner
// can decrypt.
type standIns map[string]string

// DecryptValue is Pulumi's Decrypter.
func (s standIns) DecryptValue(_ context.Context, path string) (string, error) {
	text, ok := s[path]
	if !ok {
		return "", fmt.Errorf("%s has no stand-in", path)
	}
	return text, nil
}

// BatchDecrypt is Pulumi's Decrypter.
func (s standIns) BatchDecrypt(ctx context.Context, paths []string) ([]string, error) {
	return pulumiconfig.DefaultBatchDecrypt(ctx, s, paths)
}

// standIn finds a stand-in for each encrypted value.
func (f *File) standIn(given Given) error {
	for key, value := range f.stack.Config {
		if !value.Secure() {
			continue
		}
		object, err := value.ToObject()
		if err != nil {
			return fmt.Errorf("read %s: %w", key, err)
		}
		if !value.Object() {
			path := key.String()
			f.standInFor(path, fmt.Sprint(object), given)
			f.stack.Config[key] = pulumiconfig.NewSecureValue(path)
			continue
		}
		f.replaceSecure(key.String(), object, given)
		encoded, err := json.Marshal(object)
		if err != nil {
			return fmt.Errorf("encode %s: %w", key, err)
		}
		f.stack.Config[key] = pulumiconfig.NewSecureObjectValue(string(encoded))
	}
	slices.Sort(f.MadeUp)
	return nil
}

// replaceSecure walks an object, and puts its path in place of each value that is encrypted.
func (f *File) replaceSecure(path string, value any, given Given) {
	switch part := value.(type) {
	case []any:
		for i, each := range part {
			f.replaceSecure(fmt.Sprintf("%s[%d]", path, i), each, given)
		}
	case map[string]any:
		if encrypted, ok := part["secure"].(string); ok && len(part) == 1 {
			f.standInFor(path, encrypted, given)
			part["secure"] = path
			return
		}
		for _, name := range slices.Sorted(maps.Keys(part)) {
			f.replaceSecure(path+"."+name, part[name], given)
		}
	}
}

func (f *File) standInFor(path, encrypted string, given Given) {
	name := path[strings.LastIndexAny(path, ".:")+1:]
	text, ok := given[name]
	switch {
	case ok:
	case path == secretsKey && len(given) > 0: // encrypted whole: even its names are unknown here
		all, _ := json.Marshal(given) // texts only, which always encode
		text = string(all)
	case path == secretsKey:
		text = "{}"
		f.MadeUp = append(f.MadeUp, path)
	default:
		sum := sha256.Sum256([]byte(path + encrypted)) // the same at each deployment, so that nothing changes
		text = "stand-in-" + hex.EncodeToString(sum[:8])
		f.MadeUp = append(f.MadeUp, path)
	}
	f.standIns[path] = text
}
