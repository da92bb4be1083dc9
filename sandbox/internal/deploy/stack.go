// Package deploy runs the repository's Pulumi program against a sandbox, with the real engine and the real providers,
// through Pulumi's Automation API. It is what `pulumi up` does for people with an account, with the state in a folder.
package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"dagster-ecs/sandbox/internal/progress"
	"dagster-ecs/sandbox/internal/tools"
)

// Options say what is deployed and where its state lies.
type Options struct {
	// Repo is the repository's root, with Pulumi.yaml and the stack files.
	Repo string
	// Dir is the folder that keeps the sandbox's copies of those files and the state.
	Dir string
	// Stack is the name of the stack: Pulumi.<Stack>.yaml must exist.
	Stack string
	// Program is the compiled Pulumi program.
	Program string
	// Home is the folder that Pulumi keeps its plugins in.
	Home string
	// Passphrase encrypts the secrets in the state.
	Passphrase string
	// Env is added to the environment of the engine, the providers and the program.
	Env map[string]string
	// Set overrides settings of the stack file by their path, such as `dagster:runs.maxConcurrent`.
	Set map[string]string
}

// Stack is one deployment. It is not safe for concurrent use: Pulumi locks its state.
type Stack struct {
	stack    auto.Stack
	mark     mark
	progress *progress.Reporter
}

// Changes counts the operations of an update or preview by kind: create, update, delete, replace, same.
type Changes map[string]int

// None says whether everything stayed the same.
func (c Changes) None() bool {
	for op, n := range c {
		if op != string(apitype.OpSame) && n > 0 {
			return false
		}
	}
	return true
}

func (c Changes) String() string {
	var ops []string
	for op := range c {
		ops = append(ops, op)
	}
	sort.Strings(ops)
	text := ""
	for _, op := range ops {
		text += fmt.Sprintf(" %d %s", c[op], op)
	}
	return "resources:" + text
}

// backendVariable is Pulumi's, and names where the state lies.
const backendVariable = "PULUMI_BACKEND_URL"

func stateFolder(dir string) string { return filepath.Join(dir, "state") }

func backendURL(dir string) string { return "file://" + stateFolder(dir) }

// Open prepares the stack's files and its state, and ends what a killed update left behind, processes and lock: callers
// hold the sandbox's own lock, so no other update runs.
func Open(ctx context.Context, o Options, p *progress.Reporter) (*Stack, error) {
	work := filepath.Join(o.Dir, "stack")
	if err := prepareWorkDir(o.Repo, work, o.Stack, o.Program); err != nil {
		return nil, err
	}
	if err := EndOrphans(ctx, o.Dir, p); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(stateFolder(o.Dir), 0o700); err != nil {
		return nil, fmt.Errorf("create the folder of the state: %w", err)
	}
	env := map[string]string{
		backendVariable:            backendURL(o.Dir),
		"PULUMI_CONFIG_PASSPHRASE": o.Passphrase,
		tools.ProgramVariable:      o.Program,
		"PULUMI_SKIP_UPDATE_CHECK": "true",
	}
	for key, value := range o.Env {
		env[key] = value
	}
	command, err := newCLI()
	if err != nil {
		return nil, err
	}
	stack, err := auto.UpsertStackLocalSource(ctx, o.Stack, work, auto.Pulumi(command),
		auto.EnvVars(env), auto.PulumiHome(o.Home), auto.SecretsProvider("passphrase"))
	if err != nil {
		return nil, fmt.Errorf("open the stack %s: %w", o.Stack, err)
	}
	for path, value := range o.Set {
		if err := stack.SetConfigWithOptions(ctx, path, auto.ConfigValue{Value: value}, &auto.ConfigOptions{Path: true}); err != nil {
			return nil, fmt.Errorf("set %s of the stack %s: %w", path, o.Stack, err)
		}
	}
	if err := releaseLock(ctx, stack, stateFolder(o.Dir)); err != nil {
		return nil, err
	}
	return &Stack{stack, markIn(o.Dir), p}, nil
}

// releaseLock removes the lock of an update that was killed; Pulumi refuses to cancel where there is none.
func releaseLock(ctx context.Context, stack auto.Stack, state string) error {
	locks, err := filepath.Glob(filepath.Join(state, ".pulumi", "locks", "*", "*", "*", "*.json"))
	if err != nil {
		return fmt.Errorf("look for a lock of the state: %w", err)
	}
	if len(locks) == 0 {
		return nil
	}
	if err := stack.Cancel(ctx); err != nil {
		return fmt.Errorf("release the lock that an interrupted update left: %w", err)
	}
	return nil
}

// Up deploys. The error of a failed deployment holds what the engine and the providers said, one problem a line. It is
// ErrUnrecorded when what an interrupted update left is in the way.
func (s *Stack) Up(ctx context.Context) (Changes, error) {
	state, err := s.export(ctx)
	if err != nil {
		return nil, err
	}
	if state.creating() {
		return nil, ErrUnrecorded
	}
	interrupted, err := s.mark.set()
	if err != nil {
		return nil, err
	}
	w := watch(s.progress, "deploy")
	result, err := s.stack.Up(ctx, optup.EventStreams(w.events), optup.SuppressProgress(), optup.SuppressOutputs())
	if err != nil {
		err = w.failure("deploy the stack "+s.stack.Name(), err)
		switch {
		case ctx.Err() != nil:
			return nil, err
		case !interrupted:
			return nil, errors.Join(err, s.mark.clear())
		case takenName.MatchString(err.Error()):
			return nil, fmt.Errorf("%w: %w", ErrUnrecorded, err)
		}
		return nil, err
	}
	w.succeed()
	return summary(result.Summary.ResourceChanges), s.mark.clear()
}

// Preview tells what Up would change, touching nothing. Diffs are written to the progress.
func (s *Stack) Preview(ctx context.Context) (Changes, string, error) {
	w := watch(s.progress, "preview")
	result, err := s.stack.Preview(ctx, optpreview.EventStreams(w.events), optpreview.Diff(), optpreview.SuppressProgress())
	if err != nil {
		return nil, "", w.failure("preview the stack "+s.stack.Name(), err)
	}
	w.succeed()
	changes := Changes{}
	for op, n := range result.ChangeSummary {
		changes[string(op)] = n
	}
	return changes, result.StdOut, nil
}

// Destroy deletes every resource; a protected one is refused, with its name, and nothing is deleted.
func (s *Stack) Destroy(ctx context.Context) (Changes, error) {
	// Without a preview the engine would delete until it meets the first protected resource.
	if _, err := s.stack.PreviewDestroy(ctx, optdestroy.SuppressProgress()); err != nil {
		return nil, fmt.Errorf("destroy the stack %s: %w", s.stack.Name(), errors.Join(errorLines(err)...))
	}
	w := watch(s.progress, "destroy")
	result, err := s.stack.Destroy(ctx, optdestroy.EventStreams(w.events), optdestroy.SuppressProgress())
	if err != nil {
		return nil, w.failure("destroy the stack "+s.stack.Name(), err)
	}
	w.succeed()
	return summary(result.Summary.ResourceChanges), nil
}

// Resource is what the state keeps of one resource.
type Resource struct {
	URN     string         `json:"urn"`
	Type    string         `json:"type"`
	Custom  bool           `json:"custom"`
	ID      string         `json:"id"`
	Protect bool           `json:"protect"`
	Inputs  map[string]any `json:"inputs"`
	Outputs map[string]any `json:"outputs"`
}

// deployment is the state as Pulumi exports it.
type deployment struct {
	Resources []Resource `json:"resources"`
	Pending   []struct {
		Type string `json:"type"`
	} `json:"pending_operations"`
}

// creating says whether a killed update was creating resources: those may exist and be unknown to the state.
func (d deployment) creating() bool {
	for _, operation := range d.Pending {
		if operation.Type == string(apitype.OperationTypeCreating) {
			return true
		}
	}
	return false
}

// Resources answers the state's resources, secrets in plain text.
func (s *Stack) Resources(ctx context.Context) ([]Resource, error) {
	d, err := s.export(ctx)
	return d.Resources, err
}

func (s *Stack) export(ctx context.Context) (d deployment, err error) {
	export, err := s.stack.Workspace().ExportStack(ctx, s.stack.Name())
	if err != nil {
		return d, fmt.Errorf("export the state of the stack %s: %w", s.stack.Name(), err)
	}
	if len(export.Deployment) == 0 {
		return d, nil
	}
	if err := json.Unmarshal(export.Deployment, &d); err != nil {
		return d, fmt.Errorf("decode the state of the stack %s: %w", s.stack.Name(), err)
	}
	return d, nil
}

func summary(changes *map[string]int) Changes {
	if changes == nil {
		return Changes{}
	}
	return *changes
}

type eventStream = chan events.EngineEvent
