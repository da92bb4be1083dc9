// Package problems collects everything that is wrong with a value, so that whoever wrote it is told all at once and not
// one mistake per try.
package problems

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// List gathers problems, each under the path of the field it is about. What was noted already is not noted again. The zero
// value is empty and ready to use.
type List struct {
	found []problem
	// settled are the paths of which nothing more is to be said.
	settled []string
}

// problem is one thing that is wrong, and where. An empty path means the whole value.
type problem struct {
	path string
	err  error
}

// Error gives `path: message`.
func (p problem) Error() string {
	if p.path == "" {
		return p.err.Error()
	}
	return p.path + ": " + p.err.Error()
}

// Unwrap gives the problem without its path.
func (p problem) Unwrap() error { return p.err }

// Addf notes a problem of the field at path.
func (l *List) Addf(path, format string, args ...any) {
	l.note(problem{path, fmt.Errorf(format, args...)})
}

// Check notes a problem of the field at path unless ok.
func (l *List) Check(ok bool, path, format string, args ...any) {
	if !ok {
		l.Addf(path, format, args...)
	}
}

// Take notes what a rule, or the validation of a part, answered about the field at path; nil adds nothing. Where the
// answer joins several problems each is noted, and paths of fields within the part follow after a dot, those of elements
// (`[1]`) without one.
func (l *List) Take(path string, err error) {
	if err == nil {
		return
	}
	switch answer := err.(type) { // not errors.As: what is wrapped in a sentence of its own is one problem
	case interface{ Unwrap() []error }:
		for _, each := range answer.Unwrap() {
			l.Take(path, each)
		}
	case problem:
		l.note(problem{join(path, answer.path), answer.err})
	default:
		l.note(problem{path, err})
	}
}

// Required notes a problem where a text that must be given is empty.
func (l *List) Required(path, value string) {
	l.Check(value != "", path, "is required")
}

// OneOf notes a problem unless value is among the allowed ones.
func (l *List) OneOf(path, value string, allowed ...string) {
	l.Take(path, OneOf(value, allowed...))
}

// Between notes a problem unless low <= value <= high.
func (l *List) Between(path string, value, low, high int) {
	l.Take(path, Between(value, low, high))
}

// Paths are the paths of the fields that have problems, in the order they were noted.
func (l *List) Paths() []string {
	paths := make([]string, len(l.found))
	for i, each := range l.found {
		paths[i] = each.path
	}
	return paths
}

// Settle ends what is to be said of the fields that have problems by now and of what lies within them: what could not be
// read is not judged as well.
func (l *List) Settle() { l.settled = l.Paths() }

// Sound tells whether none of the fields has a problem yet, neither itself nor in a part nor in what it is a part of. What
// fields must have in common is judged only where each is sound.
func (l *List) Sound(paths ...string) bool {
	return !slices.ContainsFunc(l.found, func(each problem) bool {
		return slices.ContainsFunc(paths, func(path string) bool { return within(path, each.path) || within(each.path, path) })
	})
}

// Common gives the problems that both lists have.
func (l *List) Common(other *List) *List {
	common := &List{}
	for _, each := range l.found {
		if other.has(each) {
			common.note(each)
		}
	}
	return common
}

// Err joins the problems in the order they were noted; nil when there are none.
func (l *List) Err() error {
	errs := make([]error, len(l.found))
	for i, each := range l.found {
		errs[i] = each
	}
	return errors.Join(errs...)
}

func (l *List) note(noted problem) {
	settled := slices.ContainsFunc(l.settled, func(path string) bool { return within(noted.path, path) })
	if !settled && !l.has(noted) {
		l.found = append(l.found, noted)
	}
}

func (l *List) has(wanted problem) bool {
	return slices.ContainsFunc(l.found, func(each problem) bool { return each.Error() == wanted.Error() })
}

// OneOf refuses a value that is not among the allowed ones, which the error lists.
func OneOf(value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	if value == "" {
		return errors.New("is required; " + Allowed(allowed...))
	}
	return fmt.Errorf("%q: unknown; %s", value, Allowed(allowed...))
}

// Between refuses a number outside of low and high.
func Between(value, low, high int) error {
	switch {
	case value < low:
		return fmt.Errorf("%d: too small; %d to %d is allowed", value, low, high)
	case value > high:
		return fmt.Errorf("%d: too large; %d to %d is allowed", value, low, high)
	}
	return nil
}

// Allowed lists what is allowed, for people: `a, b and c are allowed`.
func Allowed[T any](values ...T) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = fmt.Sprint(value)
	}
	last := len(texts) - 1
	switch len(texts) {
	case 0:
		return "nothing is allowed"
	case 1:
		return texts[0] + " is allowed"
	}
	return strings.Join(texts[:last], ", ") + " and " + texts[last] + " are allowed"
}

// join puts the path of a part before the path inside it.
func join(outer, inner string) string {
	if outer == "" || inner == "" || strings.HasPrefix(inner, "[") {
		return outer + inner
	}
	return outer + "." + inner
}

// within tells whether a path is another one or leads to a part of what that one leads to.
func within(path, whole string) bool {
	rest, found := strings.CutPrefix(path, whole)
	return found && (rest == "" || rest[0] == '.' || rest[0] == '[')
}
