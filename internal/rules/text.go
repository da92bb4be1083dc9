package rules

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// errRequired answers an empty value that must be given.
var errRequired = errors.New("is required")

func isLower(r rune) bool { return r >= 'a' && r <= 'z' }

func isUpper(r rune) bool { return r >= 'A' && r <= 'Z' }

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isLetter(r rune) bool { return isLower(r) || isUpper(r) }

// isLowerOrDigit is what most names in AWS begin and end with.
func isLowerOrDigit(r rune) bool { return isLower(r) || isDigit(r) }

// isHex is a digit of AWS's ids.
func isHex(r rune) bool { return isDigit(r) || r >= 'a' && r <= 'f' }

// or widens a set of characters by some more.
func or(set func(rune) bool, more string) func(rune) bool {
	return func(r rune) bool { return set(r) || strings.ContainsRune(more, r) }
}

// stray describes the first character outside of the allowed set; empty when there is none.
func stray(value string, allowed func(rune) bool) string {
	for _, r := range value {
		switch {
		case allowed(r):
		case isUpper(r):
			return "has upper case"
		case unicode.IsSpace(r):
			return "has white space"
		default:
			return fmt.Sprintf("has %q", r)
		}
	}
	return ""
}

// length describes a number of characters outside of shortest and longest; empty when it is inside.
func length(value string, shortest, longest int) string {
	characters := utf8.RuneCountInString(value)
	if characters >= shortest && characters <= longest {
		return ""
	}
	unit := "characters"
	if characters == 1 {
		unit = "character"
	}
	return fmt.Sprintf("has %d %s; %d to %d are allowed", characters, unit, shortest, longest)
}

// hyphened is the rule of names that every service takes: lower-case letters, digits and single hyphens, a letter first,
// no hyphen last.
func hyphened(value string, shortest, longest int) error {
	const allowed = "lower-case letters, digits and single hyphens are allowed"
	if value == "" {
		return errRequired
	}
	wrong := length(value, shortest, longest)
	if found := stray(value, or(isLowerOrDigit, "-")); found != "" {
		wrong = found + "; " + allowed
	} else if !isLower(rune(value[0])) {
		wrong = fmt.Sprintf("begins with %q; a lower-case letter comes first", value[0])
	} else if strings.HasSuffix(value, "-") {
		wrong = "ends with a hyphen; a letter or a digit comes last"
	} else if strings.Contains(value, "--") {
		wrong = "has two hyphens in a row; " + allowed
	}
	return refuse(value, wrong)
}

// plain is the rule of names of which only length and characters matter.
func plain(value string, longest int, set func(rune) bool, allowed string) error {
	if value == "" {
		return errRequired
	}
	if found := stray(value, set); found != "" {
		return refuse(value, found+"; "+allowed)
	}
	return refuse(value, length(value, 1, longest))
}

// refuse gives the error for a text; nil when nothing is wrong.
func refuse(value, wrong string) error {
	if wrong == "" {
		return nil
	}
	return fmt.Errorf("%q: %s", value, wrong)
}
