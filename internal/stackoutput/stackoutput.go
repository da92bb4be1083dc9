// Package stackoutput reads what a deployed stack gives out (docs/outputs.md), by pulumi's own command.
package stackoutput

import (
	"context"
	"fmt"
	"os"
	"os/exec"
)

// Read gives the outputs of a stack as they are now, as JSON; an empty name is the selected stack.
func Read(ctx context.Context, stack string) ([]byte, error) {
	arguments := []string{"stack", "output", "--json"}
	if stack != "" {
		arguments = append(arguments, "--stack", stack)
	}
	command := exec.CommandContext(ctx, "pulumi", arguments...)
	command.Stderr = os.Stderr
	text, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("pulumi stack output: %w", err)
	}
	return text, nil
}
