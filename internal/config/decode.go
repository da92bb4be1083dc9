package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"dagster-ecs/internal/problems"
)

// emptyObject is the default of an object in the project file.
const emptyObject = "{}"

var (
	secretType  = reflect.TypeFor[Secret]()
	secretsType = reflect.TypeFor[map[string]Secret]()
)

// decode fills the settings from the source. A field that is not given, and a text of the top level that is empty, keeps
// its default. An object is merged field by field, lists and maps are replaced whole.
func decode(source Source, settings *Settings, list *problems.List) {
	target := reflect.ValueOf(settings).Elem()
	for _, each := range topLevels {
		field := each.of(target)
		if raw, ok := source.Get(each.Key); ok && (raw != "" || field.Kind() != reflect.String) {
			decodeKey(source, each.Key, raw, field, list)
		}
	}
	known := keys()
	for _, key := range slices.Sorted(slices.Values(source.Keys)) {
		namespace, name, _ := strings.Cut(key, ":")
		ours := strings.EqualFold(namespace+":", project)
		switch {
		case !ours || slices.Contains(known, key):
		case slices.Contains(known, project+name):
			list.Addf(key, "the namespace %q has upper case; %s%s is the setting", namespace, project, name)
		default:
			list.Addf(key, "is unknown; %s", problems.Allowed(known...))
		}
	}
}

// decodeKey reads the text of one key into its field. Of a key that is stored encrypted no value is shown.
func decodeKey(source Source, key, raw string, field reflect.Value, list *problems.List) {
	secrets := field.Type() == secretsType
	switch {
	case source.IsSecret(key) && !secrets:
		list.Addf(key, "is stored encrypted; only %ssecrets may be", project)
		return
	case secrets && raw != emptyObject && !source.IsSecret(key):
		list.Addf(key, "is plain text; set each with pulumi config set --secret --path '%s.NAME'", key)
		return
	}
	var value any = raw
	if field.Kind() != reflect.String {
		if parsed, err := parseJSON(raw); err == nil {
			value = parsed
		}
	}
	assign(key, field, value, list)
}

// parseJSON reads exactly one value.
func parseJSON(raw string) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(raw)))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if decoder.More() {
		return nil, errors.New("read JSON: more than one value")
	}
	return value, nil
}

// assign puts a value into a field and notes what does not fit.
func assign(key string, field reflect.Value, value any, list *problems.List) {
	switch given := value.(type) {
	case string:
		if field.Type() == secretType {
			field.Set(reflect.ValueOf(newSecret(given)))
			return
		}
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
		switch {
		case field.Kind() == reflect.Map:
			assignMap(key, field, given, list)
			return
		case field.Kind() == reflect.Struct && field.Type() != secretType:
			assignObject(key, field, given, list)
			return
		}
	}
	list.Take(key, mismatch(field.Type(), value))
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
		name := field.Type().Field(i).Tag.Get(Tag)
		known[name] = field.Field(i)
		_, there := given[name]
		list.Check(there || field.Type().Field(i).Tag.Get(requiredTag) == "", key+"."+name, "is required")
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		part, ok := known[name]
		if !ok {
			list.Addf(key+"."+name, "is unknown; %s", problems.Allowed(slices.Sorted(maps.Keys(known))...))
			continue
		}
		assign(key+"."+name, part, given[name], list)
	}
}
