// Package derive finds where the official SDK of a provider differs from what the bridge makes of the upstream
// Terraform schema, and checks afterwards that with those differences applied none is left.
package derive

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/internal/bridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/internal/sdk"
	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/tables"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

// Table derives the overrides of the served types. names are the automatic names that no struct tag tells of, by
// Terraform type and property.
func Table(
	types []tables.Type, names map[string]map[string]*tables.AutoName, upstream shim.Provider, official *sdk.SDK,
) (*tables.Table, error) {
	out := &tables.Table{Types: types, Resources: map[string]tables.Overrides{}, Functions: map[string]tables.Overrides{}}
	config, err := official.Config()
	if err != nil {
		return nil, err
	}
	if out.Config, err = overrides(upstream.Schema(), config); err != nil {
		return nil, fmt.Errorf("compare the provider's configuration: %w", err)
	}
	for _, t := range types {
		inputs, outputs, err := official.Member(t.Token)
		if err != nil {
			return nil, err
		}
		known, into := upstream.ResourcesMap(), out.Resources
		if t.Function {
			known, into = upstream.DataSourcesMap(), out.Functions
		}
		resource, ok := known.GetOk(t.Terraform)
		if !ok {
			return nil, fmt.Errorf("the upstream provider has no %s", t.Terraform)
		}
		all := maps.Clone(outputs)
		maps.Copy(all, inputs)
		found, err := overrides(resource.Schema(), all)
		if err != nil {
			return nil, fmt.Errorf("compare %s: %w", t.Token, err)
		}
		if !t.Function {
			autoNames(found, resource.Schema(), inputs, func(f *sdk.Field) bool { return official.Required(t.Token, f) })
			for key, name := range names[t.Terraform] {
				at(found, key).AutoName = name
			}
		}
		if len(found) > 0 {
			into[t.Terraform] = found
		}
	}
	return out, nil
}

func at(o tables.Overrides, key string) *tables.Override {
	if o[key] == nil {
		o[key] = &tables.Override{}
	}
	return o[key]
}

// overrides pairs the Terraform properties of one level with those of the SDK.
func overrides(schema shim.SchemaMap, fields map[string]*sdk.Field) (tables.Overrides, error) {
	out := tables.Overrides{}
	for key, name := range pair(schema, fields) {
		o, err := compare(key, name, schema, fields[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if o != nil {
			out[key] = o
		}
	}
	return out, nil
}

// compare says how one property differs; nil when it does not.
func compare(key, name string, schema shim.SchemaMap, f *sdk.Field) (*tables.Override, error) {
	o, differs := &tables.Override{}, false
	s := schema.Get(key)
	isList := s.Type() == shim.TypeList || s.Type() == shim.TypeSet
	if isList && tfbridge.IsMaxItemsOne(s, nil) == f.List() {
		one := !f.List()
		o.MaxItemsOne, differs = &one, true
	}
	if t := scalar(s.Type()); t == "string" && !f.Asset() && f.Scalar() != t && f.Scalar() != "any" {
		o.Type, differs = f.Scalar(), true
	}
	if bridgeName(key, schema, o.MaxItemsOne) != name {
		o.Name, differs = name, true
	}
	if nested := bridge.NestedSchema(s); nested != nil {
		under, err := f.Nested()
		if err != nil {
			return nil, err
		}
		deeper, err := overrides(nested, under)
		if err != nil {
			return nil, err
		}
		if len(deeper) > 0 {
			o.Fields, differs = deeper, true
		}
	}
	if !differs {
		return nil, nil
	}
	return o, nil
}

func scalar(t shim.ValueType) string {
	return map[shim.ValueType]string{
		shim.TypeBool: "bool", shim.TypeInt: "int", shim.TypeFloat: "float64", shim.TypeString: "string",
	}[t]
}

func bridgeName(key string, schema shim.SchemaMap, maxItemsOne *bool) string {
	return tfbridge.TerraformToPulumiNameV2(key, schema, map[string]*tfbridge.SchemaInfo{key: {MaxItemsOne: maxItemsOne}})
}

// autoNames marks the names that Terraform demands and the SDK does not: the official provider fills those in. A
// property called just name needs no mark, the bridge does it.
func autoNames(found tables.Overrides, schema shim.SchemaMap, inputs map[string]*sdk.Field, required func(*sdk.Field) bool) {
	for key, name := range pair(schema, inputs) {
		s := schema.Get(key)
		if strings.HasSuffix(key, "_name") && s.Required() && s.Type() == shim.TypeString && !required(inputs[name]) {
			at(found, key).AutoName = &tables.AutoName{}
		}
	}
}

// pair matches Terraform properties with SDK properties: first by the bridge's own name, then by its singular or
// plural, then what is left where the SDK's name is a part of Terraform's (alarm_name and name).
func pair(schema shim.SchemaMap, fields map[string]*sdk.Field) map[string]string {
	var keys []string
	schema.Range(func(key string, _ shim.Schema) bool { keys = append(keys, key); return true })
	slices.Sort(keys)
	names, taken := map[string]string{}, map[string]bool{}
	take := func(key, name string) {
		if names[key] == "" && fields[name] != nil && !taken[name] {
			names[key], taken[name] = name, true
		}
	}
	for _, key := range keys {
		take(key, bridgeName(key, schema, nil))
	}
	yes, no := true, false
	for _, key := range keys {
		if t := schema.Get(key).Type(); t == shim.TypeList || t == shim.TypeSet {
			take(key, bridgeName(key, schema, &yes))
			take(key, bridgeName(key, schema, &no))
		}
	}
	for _, key := range keys {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if related(key, name, fields[name]) {
				take(key, name)
			}
		}
	}
	return names
}

// related says whether name is key without its first or last words, or a file that the SDK takes as an asset.
func related(key, name string, f *sdk.Field) bool {
	if f.Asset() {
		return key == "source" || strings.Contains(key, "file")
	}
	if strings.HasSuffix(key, "_wo") || strings.HasSuffix(key, "_wo_version") { // write-only twins of a value
		return false
	}
	words := strings.Split(key, "_")
	for i := 1; i < len(words); i++ {
		if strings.EqualFold(strings.Join(words[i:], ""), name) || strings.EqualFold(strings.Join(words[:i], ""), name) {
			return true
		}
	}
	return false
}
