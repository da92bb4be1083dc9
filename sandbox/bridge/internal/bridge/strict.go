package bridge

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

// refuseUnknown answers an error that names every property which the type does not have, at any depth. The bridge
// alone drops such properties without a word, and a misspelt one would seem to work.
func refuseUnknown(
	what string, inputs resource.PropertyMap, schema shim.SchemaMap, infos map[string]*tfbridge.SchemaInfo,
) error {
	var problems []error
	for _, path := range unknown(inputs, schema, infos) {
		problems = append(problems, fmt.Errorf("%s has no property %q", what, path))
	}
	return errors.Join(problems...)
}

func unknown(inputs resource.PropertyMap, schema shim.SchemaMap, infos map[string]*tfbridge.SchemaInfo) []string {
	known := map[resource.PropertyKey]string{}
	schema.Range(func(key string, _ shim.Schema) bool {
		known[resource.PropertyKey(tfbridge.TerraformToPulumiNameV2(key, schema, infos))] = key
		return true
	})
	var paths []string
	for name, value := range inputs {
		if strings.HasPrefix(string(name), "__") || name == "id" || name == "urn" {
			continue
		}
		key, ok := known[name]
		if !ok {
			paths = append(paths, string(name))
			continue
		}
		nested := nestedSchema(schema.Get(key))
		if nested == nil {
			continue
		}
		for _, path := range unknownWithin(value, nested, nestedFields(infos[key])) {
			paths = append(paths, string(name)+"."+path)
		}
	}
	sort.Strings(paths)
	return paths
}

func unknownWithin(value resource.PropertyValue, schema shim.SchemaMap, infos map[string]*tfbridge.SchemaInfo) []string {
	switch {
	case value.IsSecret():
		return unknownWithin(value.SecretValue().Element, schema, infos)
	case value.IsOutput():
		return unknownWithin(value.OutputValue().Element, schema, infos)
	case value.IsArray():
		var paths []string
		for i, element := range value.ArrayValue() {
			for _, path := range unknownWithin(element, schema, infos) {
				paths = append(paths, fmt.Sprintf("[%d].%s", i, path))
			}
		}
		return paths
	case value.IsObject():
		return unknown(value.ObjectValue(), schema, infos)
	}
	return nil
}
