package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Database is how the administrator of the deployed database reaches it.
type Database struct{ Host, Port, Name, User, Password string }

// Record is what people ask of a deployment between two commands that change it.
type Record struct {
	Database Database
	Outputs  map[string]any
}

const databaseType = "aws:rds/instance:Instance"

// Keep writes the Record of the deployment beside the state, readable by its owner only, so that a question about it
// need not start the engine. A stack without a database keeps none.
func (s *Stack) Keep(ctx context.Context, dir string) error {
	resources, err := s.Resources(ctx)
	if err != nil {
		return err
	}
	var record Record
	for _, r := range resources {
		if r.Type == databaseType {
			record.Database = Database{
				Host: plain(r.Outputs["address"]), Port: plain(r.Outputs["port"]), Name: plain(r.Outputs["dbName"]),
				User: plain(r.Outputs["username"]), Password: plain(r.Outputs["password"]),
			}
		}
	}
	outputs, err := s.stack.Outputs(ctx)
	if err != nil {
		return fmt.Errorf("read the outputs of the stack %s: %w", s.stack.Name(), err)
	}
	record.Outputs = make(map[string]any, len(outputs))
	for name, value := range outputs {
		record.Outputs[name] = value.Value
	}
	text, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("encode the record of the deployment: %w", err)
	}
	if err := os.WriteFile(recordFile(dir), text, 0o600); err != nil {
		return fmt.Errorf("write the record of the deployment: %w", err)
	}
	return nil
}

// LoadRecord answers what Keep wrote; nothing kept is the zero value.
func LoadRecord(dir string) (r Record, err error) {
	text, err := os.ReadFile(recordFile(dir))
	if errors.Is(err, os.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, fmt.Errorf("read the record of the deployment: %w", err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("decode the record of the deployment: %w", err)
	}
	return r, nil
}

func recordFile(dir string) string { return filepath.Join(dir, "deployed.json") }

// plain renders a value of the exported state: a string, a number, or a secret in plain text.
func plain(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any:
		var secret string
		if encoded, ok := v["plaintext"].(string); ok && json.Unmarshal([]byte(encoded), &secret) == nil {
			return secret
		}
	}
	return ""
}
