// Package mutants has the mistakes that the sandbox must notice (mutants.yaml): it makes those that are changes of the
// program and looks whether they are noticed, and writes the table of all for docs/sandbox.md. Those that are calls of
// AWS's API are made by sandbox/cloud/tests/mutants.
package mutants

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"dagster-ecs/sandbox/internal/commands"
)

//go:embed mutants.yaml
var data []byte

// mutant is a mistake and what must show it. mutants.yaml says what its parts mean.
type mutant struct {
	Name, Component string
	Shows           []string
}

// call is a mistake in a call of AWS's API, as far as the table tells of it.
type call struct {
	mutant   `yaml:",inline"`
	Call, Of string
}

// Patch is a mistake in the program.
type Patch struct{ patch }

type patch struct {
	mutant              `yaml:",inline"`
	At, File, Find, Put string
	Sample              bool
}

// Set is all mutants.
type Set struct {
	calls   []call
	patches []Patch
}

// Load reads the mutants, and refuses those that nobody could make or notice.
func Load() (Set, error) {
	var file struct {
		Fixture map[string]call
		Calls   []call
		Patches []patch
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return Set{}, fmt.Errorf("read the mutants: %w", err)
	}
	var set Set
	var problems []error
	seen := map[string]bool{}
	note := func(m mutant, whole bool) {
		if m.Name == "" || m.Component == "" || len(m.Shows) == 0 || !whole || seen[m.Name] {
			problems = append(problems, fmt.Errorf("the mutant %q lacks a part or has the name of another", m.Name))
		}
		seen[m.Name] = true
	}
	for _, each := range file.Calls {
		if each.Of != "" {
			each.Call = file.Fixture[each.Of].Call
		}
		note(each.mutant, each.Call != "")
		set.calls = append(set.calls, each)
	}
	for _, each := range file.Patches {
		note(each.mutant, each.At != "" && each.Find != each.Put)
		set.patches = append(set.patches, Patch{each})
	}
	return set, errors.Join(problems...)
}

// Named are the patches whose names have the words. Words that no mutant has are refused, calls included.
func (s Set) Named(words string) ([]Patch, error) {
	patches := s.chosen(func(p Patch) bool { return strings.Contains(p.Name, words) })
	known := func(each call) bool { return strings.Contains(each.Name, words) }
	if len(patches) == 0 && !slices.ContainsFunc(s.calls, known) {
		return nil, fmt.Errorf("no mutant's name has the words %q", words)
	}
	return patches, nil
}

// Sample are the patches that are made in every run of the end-to-end tests.
func (s Set) Sample() []Patch { return s.chosen(func(p Patch) bool { return p.Sample }) }

func (s Set) chosen(wanted func(Patch) bool) []Patch {
	return slices.DeleteFunc(slices.Clone(s.patches), func(p Patch) bool { return !wanted(p) })
}

// String is the mistake in words.
func (p Patch) String() string { return p.Name }

// Deployed says that the mistake shows on a deployed stack only.
func (p Patch) Deployed() bool { return strings.HasPrefix(p.At, "make ") }

// Notice makes the mistake in the session's checkout and runs the command that must fail, with the words that it must
// say; otherwise it is an error. The checkout is as before then. The account is not: the next deployment mends it.
func (p Patch) Notice(ctx context.Context, s *commands.Session) error {
	undo, err := p.apply(s.Repo)
	if err != nil {
		return err
	}
	ctx, enough := context.WithCancel(ctx)
	defer enough()
	said := &ear{words: p.Shows, enough: enough}
	session := *s
	session.Out = said
	err = p.run(ctx, &session)
	if undone := undo(); undone != nil {
		return undone
	}
	if err == nil {
		return fmt.Errorf("%s: %s takes it", p.Name, p.At)
	}
	fmt.Fprintln(said, err)
	if missing := said.missing(); len(missing) > 0 {
		return fmt.Errorf("%s: %s does not say %q, but\n%s", p.Name, p.At, missing, said.text.String())
	}
	return nil
}

// ear hears what a command says, and has it end once all the words are said: a run may wait for minutes after them.
type ear struct {
	words  []string
	enough func()
	text   bytes.Buffer
}

// Write hears.
func (e *ear) Write(text []byte) (int, error) {
	n, err := e.text.Write(text)
	if len(e.missing()) == 0 {
		e.enough()
	}
	return n, err
}

func (e *ear) missing() []string {
	said := e.text.String()
	return slices.DeleteFunc(slices.Clone(e.words), func(words string) bool { return strings.Contains(said, words) })
}

// apply makes the mistake in a checkout, and returns how to undo it. The text must be there exactly once.
func (p Patch) apply(checkout string) (undo func() error, err error) {
	path := filepath.Join(checkout, p.File)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("make the mutant %q: %w", p.Name, err)
	}
	if n := bytes.Count(text, []byte(p.Find)); n != 1 {
		return nil, fmt.Errorf("make the mutant %q: %s has %d times, want once: %s", p.Name, p.File, n, p.Find)
	}
	write := func(text []byte) error { return os.WriteFile(path, text, 0o644) }
	return func() error { return write(text) }, write(bytes.Replace(text, []byte(p.Find), []byte(p.Put), 1))
}

// run runs the command as a person would.
func (p Patch) run(ctx context.Context, s *commands.Session) (err error) {
	switch p.At {
	case "make preview":
		_, err = s.Preview(ctx, commands.Summary)
	case "make up":
		_, err = s.Up(ctx)
	case "make demo":
		if _, err = s.Up(ctx); err != nil {
			return fmt.Errorf("it was not deployed: %w", err)
		}
		err = s.Demo(ctx, commands.DemoJob)
	default:
		words := strings.Fields(p.At)
		test := exec.CommandContext(ctx, words[0], words[1:]...)
		test.Dir, test.Stdout, test.Stderr = s.Repo, s.Out, s.Out
		err = test.Run()
	}
	return err
}
