// Package problems collects everything that is wrong with a value, so that whoever wrote it is told all at once and not
// one mistake per try.
package problems

import (
	"errors"
	"fmt"
	"strings"
)

// List gathers problems, each under the path of the field it is about. The zero value is empty and ready to use.
type List struct {
	errs []error
}

// Addf notes a problem of the field at path: `path: message`. An empty path leaves the message alone.
func (l *List) Addf(path, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if path != "" {
		message = path + ": " + message
	}
	l.errs = append(l.errs, errors.New(message))
}

// Check notes a problem of the field at path unless ok.
func (l *List) Check(ok bool, path, format string, args ...any) {
	if !ok {
		l.Addf(path, format, args...)
	}
}

// Required notes a problem where a text that must be given is empty.
func (l *List) Required(path, value string) {
	l.Check(value != "", path, "is required")
}

// OneOf notes a problem unless value is among the allowed ones, which the message lists.
func (l *List) OneOf(path, value string, allowed ...string) {
	for _, a := range allowed {
		if value == a {
			return
		}
	}
	l.Addf(path, "%q is not one of %s", value, strings.Join(allowed, ", "))
}

// Between notes a problem unless low <= value <= high.
func (l *List) Between(path string, value, low, high int) {
	l.Check(value >= low && value <= high, path, "%d is not between %d and %d", value, low, high)
}

// Nest takes over the problems of a part, each with prefix and a dot before its path. A nil error adds none.
func (l *List) Nest(prefix string, err error) {
	if err == nil {
		return
	}
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		for _, e := range joined.Unwrap() {
			l.errs = append(l.errs, fmt.Errorf("%s.%w", prefix, e))
		}
		return
	}
	l.errs = append(l.errs, fmt.Errorf("%s.%w", prefix, err))
}

// Err joins the problems in the order they were noted; nil when there are none.
func (l *List) Err() error {
	return errors.Join(l.errs...)
}
