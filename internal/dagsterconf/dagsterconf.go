// Package dagsterconf renders what Dagster reads: dagster.yaml, which says how an instance of Dagster works, and
// workspace.yaml, which says where its code is.
//
// It renders from typed structs only, so that a key that Dagster does not know cannot be written: every process refuses
// to start on one. It writes no secret: user, password and places come from the environment. What it renders is sorted
// as the structs are and equal byte for byte for equal values.
package dagsterconf

import (
	"bytes"
	"fmt"

	"gopkg.in/yaml.v3"
)

// encode writes a document with a heading, two spaces deep.
func encode(heading string, document any) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("# " + heading + "\n")
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(document); err != nil {
		return nil, fmt.Errorf("write yaml: %w", err)
	}
	if err := encoder.Close(); err != nil {
		return nil, fmt.Errorf("write yaml: %w", err)
	}
	return out.Bytes(), nil
}
