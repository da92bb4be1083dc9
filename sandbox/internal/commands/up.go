package commands

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"dagster-ecs/internal/plan"
	"dagster-ecs/sandbox/internal/deploy"
	"dagster-ecs/sandbox/internal/engine"
	"dagster-ecs/sandbox/internal/instance"
)

// Up deploys the stack and waits until its Dagster answers. Called again it deploys what has changed; after an
// interruption it goes on.
func (s *Session) Up(ctx context.Context) (changes plan.Changes, err error) {
	if changes, err = s.Deploy(ctx); err != nil {
		return nil, err
	}
	i, err := s.load()
	if err != nil {
		return nil, err
	}
	if err := s.awaitDagster(ctx, i); err != nil {
		return nil, err
	}
	fmt.Fprintf(s.Out, `
Dagster %s is up (%s).
  UI            %s
  start a run   %-16s or "Launchpad" in the UI
  look around   %-16s aws, psql and pulumi work there
  take it down  %s
`, s.Stack, changes, i.UI(s.Stack), s.Line("demo"), s.Line("shell"), s.takeDown(i))
	return changes, nil
}

// takeDown is the way to be rid of the stack, which leaves other stacks of the sandbox alone.
func (s *Session) takeDown(i *instance.Instance) string {
	others := s.others(i)
	if len(others) == 0 {
		return s.Line("down")
	}
	return fmt.Sprintf("%s, or %s with %s", s.Line("destroy"), s.Line("down"), strings.Join(others, ", "))
}

// Deploy deploys the stack and does not wait for its Dagster.
func (s *Session) Deploy(ctx context.Context) (changes plan.Changes, err error) {
	err = s.locked(ctx, func() error {
		changes, err = s.deploy(ctx)
		return err
	})
	return changes, err
}

func (s *Session) deploy(ctx context.Context) (plan.Changes, error) {
	r, err := s.prepare(ctx, codeBuilt)
	if err != nil {
		return nil, err
	}
	if err := s.leaveCluster(ctx, r); err != nil {
		return nil, err
	}
	changes, err := r.stack.Up(ctx)
	if errors.Is(err, deploy.ErrUnrecorded) {
		if err := s.empty(ctx, r.instance, err); err != nil {
			return nil, err
		}
		if r, err = s.prepare(ctx, codeBuilt); err != nil {
			return nil, err
		}
		changes, err = r.stack.Up(ctx)
	}
	if err != nil {
		return nil, err
	}
	return changes, s.openWays(ctx, r)
}

// empty gives the stack an empty account in place of one with resources that nobody knows. A sandbox holds nothing that
// cannot be made again, but its other stacks are not this command's to take.
func (s *Session) empty(ctx context.Context, i *instance.Instance, unrecorded error) error {
	if others := s.others(i); len(others) > 0 {
		return fmt.Errorf("%w: `%s` takes the account with %s as well, then `%s` begins anew",
			unrecorded, s.Line("down"), strings.Join(others, ", "), s.Line("up"))
	}
	s.Progress.Note("%v: starting from an empty account", unrecorded)
	return s.remove(ctx)
}

// Form is how a preview is told.
type Form int

// The forms.
const (
	// Summary names what changes of what exists.
	Summary Form = iota
	// Full is what Pulumi prints, with every property.
	Full
	// Comment is Markdown for a pull request.
	Comment
)

// Preview prints what Up would change. With nothing deployed it needs the emulated AWS and nothing else.
func (s *Session) Preview(ctx context.Context, form Form) (changes plan.Changes, err error) {
	err = s.onStack(ctx, codeName, func(stack *deploy.Stack) error {
		found, err := stack.Preview(ctx)
		if err != nil {
			return err
		}
		changes = found.Changes
		switch form {
		case Full:
			fmt.Fprint(s.Out, found.Console)
		case Comment:
			fmt.Fprint(s.Out, found.Comment(s.Stack, plan.CommentLimit))
		default:
			fmt.Fprint(s.Out, found.Summary())
			if !changes.None() {
				fmt.Fprintf(s.Out, "`%s` prints every property\n", s.Line("preview FULL=1"))
			}
		}
		return nil
	})
	return changes, err
}

// Destroy deletes the stack's resources and keeps the sandbox, as `pulumi destroy` does with an account.
func (s *Session) Destroy(ctx context.Context) (changes plan.Changes, err error) {
	i, err := s.loadStack()
	if err != nil {
		return nil, err
	}
	err = s.onStack(ctx, noCode, func(stack *deploy.Stack) error {
		if err := stack.MayDestroy(ctx); err != nil {
			return err
		}
		if err := s.closeWays(ctx, i); err != nil {
			return err
		}
		changes, err = stack.Destroy(ctx)
		return err
	})
	return changes, err
}

// Outputs answers the stack's outputs as of its last deployment.
func (s *Session) Outputs(ctx context.Context) (map[string]any, error) {
	i, err := s.loadStack()
	if err != nil {
		return nil, err
	}
	record, err := deploy.LoadRecord(ctx, i.StackDir(s.Stack), s.Stack, i.Passphrase)
	return record.Outputs, err
}

// Resources answers what the state knows.
func (s *Session) Resources(ctx context.Context) (resources []apitype.ResourceV3, err error) {
	err = s.onStack(ctx, noCode, func(stack *deploy.Stack) (err error) {
		resources, err = stack.Resources()
		return err
	})
	return resources, err
}

// Down removes the sandbox whole: containers, volumes, networks and its folder. The cache folder stays. Without such a
// sandbox there is nothing to do.
func (s *Session) Down(ctx context.Context) error {
	if _, err := s.load(); errors.Is(err, instance.ErrAbsent) {
		s.Progress.Note("there is no sandbox %s to take down", s.Name)
		return nil
	}
	return s.locked(ctx, func() error { return s.remove(ctx) })
}

func (s *Session) remove(ctx context.Context) (err error) {
	end := s.Progress.Step("take the sandbox " + s.Name + " down")
	defer func() { end(err) }()
	i, err := s.load()
	if errors.Is(err, instance.ErrAbsent) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := endTunnels(ctx, i, i.Stacks()...); err != nil {
		return err
	}
	for _, stack := range i.Stacks() {
		if err := deploy.EndOrphans(ctx, i.StackDir(stack), s.Progress); err != nil {
			return err
		}
	}
	e, err := s.Attach(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(e.Remove(ctx), s.images(e.Engine).PruneCode(ctx)); err != nil {
		return err
	}
	if err := e.Engine.Close(); err != nil {
		return fmt.Errorf("stop the engine's service: %w", err)
	}
	return i.Forget()
}

// Remains lists what the container engine still has of the sandbox.
func (s *Session) Remains(ctx context.Context) ([]string, error) {
	e, err := engine.Attach(ctx, s.Root(), s.Cache)
	if err != nil {
		return nil, err
	}
	return e.Labeled(ctx, engine.InstanceLabel+"="+instance.ID(s.Root(), s.Name))
}
