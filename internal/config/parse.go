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
	// plainSecrets are the texts that the stack's file shows among its secrets, by key and name. Nil: nobody knows.
	plainSecrets map[string]map[string]string
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
	settings, list := parse(source, stack, defaultsIn(source, profile), checks)
	if rules.Known(profile) != nil {
		// Nobody knows which defaults are meant: only what is wrong with those of either profile is told.
		other := defaultsIn(source, ProfileProd)
		other.Profile = profile
		_, found := parse(source, stack, other, checks)
		list = list.Common(found)
	}
	if err := list.Err(); err != nil {
		return Settings{}, err
	}
	return settings, nil
}

// defaultsIn are the defaults of a profile in the region of the stack.
func defaultsIn(source Source, profile Profile) Settings {
	defaults := Defaults(profile)
	if region, ok := source.Get("aws:region"); ok && !rules.HasDeploymentAlarms(region) {
		defaults.Monitoring.Rollback = false
	}
	return defaults
}

// parse reads and judges the settings. What could not be read keeps its default, so that the rest can be judged all the
// same; it is not judged itself.
func parse(source Source, stack string, defaults Settings, checks []Check) (Settings, *problems.List) {
	d := &decoder{List: &problems.List{}, source: source, given: map[string]bool{}}
	settings := defaults
	settings.Stack = stack
	d.decode(&settings)
	d.refuseUseless(settings)
	d.Settle()
	settings.validate(d.List)
	judged := settings
	for _, path := range d.Paths() {
		restore(&judged, defaults, path)
	}
	for _, check := range checks {
		d.Take("", check(judged))
	}
	return settings, d.List
}

// restore sets the field at a path back to its default; of a list the whole. A variable is taken out of its map.
func restore(settings *Settings, defaults Settings, path string) {
	into := find(reflect.ValueOf(settings).Elem(), path)
	if !into.IsValid() {
		return
	}
	name := path[strings.LastIndex(path, ".")+1:]
	if into.Kind() == reflect.Map && into.MapIndex(reflect.ValueOf(name)).IsValid() {
		rest := reflect.MakeMap(into.Type())
		for _, each := range into.MapKeys() {
			if each.String() != name {
				rest.SetMapIndex(each, into.MapIndex(each))
			}
		}
		into.Set(rest)
		return
	}
	into.Set(find(reflect.ValueOf(defaults), path))
}
