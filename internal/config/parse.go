package config

import (
	"errors"

	"dagster-ecs/internal/problems"
)

// Source gives the raw settings.
type Source struct {
	// Get gives the text of a key as Pulumi stores it, JSON where the value is no plain text.
	Get func(key string) (raw string, ok bool)
	// IsSecret tells whether the key is stored encrypted.
	IsSecret func(key string) bool
	// Keys are all keys that are set, so that one that is no setting can be refused. Nil: nobody knows.
	Keys []string
}

// Parse reads the settings of a stack. The error, if any, joins every problem.
func Parse(source Source, stack string) (Settings, error) {
	var list problems.List
	profile := Profile("")
	if raw, ok := source.Get(project + "profile"); ok {
		profile = Profile(raw)
	}
	settings := Defaults(profile)
	settings.Stack = stack
	decode(source, &settings, &list)
	// What could not be read keeps its default, so that the rest can be judged all the same.
	if err := errors.Join(list.Err(), settings.validate()); err != nil {
		return Settings{}, err
	}
	return settings, nil
}
