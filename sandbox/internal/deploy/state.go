package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
)

// backendVariable is Pulumi's, and names where the state lies.
const backendVariable = "PULUMI_BACKEND_URL"

func stateFolder(dir string) string { return filepath.Join(dir, "state") }

func backendURL(dir string) string { return "file://" + stateFolder(dir) }

// state is what Pulumi's file backend keeps of a stack. Its values may be encrypted.
type state struct {
	Resources []apitype.ResourceV3
	pending   []apitype.OperationV2
	salt      string
	exists    bool
}

// readState reads the state below dir as Pulumi wrote it last, which takes no process; none is the zero value.
func readState(dir, stack string) (s state, err error) {
	// .pulumi/stacks/PROJECT/STACK.json is the layout of Pulumi's backends since 3.61, and one project lies here.
	paths, err := filepath.Glob(filepath.Join(stateFolder(dir), ".pulumi", "stacks", "*", stack+".json"))
	if err != nil || len(paths) == 0 {
		return s, err
	}
	text, err := os.ReadFile(paths[0])
	if err != nil {
		return s, fmt.Errorf("read the state of the stack %s: %w", stack, err)
	}
	var file struct {
		Checkpoint apitype.CheckpointV3 `json:"checkpoint"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return s, fmt.Errorf("decode the state of the stack %s: %w", stack, err)
	}
	s.exists = true
	latest := file.Checkpoint.Latest
	if latest == nil {
		return s, nil
	}
	s.Resources, s.pending = latest.Resources, latest.PendingOperations
	if latest.SecretsProviders == nil || len(latest.SecretsProviders.State) == 0 {
		return s, nil
	}
	var provider struct {
		Salt string `json:"salt"`
	}
	if err := json.Unmarshal(latest.SecretsProviders.State, &provider); err != nil {
		return s, fmt.Errorf("decode the secrets provider of the stack %s: %w", stack, err)
	}
	s.salt = provider.Salt
	return s, nil
}

// creating says whether a killed update was creating resources: those may exist and be unknown to the state.
func (s state) creating() bool {
	for _, operation := range s.pending {
		if operation.Type == apitype.OperationTypeCreating {
			return true
		}
	}
	return false
}

// open replaces each secret within value by its plain value.
func open(ctx context.Context, d config.Decrypter, value any) (any, error) {
	switch v := value.(type) {
	case map[string]any:
		if v[resource.SigKey] == resource.SecretSig {
			return decrypt(ctx, d, v)
		}
		for key := range v {
			plain, err := open(ctx, d, v[key])
			if err != nil {
				return nil, err
			}
			v[key] = plain
		}
	case []any:
		for i := range v {
			plain, err := open(ctx, d, v[i])
			if err != nil {
				return nil, err
			}
			v[i] = plain
		}
	}
	return value, nil
}

func decrypt(ctx context.Context, d config.Decrypter, secret map[string]any) (value any, err error) {
	text, _ := secret["ciphertext"].(string)
	plain, err := d.DecryptValue(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("decrypt a secret of the state: %w", err)
	}
	if err := json.Unmarshal([]byte(plain), &value); err != nil {
		return nil, fmt.Errorf("decode a secret of the state: %w", err)
	}
	return value, nil
}
