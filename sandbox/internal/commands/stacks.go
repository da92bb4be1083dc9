package commands

import (
	"errors"
	"fmt"
	"slices"

	"dagster-ecs/sandbox/internal/deploy"
	"dagster-ecs/sandbox/internal/instance"
)

// defaultStack is taken where none is named.
const defaultStack = "dev"

// ChooseStack names the stack where the person named none: for `up` it is defaultStack, for others the only stack that is
// deployed, or defaultStack.
func (s *Session) ChooseStack() error {
	s.Stack = defaultStack
	i, err := instance.Load(s.Root(), s.Name)
	if s.Command == "up" || errors.Is(err, instance.ErrAbsent) {
		return nil
	}
	if err != nil {
		return err
	}
	deployed, err := deployedIn(i)
	if len(deployed) == 1 {
		s.Stack = deployed[0]
	}
	return err
}

// deployedIn are the stacks of the sandbox that have resources.
func deployedIn(i *instance.Instance) (stacks []string, err error) {
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

// others are the other stacks of the sandbox.
func (s *Session) others(i *instance.Instance) []string {
	return slices.DeleteFunc(i.Stacks(), func(stack string) bool { return stack == s.Stack })
}

// loadStack is load for a command on a stack, which the sandbox must have.
func (s *Session) loadStack() (*instance.Instance, error) {
	i, err := s.load()
	if err == nil && !i.Has(s.Stack) {
		return nil, fmt.Errorf("instance %s has no stack %s: `%s` brings it up", s.Name, s.Stack, s.Line("up"))
	}
	return i, err
}
