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

const databaseType = "aws:rds/instance:Instance"

// SaveDatabase keeps the administrator's access to the deployed database beside the state, readable by its owner
// only, so that `env` need not start the engine. A stack without a database keeps none.
func (s *Stack) SaveDatabase(ctx context.Context, dir string) error {
	resources, _, err := s.Resources(ctx)
	if err != nil {
		return err
	}
	for _, r := range resources {
		if r.Type != databaseType {
			continue
		}
		text, err := json.Marshal(Database{
			Host: plain(r.Outputs["address"]), Port: plain(r.Outputs["port"]), Name: plain(r.Outputs["dbName"]),
			User: plain(r.Outputs["username"]), Password: plain(r.Outputs["password"]),
		})
		if err != nil {
			return fmt.Errorf("encode the access to the database: %w", err)
		}
		if err := os.WriteFile(databaseFile(dir), text, 0o600); err != nil {
			return fmt.Errorf("write the access to the database: %w", err)
		}
	}
	return nil
}

// LoadDatabase answers what SaveDatabase kept; nothing kept is the zero value.
func LoadDatabase(dir string) (d Database, err error) {
	text, err := os.ReadFile(databaseFile(dir))
	if errors.Is(err, os.ErrNotExist) {
		return d, nil
	}
	if err != nil {
		return d, fmt.Errorf("read the access to the database: %w", err)
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return d, fmt.Errorf("decode the access to the database: %w", err)
	}
	return d, nil
}

func databaseFile(dir string) string { return filepath.Join(dir, "database.json") }

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
