//go:build e2e

package e2e

import (
	"errors"
	"os"
	"os/exec"
	"strings"

	"dagster-ecs/sandbox/internal/tools"
)

// terminal is a shell in which aws, psql and pulumi work on the stack, as `make env` gives it to a person.
type terminal struct{ dir, exports string }

// terminal opens one, in a folder of its own.
func (c *cloud) terminal() terminal {
	c.t.Helper()
	if !tools.FindAWSCLI(c.t.Context(), os.Getenv("PATH")).Safe {
		if _, err := tools.InstallAWSCLI(c.t.Context(), c.session.Repo, c.session.Cache, c.session.Progress); err != nil {
			c.t.Fatal(err)
		}
	}
	command := exec.CommandContext(c.t.Context(), "make", "-s", "-C", c.session.Repo, "env", "INSTANCE="+c.session.Name, "STACK="+c.session.Stack)
	command.Stderr = c.t.Output()
	exports, err := command.Output()
	if err != nil {
		c.t.Fatalf("make env: %v", err)
	}
	return terminal{c.t.TempDir(), string(exports)}
}

// paste runs lines as they would be pasted, and answers what they print. A command that fails, also within a pipe, is an error.
func (t terminal) paste(c *cloud, lines string) (string, error) {
	command := exec.CommandContext(c.t.Context(), "bash", "-c", "set -eo pipefail\n"+t.exports+lines)
	command.Dir = t.dir
	out, err := command.CombinedOutput()
	if err != nil {
		return string(out), errors.New(err.Error() + ": " + strings.TrimSpace(string(out)))
	}
	return string(out), nil
}
