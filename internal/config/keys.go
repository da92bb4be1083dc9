package config

import (
	"reflect"
	"strings"
)

// project begins the keys of the program's own settings.
const project = "dagster:"

const (
	// Tag is the tag of a field in which its key stands; "-" where it is no setting.
	Tag = "setting"
	// requiredTag marks a field without which an object is refused.
	requiredTag = "required"
)

// TopLevel is a key that a stack's file may hold, with its field of Settings.
type TopLevel struct {
	// Key is the whole key, such as dagster:webserver.
	Key string
	// Field is the field of Settings.
	Field reflect.StructField
}

// of gives the field of settings.
func (t TopLevel) of(settings reflect.Value) reflect.Value {
	return settings.FieldByIndex(t.Field.Index)
}

// topLevels are read once from the tags of Settings.
var topLevels = func() []TopLevel {
	var all []TopLevel
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Settings]()) {
		key := field.Tag.Get(Tag)
		if key == "-" {
			continue
		}
		if !strings.Contains(key, ":") {
			key = project + key
		}
		all = append(all, TopLevel{Key: key, Field: field})
	}
	return all
}()

var (
	secretType  = reflect.TypeFor[Secret]()
	secretsType = reflect.TypeFor[map[string]Secret]()
)

// secretKeys are the keys whose values are stored encrypted, and no others.
var secretKeys = func() (keys []string) {
	for _, each := range topLevels {
		if each.Field.Type == secretsType {
			keys = append(keys, each.Key)
		}
	}
	return keys
}()

// TopLevels are the keys that a stack's file may hold for this program, in the order of Settings.
func TopLevels() []TopLevel { return topLevels }

// keys are the names of TopLevels.
func keys() []string {
	keys := make([]string, len(topLevels))
	for i, each := range topLevels {
		keys[i] = each.Key
	}
	return keys
}

// paths are the paths of all settings within objects, such as dagster:runs.cpu.
func paths() []string {
	var all []string
	var walk func(path string, kind reflect.Type)
	walk = func(path string, kind reflect.Type) {
		if kind.Kind() != reflect.Struct {
			return
		}
		for i := range kind.NumField() {
			inner := path + "." + kind.Field(i).Tag.Get(Tag)
			all = append(all, inner)
			walk(inner, kind.Field(i).Type)
		}
	}
	for _, each := range topLevels {
		walk(each.Key, each.Field.Type)
	}
	return all
}

// find gives the field of settings at a path; of a list or a map the whole. It is not valid where no setting is.
func find(settings reflect.Value, path string) reflect.Value {
	for _, each := range topLevels {
		if rest, found := strings.CutPrefix(path, each.Key); found && (rest == "" || strings.ContainsAny(rest[:1], ".[")) {
			return within(each.of(settings), strings.TrimPrefix(rest, "."))
		}
	}
	return reflect.Value{}
}

func within(field reflect.Value, path string) reflect.Value {
	if field.Kind() != reflect.Struct || path == "" {
		return field
	}
	name, rest, _ := strings.Cut(path, ".")
	name, _, _ = strings.Cut(name, "[")
	for i := range field.NumField() {
		if field.Type().Field(i).Tag.Get(Tag) == name {
			return within(field.Field(i), rest)
		}
	}
	return reflect.Value{}
}
