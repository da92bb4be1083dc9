package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"dagster-ecs/internal/rules"
)

// mismatch says that a value is of another type than a setting takes. What may be a secret is not shown.
func mismatch(wanted reflect.Type, value any) error {
	message := fmt.Sprintf("is %s; %s is allowed", given(value), taken(wanted))
	if wanted == secretType || wanted == secretsType {
		return errors.New(message)
	}
	shown, err := json.Marshal(value)
	if err != nil {
		return errors.New(message)
	}
	return fmt.Errorf("%s: %s", shown, message)
}

// given names the type of a value from JSON, for people.
func given(value any) string {
	switch of := value.(type) {
	case string:
		return "a text"
	case bool:
		return "a boolean"
	case json.Number:
		if _, err := strconv.ParseInt(of.String(), 10, 64); err != nil {
			return "not a whole number, or too large"
		}
		return "a number"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	default:
		return "empty"
	}
}

// taken names what a setting takes, for people; a text that is quoted in YAML stands in quotes.
func taken(wanted reflect.Type) string {
	if choice, ok := reflect.Zero(wanted).Interface().(rules.Choice); ok {
		allowed := choice.Allowed()
		last := len(allowed) - 1
		return `"` + strings.Join(allowed[:last], `", "`) + `" or "` + allowed[last] + `", in quotes,`
	}
	if wanted == secretType {
		return "a text"
	}
	switch wanted.Kind() {
	case reflect.String:
		return "a text, in quotes,"
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Slice:
		return "a list"
	default:
		return "an object"
	}
}
