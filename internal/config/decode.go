package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"dagster-ecs/internal/problems"
)

// project begins the keys of the program's own settings.
const project = "dagster:"

// tag is where a field's key stands.
const tag = "setting"

// emptyObject is the default of an object in the project file.
const emptyObject = "{}"

var (
	secretType  = reflect.TypeFor[Secret]()
	secretsType = reflect.TypeFor[map[string]Secret]()
)

// decode fills the settings from the source. A field that is not given keeps its default; an object is merged field by
// field, lists and maps are replaced whole.
func decode(source Source, settings *Settings, list *problems.List) {
	target := reflect.ValueOf(settings).Elem()
	known := Keys()
	for i, key := range known {
		if raw, ok := source.Get(key); ok {
			decodeKey(source, key, raw, target.FieldByIndex(topLevel[i]), list)
		}
	}
	for _, key := range slices.Sorted(slices.Values(source.Keys)) {
		ours := strings.HasPrefix(key, project)
		list.Check(!ours || slices.Contains(known, key), key, "is no setting; there are %s", strings.Join(known, ", "))
	}
}

// topLevel are the indices of the fields of Settings that are keys, in the order of Keys.
var topLevel = func() [][]int {
	var indices [][]int
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Settings]()) {
		if field.Tag.Get(tag) != "-" {
			indices = append(indices, field.Index)
		}
	}
	return indices
}()

// Keys are the keys that a stack's file may hold for this program, in the order of Settings.
func Keys() []string {
	keys := make([]string, 0, len(topLevel))
	for _, index := range topLevel {
		key := reflect.TypeFor[Settings]().FieldByIndex(index).Tag.Get(tag)
		if !strings.Contains(key, ":") {
			key = project + key
		}
		keys = append(keys, key)
	}
	return keys
}

// decodeKey reads the text of one key into its field. Of a key that is stored encrypted no value is shown.
func decodeKey(source Source, key, raw string, field reflect.Value, list *problems.List) {
	if field.Type() == secretsType && raw != emptyObject && !source.IsSecret(key) {
		list.Addf(key, "is plain text: set each with pulumi config set --secret --path '%s.NAME'", key)
		return
	}
	value, err := parse(field, raw)
	_, object := value.(map[string]any)
	switch {
	case source.IsSecret(key) && (err != nil || field.Type() != secretsType || !object):
		list.Check(field.Type() == secretsType, key, "is stored encrypted, which only dagster:secrets can be")
		list.Check(field.Type() != secretsType, key, "is no %s", describe(field.Type()))
	case err != nil:
		list.Addf(key, "%v", err)
	default:
		assign(key, field, value, list)
	}
}

// parse reads the text of a key: a text as it stands, all else as JSON.
func parse(field reflect.Value, raw string) (any, error) {
	if field.Kind() == reflect.String {
		return raw, nil
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(raw)))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil || decoder.More() {
		return nil, fmt.Errorf("%q is no %s", raw, describe(field.Type()))
	}
	return value, nil
}

// assign puts a value into a field and notes what does not fit.
func assign(key string, field reflect.Value, value any, list *problems.List) {
	if field.Type() == secretType {
		if text, ok := value.(string); ok {
			field.Set(reflect.ValueOf(NewSecret(text)))
			return
		}
		list.Addf(key, "is no text")
		return
	}
	switch given := value.(type) {
	case string:
		if field.Kind() == reflect.String {
			field.SetString(given)
			return
		}
	case bool:
		if field.Kind() == reflect.Bool {
			field.SetBool(given)
			return
		}
	case json.Number:
		if number, err := given.Int64(); err == nil && field.Kind() == reflect.Int {
			field.SetInt(number)
			return
		}
	case []any:
		if field.Kind() == reflect.Slice {
			assignList(key, field, given, list)
			return
		}
	case map[string]any:
		switch field.Kind() {
		case reflect.Struct:
			assignObject(key, field, given, list)
			return
		case reflect.Map:
			assignMap(key, field, given, list)
			return
		}
	}
	shown, _ := json.Marshal(value)
	list.Addf(key, "%s is no %s", shown, describe(field.Type()))
}

func assignList(key string, field reflect.Value, given []any, list *problems.List) {
	made := reflect.MakeSlice(field.Type(), len(given), len(given))
	for i, each := range given {
		assign(fmt.Sprintf("%s[%d]", key, i), made.Index(i), each, list)
	}
	field.Set(made)
}

func assignMap(key string, field reflect.Value, given map[string]any, list *problems.List) {
	made := reflect.MakeMap(field.Type())
	for _, name := range slices.Sorted(maps.Keys(given)) {
		value := reflect.New(field.Type().Elem()).Elem()
		assign(key+"."+name, value, given[name], list)
		made.SetMapIndex(reflect.ValueOf(name), value)
	}
	field.Set(made)
}

func assignObject(key string, field reflect.Value, given map[string]any, list *problems.List) {
	known := map[string]reflect.Value{}
	for i := range field.NumField() {
		known[field.Type().Field(i).Tag.Get(tag)] = field.Field(i)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		part, ok := known[name]
		if !ok {
			list.Addf(key+"."+name, "is no setting; there are %s", strings.Join(slices.Sorted(maps.Keys(known)), ", "))
			continue
		}
		assign(key+"."+name, part, given[name], list)
	}
}

// describe names what a field takes, for people.
func describe(of reflect.Type) string {
	switch of.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "boolean (true or false)"
	case reflect.Int:
		return "whole number"
	case reflect.Slice:
		return "list"
	default:
		return "object"
	}
}
