package commands

import (
	"errors"
	"fmt"
	"slices"

	"dagster-ecs/sandbox/internal/deploy"
	"dagster-ecs/sandbox/internal/instance"
)

// DefaultStack and DefaultInstance are taken where none is named.
const (
	DefaultStack    = "dev"
	DefaultInstance = "default"
)

// shared are the targets for a sandbox with all its stacks.
var shared = []string{"down", "status"}

// ChooseStack names the stack where the person named none: for `up` it is DefaultStack, for others the only stack that is
// deployed, or DefaultStack.
func (s *Session) ChooseStack() error {
	s.Stack = DefaultStack
	i, err := instance.Load(s.Root(), s.Name)
	if s.Command == "up" || errors.Is(err, instance.ErrAbsent) {
		return nil
	}
	if err != nil {
		return err
	}
	deployed, err := s.deployed(i)
	if len(deployed) == 1 {
		s.Stack = deployed[0]
	}
	return err
}

// deployed are the stacks of the sandbox that have resources.
func (s *Session) deployed(i *instance.Instance) (stacks []string, err error) {
	for _, stack := range i.Stacks() {
		is, err := deploy.Deployed(i.StackDir(stack), stack)
		if err != nil {
			return nil, err
		}
		if is {
			stacks = append(stacks, stack)
		}
	}
	return stacks, nil
}

// Line is the command line that runs a target of the Makefile for this sandbox, to be copied.
func (s *Session) Line(target string) string {
	line := "make " + target
	if s.Stack != DefaultStack && !slices.Contains(shared, target) {
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

// loadStack is load for a command on a stack, which the sandbox must have.
func (s *Session) loadStack() (*instance.Instance, error) {
	i, err := s.load()
	if err == nil && !i.Has(s.Stack) {
		return nil, fmt.Errorf("instance %s has no stack %s: `%s` brings it up", s.Name, s.Stack, s.Line("up"))
	}
	return i, err
}
