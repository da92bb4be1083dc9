package outputs

import (
	"fmt"
	"reflect"
	"strings"
)

// field is an output in the contract.
type field struct {
	name, kind string
	optional   bool
	index      int
}

var fields = contract()

func contract() (all []field) {
	outputs := reflect.TypeFor[Dagster]()
	for i := range outputs.NumField() {
		name, rest, _ := strings.Cut(outputs.Field(i).Tag.Get("output"), ",")
		all = append(all, field{name, kind(outputs.Field(i).Type), rest == "optional", i})
	}
	return all
}

// kind is a type as docs/outputs.md calls it.
func kind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Slice:
		return "list"
	case reflect.Map:
		return "map"
	}
	return "number"
}

// Kinds are the types of all outputs by their names: text, number, list or map.
func Kinds() map[string]string {
	kinds := map[string]string{}
	for _, each := range fields {
		kinds[each.name] = each.kind
	}
	return kinds
}

// Required are the names of the outputs that every stack gives.
func Required() (names []string) {
	for _, each := range fields {
		if !each.optional {
			names = append(names, each.name)
		}
	}
	return names
}

func (f field) String() string {
	if f.optional {
		return fmt.Sprintf("%s %s optional", f.name, f.kind)
	}
	return f.name + " " + f.kind
}
