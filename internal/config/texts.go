package config

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// Texts are the settings as texts by their whole key, objects field by field and lists as JSON. Secrets and the environment
// are not among them; the stack's name is.
func (s Settings) Texts() map[string]string {
	texts := map[string]string{"stack": s.Stack}
	for _, each := range topLevels {
		if field := each.of(reflect.ValueOf(s)); field.Kind() != reflect.Map {
			addTexts(texts, each.Key, field)
		}
	}
	return texts
}

func addTexts(texts map[string]string, key string, value reflect.Value) {
	switch value.Kind() {
	case reflect.Struct:
		for i := range value.NumField() {
			addTexts(texts, key+"."+value.Type().Field(i).Tag.Get(Tag), value.Field(i))
		}
	case reflect.Slice:
		// lists hold texts, numbers and booleans only, and those always have a form in JSON
		encoded, _ := json.Marshal(value.Interface())
		texts[key] = string(encoded)
	default:
		texts[key] = fmt.Sprint(value.Interface())
	}
}

// FromTexts are the settings of texts that Texts has given; what is not among them, or has another form by now, is left out.
func FromTexts(texts map[string]string) (s Settings) {
	s.Stack = texts["stack"]
	for _, each := range topLevels {
		if field := each.of(reflect.ValueOf(&s).Elem()); field.Kind() != reflect.Map {
			readTexts(texts, each.Key, field)
		}
	}
	return s
}

func readTexts(texts map[string]string, key string, into reflect.Value) {
	if into.Kind() == reflect.Struct {
		for i := range into.NumField() {
			readTexts(texts, key+"."+into.Type().Field(i).Tag.Get(Tag), into.Field(i))
		}
		return
	}
	text, known := texts[key]
	if !known {
		return
	}
	if into.Kind() == reflect.String {
		into.SetString(text)
		return
	}
	_ = json.Unmarshal([]byte(text), into.Addr().Interface()) // of a form of before nothing is read
}
