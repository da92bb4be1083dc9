package deploy

import (
	"context"
	"fmt"

	"dagster-ecs/internal/plan"
	"dagster-ecs/sandbox/internal/stackfile"
)

// Database is who the administrator of the deployed database is.
type Database struct{ Name, User, Password string }

// Record is what people ask of a deployment between two commands that change it.
type Record struct {
	Database Database
	Outputs  map[string]any
}

const (
	databaseType = "aws:rds/instance:Instance"
	stackType    = "pulumi:pulumi:Stack"
)

// LoadRecord reads from the state below dir what was deployed last, secrets in plain text, without starting the engine.
// A stack without a database has an empty one; nothing deployed is the zero value.
func LoadRecord(ctx context.Context, dir, stack, passphrase string) (r Record, err error) {
	state, err := readState(dir, stack)
	if err != nil || len(state.Resources) == 0 {
		return r, err
	}
	decrypter, err := stackfile.Crypter(passphrase, state.salt)
	if err != nil {
		return r, err
	}
	for _, resource := range state.Resources {
		if kind := string(resource.Type); kind != databaseType && kind != stackType {
			continue
		}
		if _, err := open(ctx, decrypter, resource.Outputs); err != nil {
			return r, fmt.Errorf("read the outputs of %s: %w", plan.ShortName(string(resource.URN)), err)
		}
		if resource.Type == stackType {
			r.Outputs = resource.Outputs
			continue
		}
		o := resource.Outputs
		r.Database = Database{Name: text(o["dbName"]), User: text(o["username"]), Password: text(o["password"])}
	}
	return r, nil
}

// Deployed says whether the state below dir has resources.
func Deployed(dir, stack string) (bool, error) {
	state, err := readState(dir, stack)
	return len(state.Resources) > 0, err
}

func text(value any) string {
	text, _ := value.(string)
	return text
}
