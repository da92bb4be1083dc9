package bridge

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/tables"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

// fields turns the table's differences into the bridge's own form.
func fields(overrides tables.Overrides, schema shim.SchemaMap) map[string]*tfbridge.SchemaInfo {
	infos := map[string]*tfbridge.SchemaInfo{}
	for key, override := range overrides {
		info := &tfbridge.SchemaInfo{Name: override.Name, MaxItemsOne: override.MaxItemsOne}
		if override.AutoName != nil {
			name := override.Name
			if name == "" {
				name = tfbridge.TerraformToPulumiNameV2(key, schema, nil)
			}
			info = tfbridge.AutoNameWithCustomOptions(name, autoName(*override.AutoName))
		}
		if override.Fields != nil {
			property := schema.Get(key)
			nested := fields(override.Fields, NestedSchema(property))
			if isList(property) {
				info.Elem = &tfbridge.SchemaInfo{Fields: nested}
			} else {
				info.Fields = nested
			}
		}
		info.Type = schemaTypes[override.Type]
		infos[key] = info
	}
	return infos
}

// schemaTypes are Pulumi's names of the Go types in the table; only the generated schema reads them.
var schemaTypes = map[string]tokens.Type{"int": "integer", "float64": "number", "bool": "boolean"}

func autoName(a tables.AutoName) tfbridge.AutoNameOptions {
	if a.Exact {
		return tfbridge.AutoNameOptions{}
	}
	options := tfbridge.AutoNameOptions{Separator: "-", Maxlen: 255, Randlen: 7}
	if a.MaxLen > 0 {
		options.Maxlen = a.MaxLen
	}
	if a.Lower {
		options.Transform = strings.ToLower
	}
	if a.Fifo != "" {
		options.PostTransform = func(r *tfbridge.PulumiResource, name string) (string, error) {
			if fifo, ok := r.Properties[resource.PropertyKey(a.Fifo)]; ok && fifo.IsBool() && fifo.BoolValue() {
				name += ".fifo"
			}
			return name, nil
		}
	}
	return options
}

func isList(s shim.Schema) bool { return s.Type() == shim.TypeList || s.Type() == shim.TypeSet }

// NestedSchema is the schema of the object that a property holds, directly or in a list or map; nil for scalars.
func NestedSchema(s shim.Schema) shim.SchemaMap {
	switch element := s.Elem().(type) {
	case shim.Resource:
		return element.Schema()
	case shim.Schema:
		return NestedSchema(element)
	}
	return nil
}

// nestedFields is the bridge's form of that object's differences.
func nestedFields(info *tfbridge.SchemaInfo) map[string]*tfbridge.SchemaInfo {
	for info != nil {
		if info.Fields != nil {
			return info.Fields
		}
		info = info.Elem
	}
	return nil
}
