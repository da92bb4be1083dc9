package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"regexp"

	"golang.org/x/tools/go/packages"
)

// name is one declared name.
type name struct {
	object   types.Object
	position token.Position
	pkg      string
	// label is the package's path and the name in it, such as dagster-ecs/internal/rules.Kind.Name.
	label string
	// private means that no other package has to use it.
	private bool
	// excused means that nobody has to use it.
	excused bool
	by      map[userKind]bool
}

// userKind is who uses a name.
type userKind int

const (
	itsPackage userKind = iota
	otherPackage
	otherTest
)

// used tells whether the name has the users it needs. A test of another package is a reason to export what its own
// package uses.
func (n *name) used() bool {
	return n.excused || n.by[otherPackage] || n.by[itsPackage] && (n.private || n.by[otherTest])
}

// String is the finding's line.
func (n *name) String() string {
	missing := "only tests use it, or nothing: take it out"
	if n.by[itsPackage] {
		missing = "only its own package uses it: unexport it"
	}
	return fmt.Sprintf("%s: %s: %s, or say why it stays", n.position, n.label, missing)
}

// encoders matches the tags of the packages that encode and decode.
var encoders = regexp.MustCompile("[`\"](json|yaml|pulumi):")

// declare notes the names that the package declares.
func (f *finder) declare(p *packages.Package) {
	for _, file := range p.Syntax {
		for _, declaration := range file.Decls {
			switch declaration := declaration.(type) {
			case *ast.FuncDecl:
				f.declareFunction(p, declaration)
			case *ast.GenDecl:
				for _, spec := range declaration.Specs {
					f.declareSpec(p, spec)
				}
			}
		}
	}
}

func (f *finder) declareFunction(p *packages.Package, function *ast.FuncDecl) {
	called := function.Name.Name
	if function.Recv == nil {
		if called != "init" && (called != "main" || p.Name != "main") {
			f.add(p, function.Name, "", false)
		}
		return
	}
	receiver := function.Recv.List[0].Type
	if pointer, ok := receiver.(*ast.StarExpr); ok {
		receiver = pointer.X
	}
	if generic, ok := receiver.(*ast.IndexExpr); ok {
		receiver = generic.X
	}
	f.add(p, function.Name, types.ExprString(receiver)+".", false)
}

func (f *finder) declareSpec(p *packages.Package, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		for _, ident := range spec.Names {
			f.add(p, ident, "", false)
		}
	case *ast.TypeSpec:
		f.add(p, spec.Name, "", false)
		ast.Inspect(spec.Type, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.StructType:
				f.declareFields(p, node.Fields, spec.Name.Name+".", node != spec.Type || !spec.Name.IsExported())
			case *ast.InterfaceType:
				f.declareFields(p, node.Methods, spec.Name.Name+".", true)
			}
			return true
		})
	}
}

// declareFields notes a struct's fields or an interface's methods. An embedded field uses its type and stands for what
// is in it.
func (f *finder) declareFields(p *packages.Package, fields *ast.FieldList, owner string, private bool) {
	for _, field := range fields.List {
		for _, ident := range field.Names {
			f.add(p, ident, owner, private).excused = field.Tag != nil && encoders.MatchString(field.Tag.Value)
		}
	}
}

func (f *finder) add(p *packages.Package, ident *ast.Ident, owner string, private bool) *name {
	n := &name{
		object:   p.TypesInfo.Defs[ident],
		position: p.Fset.Position(ident.Pos()),
		pkg:      p.PkgPath,
		label:    path.Clean(p.PkgPath) + "." + owner + ident.Name,
		private:  private || !ident.IsExported() || p.Name == "main",
		excused:  ident.Name == "_",
		by:       map[userKind]bool{},
	}
	f.names[keyOf(n.position, ident.Name)] = n
	return n
}

// parts are the named types that the type of an object consists of: who uses the object has values of them. The fields
// of a struct with a name need users of their own.
func parts(object types.Object) []types.Object {
	t := object.Type()
	if declared, ok := object.(*types.TypeName); ok && !declared.IsAlias() {
		if _, structure := t.Underlying().(*types.Struct); structure {
			return nil
		}
		t = t.Underlying()
	}
	return namedTypes(t)
}

func namedTypes(t types.Type) []types.Object {
	switch t := t.(type) {
	case *types.Alias:
		return append(namedTypes(t.Rhs()), t.Obj())
	case *types.Named:
		named := []types.Object{t.Obj()}
		for argument := range t.TypeArgs().Types() {
			named = append(named, namedTypes(argument)...)
		}
		return named
	case *types.Map:
		return append(namedTypes(t.Key()), namedTypes(t.Elem())...)
	case interface{ Elem() types.Type }:
		return namedTypes(t.Elem())
	case *types.Signature:
		return append(namedTypes(t.Params()), namedTypes(t.Results())...)
	case *types.Tuple:
		var named []types.Object
		for variable := range t.Variables() {
			named = append(named, namedTypes(variable.Type())...)
		}
		return named
	case *types.Struct:
		var named []types.Object
		for field := range t.Fields() {
			named = append(named, namedTypes(field.Type())...)
		}
		return named
	}
	return nil
}
