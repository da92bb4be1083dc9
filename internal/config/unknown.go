package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"dagster-ecs/internal/problems"
)

// unknownTopLevel refuses a key of a stack's file that nobody reads; nil for the engine's own and for those that Settings
// has. Default providers are off, so keys for providers have no effect either.
func unknownTopLevel(key string) error {
	known := keys()
	namespace, name, _ := strings.Cut(key, ":")
	switch namespace + ":" {
	case "pulumi:":
		return nil
	case project:
		if slices.Contains(known, key) {
			return nil
		}
		return unknown(key, known)
	case "aws:":
		if slices.Contains(known, key) {
			return nil
		}
		return errors.New("has no effect: the program sets up its providers itself, with aws:region and with the credentials " +
			"of the environment, such as AWS_PROFILE")
	}
	if ours := project + name; slices.Contains(known, ours) {
		return fmt.Errorf("is read by nobody; %s is the setting", ours)
	}
	return fmt.Errorf("is read by nobody; keys that begin with %s are, and aws:region", project)
}

// unknown refuses a name that is not among the known ones. It tells one that looks like it or stands elsewhere, or else all.
func unknown(name string, known []string) error {
	slips := max(1, min(2, len(name)/3)) // letters that are wrong, missing or too many
	for _, each := range known {
		if levenshtein.Distance(strings.ToLower(name), strings.ToLower(each), nil) <= slips {
			return fmt.Errorf("is unknown; did you mean %s?", each)
		}
	}
	last := strings.ToLower(name[strings.LastIndexAny(name, ":.")+1:])
	for _, path := range paths() {
		if strings.HasSuffix(strings.ToLower(path), "."+last) {
			return fmt.Errorf("is unknown; did you mean %s?", path)
		}
	}
	return fmt.Errorf("is unknown; %s", problems.Allowed(known...))
}
