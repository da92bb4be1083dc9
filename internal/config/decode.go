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

// howToEncrypt is the way to what plain text should be.
func howToEncrypt(key string) string {
	return "set each with pulumi config set --secret --path '" + key + ".NAME'"
}

// decoder fills settings from a source and notes what it cannot read.
type decoder struct {
	*problems.List
	source Source
	// given are the paths that the source sets.
	given map[string]bool
}

// decode fills the settings. A field that is not given, and a text or boolean of the top level that is empty, keeps its
// default: the project file gives an empty one, so that the program and not the CLI says what is missing. An object is merged field by field, lists and maps are replaced whole.
func (d *decoder) decode(settings *Settings) {
	target := reflect.ValueOf(settings).Elem()
	for _, each := range topLevels {
		field := each.of(target)
		raw, ok := d.source.Get(each.Key)
		switch {
		case ok && raw != "":
			d.decodeKey(each.Key, raw, field)
		case each.Field.Tag.Get(requiredTag) != "":
			d.Addf(each.Key, "is required; %s is allowed", taken(field.Type()))
		case ok && (field.Kind() == reflect.Struct || field.Kind() == reflect.Map):
			d.Addf(each.Key, "is empty; an object is allowed")
		}
	}
	for _, key := range slices.Sorted(slices.Values(d.source.Keys)) {
		d.Take(key, unknownTopLevel(key))
	}
}

// decodeKey reads the text of one key into its field. Of a key that is stored encrypted no value is shown.
func (d *decoder) decodeKey(key, raw string, field reflect.Value) {
	secrets := field.Type() == secretsType
	switch {
	case d.source.IsSecret(key) && !secrets:
		d.Addf(key, "is stored encrypted; only %s may be", strings.Join(secretKeys, " and "))
		return
	case secrets && raw != emptyObject && !d.source.IsSecret(key):
		d.Addf(key, "is plain text; %s", howToEncrypt(key))
		return
	}
	var value any = raw
	if field.Kind() != reflect.String {
		if parsed, err := parseJSON(raw); err == nil {
			value = parsed
		}
	}
	d.assign(key, field, value)
	if secrets {
		d.refusePlain(key, field)
	}
}

// refusePlain notes secrets that stand in the stack's file for everybody to read. Beside an encrypted one Pulumi calls all
// of them secret, so that only the file tells.
func (d *decoder) refusePlain(key string, secrets reflect.Value) {
	plain := d.source.plainSecrets[key]
	for _, name := range slices.Sorted(maps.Keys(plain)) {
		secret := secrets.MapIndex(reflect.ValueOf(name))
		if secret.IsValid() && secret.Interface() == newSecret(plain[name]) {
			d.Addf(key+"."+name, "is plain text; %s", howToEncrypt(key))
		}
	}
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
func (d *decoder) assign(key string, field reflect.Value, value any) {
	d.given[key] = true
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
			d.assignList(key, field, given)
			return
		}
	case map[string]any:
		switch {
		case field.Kind() == reflect.Map:
			d.assignMap(key, field, given)
			return
		case field.Kind() == reflect.Struct && field.Type() != secretType:
			d.assignObject(key, field, given)
			return
		}
	}
	d.Take(key, mismatch(field.Type(), value))
}

func (d *decoder) assignList(key string, field reflect.Value, given []any) {
	made := reflect.MakeSlice(field.Type(), len(given), len(given))
	for i, each := range given {
		d.assign(fmt.Sprintf("%s[%d]", key, i), made.Index(i), each)
	}
	field.Set(made)
}

func (d *decoder) assignMap(key string, field reflect.Value, given map[string]any) {
	made := reflect.MakeMap(field.Type())
	for _, name := range slices.Sorted(maps.Keys(given)) {
		value := reflect.New(field.Type().Elem()).Elem()
		d.assign(key+"."+name, value, given[name])
		made.SetMapIndex(reflect.ValueOf(name), value)
	}
	field.Set(made)
}

func (d *decoder) assignObject(key string, field reflect.Value, given map[string]any) {
	known := map[string]reflect.Value{}
	for i := range field.NumField() {
		name := field.Type().Field(i).Tag.Get(Tag)
		known[name] = field.Field(i)
		_, there := given[name]
		d.Check(there || field.Type().Field(i).Tag.Get(requiredTag) == "", key+"."+name, "is required")
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		part, ok := known[name]
		if !ok {
			d.Take(key+"."+name, unknown(name, slices.Sorted(maps.Keys(known))))
			continue
		}
		d.assign(key+"."+name, part, given[name])
	}
}
