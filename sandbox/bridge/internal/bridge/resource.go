package bridge

import (
	"context"
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/tables"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

// resourceInfo describes one resource type: its names, and the translation of scalars that are numbers in the
// official SDK and strings upstream.
func resourceInfo(token string, overrides tables.Overrides, schema shim.SchemaMap) *tfbridge.ResourceInfo {
	info := &tfbridge.ResourceInfo{Tok: tokens.Type(token), Fields: fields(overrides, schema)}
	if !hasScalars(overrides) {
		return info
	}
	info.TransformFromState = func(_ context.Context, state resource.PropertyMap) (resource.PropertyMap, error) {
		state = state.Copy()
		delete(state, "__pulumi_raw_state_delta") // it describes the translated outputs
		return translate(overrides, schema, info.Fields, state, toUpstream)
	}
	info.TransformOutputs = func(_ context.Context, outputs resource.PropertyMap) (resource.PropertyMap, error) {
		return translate(overrides, schema, info.Fields, outputs, toOfficial)
	}
	return info
}

func hasScalars(overrides tables.Overrides) bool {
	for _, override := range overrides {
		if override.Type != "" || hasScalars(override.Fields) {
			return true
		}
	}
	return false
}

type scalar = func(resource.PropertyValue) (resource.PropertyValue, error)

func toUpstream(v resource.PropertyValue) (resource.PropertyValue, error) {
	if v.IsNumber() {
		return resource.NewStringProperty(strconv.FormatFloat(v.NumberValue(), 'f', -1, 64)), nil
	}
	return v, nil
}

func toOfficial(v resource.PropertyValue) (resource.PropertyValue, error) {
	switch {
	case !v.IsString():
		return v, nil
	case v.StringValue() == "":
		return resource.NewNullProperty(), nil
	}
	number, err := strconv.ParseFloat(v.StringValue(), 64)
	return resource.NewNumberProperty(number), err
}

// translate applies convert to each value whose type the table says differs.
func translate(
	overrides tables.Overrides, schema shim.SchemaMap, infos map[string]*tfbridge.SchemaInfo,
	properties resource.PropertyMap, convert scalar,
) (resource.PropertyMap, error) {
	properties = properties.Copy()
	for key, override := range overrides {
		name := resource.PropertyKey(tfbridge.TerraformToPulumiNameV2(key, schema, infos))
		value, ok := properties[name]
		if !ok {
			continue
		}
		translated, err := translateValue(override, schema.Get(key), infos[key], value, convert)
		if err != nil {
			return nil, fmt.Errorf("translate %s: %w", name, err)
		}
		properties[name] = translated
	}
	return properties, nil
}

func translateValue(
	override *tables.Override, schema shim.Schema, info *tfbridge.SchemaInfo, value resource.PropertyValue, convert scalar,
) (resource.PropertyValue, error) {
	switch {
	case value.IsSecret():
		element, err := translateValue(override, schema, info, value.SecretValue().Element, convert)
		return resource.MakeSecret(element), err
	case value.IsArray():
		elements := make([]resource.PropertyValue, 0, len(value.ArrayValue()))
		for _, element := range value.ArrayValue() {
			translated, err := translateValue(override, schema, info, element, convert)
			if err != nil {
				return value, err
			}
			elements = append(elements, translated)
		}
		return resource.NewArrayProperty(elements), nil
	case value.IsObject() && override.Fields != nil:
		object, err := translate(override.Fields, NestedSchema(schema), nestedFields(info), value.ObjectValue(), convert)
		return resource.NewObjectProperty(object), err
	case override.Type != "":
		return convert(value)
	}
	return value, nil
}
