package main

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// hidden looks at what other modules fill in and call: fields of exported structs, and what exported functions take.
// What is given to them they need not name.
func hidden(all []*packages.Package) []string {
	var public []*packages.Package
	for _, p := range all {
		if !internal(p.PkgPath) {
			public = append(public, p)
		}
	}
	s := search{aliases: aliases(public)}
	for _, p := range public {
		for _, name := range p.Types.Scope().Names() {
			if object := p.Types.Scope().Lookup(name); object.Exported() {
				s.object(object)
			}
		}
	}
	slices.Sort(s.found)
	return slices.Compact(s.found)
}

// internal tells whether other modules may not import a package.
func internal(path string) bool {
	return slices.Contains(strings.Split(path, "/"), "internal")
}

// aliases are the types that a public package gives a name.
func aliases(public []*packages.Package) map[*types.TypeName]bool {
	named := map[*types.TypeName]bool{}
	for _, p := range public {
		for _, name := range p.Types.Scope().Names() {
			object, isType := p.Types.Scope().Lookup(name).(*types.TypeName)
			if !isType || !object.Exported() || !object.IsAlias() {
				continue
			}
			if of, isNamed := types.Unalias(object.Type()).(*types.Named); isNamed {
				named[of.Obj()] = true
			}
		}
	}
	return named
}

type search struct {
	aliases map[*types.TypeName]bool
	found   []string
}

// object looks at one exported name of a package.
func (s *search) object(object types.Object) {
	at := object.Pkg().Path() + "." + object.Name()
	if function, isFunction := object.(*types.Func); isFunction {
		s.taken(at, function)
		return
	}
	if _, isType := object.(*types.TypeName); !isType {
		return
	}
	if fields, isStruct := object.Type().Underlying().(*types.Struct); isStruct {
		for field := range fields.Fields() {
			if field.Exported() {
				s.typ(at+"."+field.Name(), field.Type())
			}
		}
	}
	if of, isNamed := types.Unalias(object.Type()).(*types.Named); isNamed {
		for method := range of.Methods() {
			if method.Exported() {
				s.taken(at+"."+method.Name(), method)
			}
		}
	}
}

// taken looks at what a function takes.
func (s *search) taken(at string, function *types.Func) {
	for parameter := range function.Signature().Params().Variables() {
		s.typ(at, parameter.Type())
	}
}

// typ looks at what a type is made of, up to the types that have a name. A constant is taken for a text or a number of any type.
func (s *search) typ(at string, t types.Type) {
	if named, isNamed := types.Unalias(t).(*types.Named); isNamed {
		if _, isBasic := named.Underlying().(*types.Basic); isBasic {
			return
		}
	}
	s.part(at, t)
}

// part looks at what a list, a map or a pointer leads to: there a constant needs its type as well.
func (s *search) part(at string, t types.Type) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		name := t.Obj()
		if name.Pkg() != nil && internal(name.Pkg().Path()) && !s.aliases[name] {
			s.found = append(s.found, fmt.Sprintf("%s: other modules cannot name %s.%s: give it an alias, or move it", at, name.Pkg().Path(), name.Name()))
		}
	case interface{ Elem() types.Type }:
		s.part(at, t.Elem())
	}
}
