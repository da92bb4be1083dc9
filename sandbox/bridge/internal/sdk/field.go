package sdk

import (
	"fmt"
	"go/ast"
	"path/filepath"
	"strings"
)

// List says whether the field is a list.
func (f *Field) List() bool { return strings.HasPrefix(f.Type, "[]") }

// Asset says whether the field is a file or an archive, which the bridge takes as a path.
func (f *Field) Asset() bool { return strings.HasPrefix(f.Type, "pulumi.") }

// Scalar is the Go type under lists, maps and pointers: "int", "bool", "float64", "any", or "string", as which
// the SDK's enumerations travel too. It is "" for a nested object.
func (f *Field) Scalar() string {
	t := f.Type
	for {
		rest := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(t, "[]"), "map[string]"), "*")
		if rest == t {
			break
		}
		t = rest
	}
	switch {
	case t == "int", t == "bool", t == "float64", t == "any":
		return t
	case t == "interface{}":
		return "any"
	case f.pkg.structs[t] != nil, strings.Contains(t, ".") && !f.Asset():
		return ""
	}
	return "string"
}

// Nested gives the properties of the object under pointers, lists and maps; nil when the field holds none.
func (f *Field) Nested() (map[string]*Field, error) {
	e := f.expr
	for {
		switch t := e.(type) {
		case *ast.StarExpr:
			e = t.X
		case *ast.ArrayType:
			e = t.Elt
		case *ast.MapType:
			e = t.Value
		case *ast.Ident:
			if f.pkg.structs[t.Name] == nil {
				return nil, nil
			}
			return f.pkg.fields(t.Name), nil
		case *ast.SelectorExpr:
			return f.imported(typeString(t.X), t.Sel.Name)
		default:
			return nil, nil
		}
	}
}

// imported looks a struct up in another package of the same SDK.
func (f *Field) imported(alias, name string) (map[string]*Field, error) {
	rest, ok := strings.CutPrefix(f.pkg.imports[alias], f.pkg.sdk.module)
	if !ok {
		return nil, nil
	}
	p, err := f.pkg.sdk.load(filepath.Join(f.pkg.sdk.root, filepath.FromSlash(rest)))
	if err != nil {
		return nil, fmt.Errorf("find %s.%s: %w", alias, name, err)
	}
	if p.structs[name] == nil {
		return nil, nil
	}
	return p.fields(name), nil
}
