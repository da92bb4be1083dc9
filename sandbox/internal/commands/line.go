package commands

import (
	"errors"
	"fmt"
	"slices"

	"dagster-ecs/sandbox/internal/instance"
)

// DefaultInstance is taken where none is named.
const DefaultInstance = "default"

// shared are the targets for a sandbox with all its stacks.
var shared = []string{"down", "status"}

// Line is the command line that runs a target of the Makefile for this sandbox, to be copied.
func (s *Session) Line(target string) string {
	line := "make " + target
	if s.Stack != defaultStack && !slices.Contains(shared, target) {
		line += " STACK=" + s.Stack
	}
	if s.Name != DefaultInstance {
		line += " INSTANCE=" + s.Name
	}
	if s.Project != "" && target == "up" {
		line += " PROJECT=" + s.Project
	}
	return line
}

// load reads the sandbox's facts and creates nothing; without such a sandbox it is instance.ErrAbsent.
func (s *Session) load() (*instance.Instance, error) {
	i, err := instance.Load(s.Root(), s.Name)
	if errors.Is(err, instance.ErrAbsent) {
		return nil, fmt.Errorf("instance %s: %w: `%s` brings it up", s.Name, instance.ErrAbsent, s.Line("up"))
	}
	return i, err
}
