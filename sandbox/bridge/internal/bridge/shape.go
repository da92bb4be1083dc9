package bridge

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

// shape is one level of the properties of a type.
type shape struct {
	schema shim.SchemaMap
	infos  map[string]*tfbridge.SchemaInfo
	json   bool // nested values may come as JSON text, as a provider's configuration does
}

// unknownProperty is a property that a shape does not have, and the names that it has there.
type unknownProperty struct{ path, allowed string }

func (u *Upstream) resourceShape(token string) *shape {
	for name, r := range u.Info.Resources {
		if r.Tok.String() == token {
			return &shape{schema: u.Info.P.ResourcesMap().Get(name).Schema(), infos: r.Fields}
		}
	}
	return nil
}

func (u *Upstream) functionShape(token string) *shape {
	for name, f := range u.Info.DataSources {
		if f.Tok.String() == token {
			return &shape{schema: u.Info.P.DataSourcesMap().Get(name).Schema(), infos: f.Fields}
		}
	}
	return nil
}

func (u *Upstream) configShape() *shape {
	return &shape{schema: u.Info.P.Schema(), infos: u.Info.Config, json: true}
}

// fields maps each property name of the level to its Terraform name.
func (s *shape) fields() map[string]string {
	out := map[string]string{}
	s.schema.Range(func(key string, _ shim.Schema) bool {
		out[tfbridge.TerraformToPulumiNameV2(key, s.schema, s.infos)] = key
		return true
	})
	return out
}

// unknown lists, sorted by path, the properties in props that the shape does not have, at any depth.
// Keys with two leading underscores belong to the engine, as does a provider's version.
func (s *shape) unknown(props resource.PropertyMap, prefix string) []unknownProperty {
	fields := s.fields()
	var out []unknownProperty
	for _, key := range props.StableKeys() {
		name := string(key)
		if strings.HasPrefix(name, "__") || s.json && (name == "version" || name == "pluginDownloadURL") {
			continue
		}
		tfName, ok := fields[name]
		if !ok {
			out = append(out, unknownProperty{path: prefix + name, allowed: nameList(fields)})
			continue
		}
		nested := NestedSchema(s.schema.Get(tfName))
		if nested == nil {
			continue
		}
		deeper := &shape{schema: nested, infos: nestedFields(s.infos[tfName])}
		_, object := s.schema.Get(tfName).Elem().(shim.Resource)
		byKey := s.schema.Get(tfName).Type() == shim.TypeMap && !object
		out = append(out, deeper.unknownUnder(s.parsed(props[key]), prefix+name, byKey)...)
	}
	return out
}

// unknownUnder looks into lists, and into the values of a map whose keys are free.
func (s *shape) unknownUnder(v resource.PropertyValue, path string, byKey bool) []unknownProperty {
	var out []unknownProperty
	switch {
	case v.IsSecret():
		return s.unknownUnder(v.SecretValue().Element, path, byKey)
	case v.IsOutput():
		return s.unknownUnder(v.OutputValue().Element, path, byKey)
	case v.IsArray():
		for i, e := range v.ArrayValue() {
			out = append(out, s.unknownUnder(e, fmt.Sprintf("%s[%d]", path, i), byKey)...)
		}
	case v.IsObject() && byKey:
		for _, key := range v.ObjectValue().StableKeys() {
			out = append(out, s.unknownUnder(v.ObjectValue()[key], path+"."+string(key), false)...)
		}
	case v.IsObject():
		return s.unknown(v.ObjectValue(), path+".")
	}
	return out
}

// parsed reads JSON text where the shape allows it; anything else stays as it is.
func (s *shape) parsed(v resource.PropertyValue) resource.PropertyValue {
	if !s.json || !v.IsString() {
		return v
	}
	var value any
	if json.Unmarshal([]byte(v.StringValue()), &value) != nil {
		return v // the bridge reports text that is not JSON
	}
	return resource.NewPropertyValue(value)
}

func nameList(fields map[string]string) string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
