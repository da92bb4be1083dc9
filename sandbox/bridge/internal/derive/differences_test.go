package derive

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"

	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/internal/sdk"
	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/tables"
)

// Difference is one property that the bridge and the official SDK see differently.
type Difference struct {
	Path string
	What string
	// Missing is set where only the SDK has the property: older upstream providers lack what newer SDKs know, and
	// the bridge refuses it.
	Missing bool
}

func (d Difference) String() string { return d.Path + ": " + d.What }

// Differences compares the schema that the bridge generates with the SDK, property by property at every depth.
func Differences(spec *schema.PackageSpec, types []tables.Type, official *sdk.SDK) ([]Difference, error) {
	config, err := official.Config()
	if err != nil {
		return nil, err
	}
	c := &comparison{spec: spec, within: map[string]bool{}}
	c.properties("provider", spec.Provider.InputProperties, config)
	for _, t := range types {
		inputs, outputs, err := official.Member(t.Token)
		if err != nil {
			return nil, err
		}
		if !t.Function {
			r, ok := spec.Resources[t.Token]
			if !ok {
				return nil, fmt.Errorf("the bridge's schema lacks the resource %s", t.Token)
			}
			c.properties(t.Token+" input", r.InputProperties, inputs)
			c.properties(t.Token+" output", r.Properties, outputs)
			continue
		}
		f, ok := spec.Functions[t.Token]
		if !ok {
			return nil, fmt.Errorf("the bridge's schema lacks the function %s", t.Token)
		}
		if f.Inputs != nil {
			c.properties(t.Token+" argument", f.Inputs.Properties, inputs)
		}
		if f.Outputs != nil {
			c.properties(t.Token+" result", f.Outputs.Properties, outputs)
		}
	}
	return c.found, c.err
}

type comparison struct {
	spec   *schema.PackageSpec
	within map[string]bool // the SDK's types around the present one: some nest themselves
	found  []Difference
	err    error
}

func (c *comparison) differ(path, format string, args ...any) {
	c.found = append(c.found, Difference{Path: path, What: fmt.Sprintf(format, args...)})
}

func (c *comparison) properties(path string, specs map[string]schema.PropertySpec, fields map[string]*sdk.Field) {
	for _, name := range slices.Sorted(maps.Keys(specs)) {
		switch f := fields[name]; {
		case name == "id" || name == "timeouts": // of the engine's own making in the SDK
		case f == nil:
			c.differ(path+" "+name, "the bridge has it, the SDK does not")
		default:
			c.property(path+" "+name, specs[name].TypeSpec, f)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if _, ok := specs[name]; !ok && name != "id" && name != "timeouts" {
			c.found = append(c.found, Difference{
				Path: path + " " + name, What: fmt.Sprintf("the SDK has it (%s), the bridge does not", fields[name].Type), Missing: true,
			})
		}
	}
}

func (c *comparison) property(path string, t schema.TypeSpec, f *sdk.Field) {
	if f.Scalar() != "any" && (t.Type == "array") != f.List() {
		c.differ(path, "the bridge has %s%s, the SDK %s", t.Type, t.Ref, f.Type)
		return
	}
	for t.Items != nil || t.AdditionalProperties != nil {
		if t.Items != nil {
			t = *t.Items
		} else {
			t = *t.AdditionalProperties
		}
	}
	if token, ok := strings.CutPrefix(t.Ref, "#/types/"); ok {
		c.object(path, strings.ReplaceAll(token, "%2F", "/"), f)
		return
	}
	want := map[string]string{"string": "string", "boolean": "bool", "integer": "int", "number": "float64"}[t.Type]
	number := func(s string) bool { return s == "int" || s == "float64" }
	if got := f.Scalar(); want != "" && got != want && got != "any" && !(number(got) && number(want)) {
		c.differ(path, "the bridge has %s, the SDK %s", t.Type, f.Type)
	}
}

func (c *comparison) object(path, token string, f *sdk.Field) {
	fields, err := f.Nested()
	if err != nil {
		c.err = fmt.Errorf("%s: %w", path, err)
		return
	}
	if fields == nil {
		c.differ(path, "the bridge has an object, the SDK %s", f.Type)
		return
	}
	name := strings.TrimLeft(f.Type, "[]*")
	if c.within[name] { // Terraform unrolls such a type to some depth
		return
	}
	c.within[name] = true
	c.properties(path, c.spec.Types[token].Properties, fields)
	delete(c.within, name)
}
