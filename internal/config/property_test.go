package config

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"dagster-ecs/internal/problems"
)

// odd are values that people and YAML put where something else belongs.
var odd = []any{
	nil, true, false, 0, 1, -1, 7, 512, 8192, 999999, math.MaxInt32, math.MaxInt64, 1e300, 0.5,
	"", " ", "~", "yes", "off", "1e3", "10:00", "0x10", "1_000", "-", "a", "A", "ä", "a b", "a/", "/", "a\x00", "5 GiB", "30d",
	"2024-01-01 00:00:00 +0000 UTC", "${HOME}", "{{ x }}", "null", "0.0.0.0/0", strings.Repeat("x", 300),
	[]any{}, []any{""}, []any{nil}, []any{"a", "a"}, []any{1, "a"}, values{}, values{"a": "b"}, values{"": values{}},
}

// around builds the value of a top-level key around a value at a path.
func around(path string, value any) values {
	for _, top := range topLevels {
		rest, found := strings.CutPrefix(path, top.Key)
		if !found || rest != "" && rest[0] != '.' {
			continue
		}
		names := strings.Split(rest, ".")[1:]
		for i := len(names) - 1; i >= 0; i-- {
			value = values{names[i]: value}
		}
		return values{top.Key: value}
	}
	return nil
}

// merged adds to objects rather than replacing them.
func merged(base, more values) values {
	all := base.with(nil)
	for key, value := range more {
		inner, object := value.(values)
		if old, there := all[key].(values); there && object {
			value = old.with(inner)
		}
		all[key] = value
	}
	return all
}

func TestAWrongValueIsAnsweredAtItsOwnKeyAndNowhereElse(t *testing.T) {
	for _, profile := range []Profile{ProfileDev, ProfileProd} {
		base := least(profile)
		for _, path := range append(keys(), paths()...) {
			for _, value := range odd {
				given := merged(base, around(path, value))
				if _, name, _ := strings.Cut(path, "network."); name == "vpcId" || strings.HasSuffix(name, "SubnetIds") {
					given = merged(base, existing(values{name: value})) // they need each other
				}
				_, err := Parse(given.source(), "one")
				var joined interface{ Unwrap() []error }
				if !errors.As(err, &joined) {
					continue
				}
				var list, own problems.List
				list.Take("", err)
				for _, found := range list.Paths() {
					own.Check(strings.HasPrefix(found, path), found, "stray")
				}
				if stray := own.Paths(); len(stray) > 0 && len(stray) < len(list.Paths()) {
					t.Errorf("%s %s = %#v is answered elsewhere as well:\n%v", profile, path, value, err)
				}
			}
		}
	}
}

func TestSettingsOfOtherTypesAreRefused(t *testing.T) {
	of := map[reflect.Kind][]any{
		reflect.Bool:   {nil, 1, "yes", "True", "on", []any{}, values{}, 0.5},
		reflect.Int:    {nil, true, "1", "5 GiB", []any{}, values{}, 0.5, 1e300},
		reflect.Slice:  {nil, true, 1, "a", values{}},
		reflect.Struct: {nil, true, 1, "a", []any{}},
		reflect.Map:    {nil, true, 1, "a", []any{}},
	}
	for _, path := range append(keys(), paths()...) {
		kind := find(reflect.ValueOf(Settings{}), path).Kind()
		for _, value := range of[kind] {
			_, err := Parse(merged(least(ProfileDev), around(path, value)).source(), "one")
			if err == nil || !strings.HasPrefix(err.Error(), path+": ") {
				t.Errorf("%s = %#v: got %v", path, value, err)
			}
		}
	}
}
