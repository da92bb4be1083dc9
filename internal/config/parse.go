package config

import (
	"reflect"
	"strings"

	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Source gives the raw settings.
type Source struct {
	// Get gives the text of a key as Pulumi stores it, JSON where the value is no plain text.
	Get func(key string) (raw string, ok bool)
	// IsSecret tells whether the key is stored encrypted.
	IsSecret func(key string) bool
	// Keys are all keys that are set, so that an unknown one can be refused. Nil: nobody knows.
	Keys []string
}

// Check judges settings beyond the rules, such as what is made from them. It is asked even where rules refused values, so
// that all problems come at once, and sees the default in place of each: a required text can be empty. Its error names the
// keys.
type Check func(Settings) error

// Parse reads the settings of a stack. The error, if any, joins every problem, those that checks find among them.
func Parse(source Source, stack string, checks ...Check) (Settings, error) {
	var profile Profile
	if raw, ok := source.Get(project + "profile"); ok {
		profile = Profile(raw)
	}
	settings, list := parse(source, stack, Defaults(profile), checks)
	if rules.Known(profile) != nil {
		// Nobody knows which defaults are meant: only what is wrong with those of either profile is told.
		other := Defaults(ProfileProd)
		other.Profile = profile
		_, found := parse(source, stack, other, checks)
		list = list.Common(found)
	}
	if err := list.Err(); err != nil {
		return Settings{}, err
	}
	return settings, nil
}

// parse reads and judges the settings. What could not be read keeps its default, so that the rest can be judged all the
// same.
func parse(source Source, stack string, defaults Settings, checks []Check) (Settings, *problems.List) {
	list := &problems.List{}
	settings := defaults
	settings.Stack = stack
	decode(source, &settings, list)
	list.Extend(settings.validate())
	judged := settings
	for _, path := range list.Paths() {
		restore(&judged, &defaults, path)
	}
	for _, check := range checks {
		list.Take("", check(judged))
	}
	return settings, list
}

// restore sets the field at a path back to its default. Of a list and a map the whole is set back.
func restore(settings, defaults *Settings, path string) {
	into, from := reflect.ValueOf(settings).Elem(), reflect.ValueOf(defaults).Elem()
	for _, each := range topLevels {
		if rest, found := strings.CutPrefix(path, each.Key); found && (rest == "" || strings.ContainsAny(rest[:1], ".[")) {
			restoreField(each.of(into), each.of(from), strings.TrimPrefix(rest, "."))
		}
	}
}

func restoreField(into, from reflect.Value, path string) {
	name, rest, _ := strings.Cut(path, ".")
	name, _, _ = strings.Cut(name, "[")
	if into.Kind() != reflect.Struct || name == "" {
		into.Set(from)
		return
	}
	for i := range into.NumField() { // an unknown key has no field and leaves the others alone
		if into.Type().Field(i).Tag.Get(Tag) == name {
			restoreField(into.Field(i), from.Field(i), rest)
		}
	}
}
