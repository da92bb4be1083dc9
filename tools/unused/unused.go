package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// finder holds what the search for names without a user knows. A declaration is known by its file, line
// and spelling: a package, the same package built for its tests and as another module sees it have objects of their own.
type finder struct {
	loaded []*packages.Package
	// helpers are the paths of the packages that only tests import.
	helpers map[string]bool
	names   map[string]*name
}

// unused gives the names of the packages that lack the users they need, in the order of their positions.
func unused(loaded []*packages.Package) []*name {
	f := &finder{loaded: loaded, helpers: map[string]bool{}, names: map[string]*name{}}
	for _, p := range loaded {
		f.helpers[p.PkgPath] = f.helpers[p.PkgPath] || p.ID == p.PkgPath && p.Imports["testing"] != nil
	}
	for _, p := range loaded {
		if p.ID == p.PkgPath && !isTestMain(p) {
			f.declare(p)
		}
	}
	for _, p := range loaded {
		f.use(p)
	}
	f.excuseMethods()
	var found []*name
	for _, n := range f.names {
		if !n.used() {
			found = append(found, n)
		}
	}
	slices.SortFunc(found, func(a, b *name) int { return strings.Compare(a.position.String(), b.position.String()) })
	return found
}

// isTestMain tells whether the package is the program that go test generates.
func isTestMain(p *packages.Package) bool {
	return strings.HasSuffix(p.PkgPath, ".test")
}

// use marks the names that the package uses.
func (f *finder) use(p *packages.Package) {
	for _, file := range p.Syntax {
		inTest := f.helpers[p.PkgPath] || strings.HasSuffix(p.Fset.Position(file.Pos()).Filename, "_test.go")
		user := user{pkg: p.PkgPath, test: inTest}
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.Ident:
				f.mark(p, p.TypesInfo.Uses[node], user)
			case *ast.CompositeLit:
				if len(node.Elts) > 0 && !isKeyed(node.Elts[0]) {
					f.markFields(p, node, user)
				}
			case *ast.CallExpr:
				if p.TypesInfo.Types[node.Fun].IsType() {
					f.markFields(p, node.Fun, user)
					f.markFields(p, node.Args[0], user)
				}
			}
			return true
		})
	}
}

func isKeyed(element ast.Expr) bool {
	_, keyed := element.(*ast.KeyValueExpr)
	return keyed
}

// markFields marks all the fields of an expression that is a struct or a struct's type: a literal without names and a
// conversion use them unsaid.
func (f *finder) markFields(p *packages.Package, expression ast.Expr, user user) {
	structure, ok := p.TypesInfo.TypeOf(expression).Underlying().(*types.Struct)
	if !ok {
		return
	}
	for field := range structure.Fields() {
		f.mark(p, field, user)
	}
}

// user is where a name is used.
type user struct {
	pkg  string
	test bool
}

// keyOf leaves out the column, which compiled packages do not keep.
func keyOf(position token.Position, spelling string) string {
	return fmt.Sprintf("%s:%d:%s", position.Filename, position.Line, spelling)
}

// mark takes note that the object is used, and with it the types that its own type consists of.
func (f *finder) mark(p *packages.Package, object types.Object, user user) {
	if object == nil || !object.Pos().IsValid() {
		return
	}
	n := f.names[keyOf(p.Fset.Position(object.Pos()), object.Name())]
	if n == nil {
		return
	}
	kind, counts := f.kind(n, user)
	if !counts || n.by[kind] {
		return
	}
	n.by[kind] = true
	for _, part := range parts(n.object) {
		f.mark(p, part, user)
	}
}

// kind tells what the user is to the name; the tests of its own package do not count.
func (f *finder) kind(n *name, user user) (kind userKind, counts bool) {
	switch other := user.pkg != n.pkg; {
	case !user.test || f.helpers[n.pkg]:
		if other {
			return otherPackage, true
		}
		return itsPackage, true
	default:
		return otherTest, other
	}
}

// errorMethods are the methods that package errors looks for by interfaces without a name.
var errorMethods = map[string]bool{"Unwrap": true, "Is": true, "As": true}

// excuseMethods excuses the methods by which types fulfill interfaces.
func (f *finder) excuseMethods() {
	fulfilled := f.interfaces()
	for _, n := range f.names {
		method, ok := n.object.(*types.Func)
		if !ok || method.Signature().Recv() == nil {
			continue
		}
		receiver := method.Signature().Recv().Type()
		if pointer, ok := receiver.(*types.Pointer); ok {
			receiver = pointer.Elem()
		}
		n.excused = n.excused || errorMethods[method.Name()] || slices.ContainsFunc(fulfilled[method.Name()], func(i *types.Interface) bool {
			return types.Implements(types.NewPointer(receiver), i)
		})
	}
}

// interfaces are the interfaces that the packages and their imports declare, by the names of their methods.
func (f *finder) interfaces() map[string][]*types.Interface {
	found := map[string][]*types.Interface{}
	add := func(object types.Object) {
		declared, ok := object.(*types.TypeName)
		if !ok {
			return
		}
		if i, ok := declared.Type().Underlying().(*types.Interface); ok {
			for method := range i.Methods() {
				found[method.Name()] = append(found[method.Name()], i)
			}
		}
	}
	add(types.Universe.Lookup("error"))
	seen := map[*types.Package]bool{}
	for _, p := range f.loaded {
		for _, imported := range append(p.Types.Imports(), p.Types) {
			if seen[imported] {
				continue
			}
			seen[imported] = true
			for _, declared := range imported.Scope().Names() {
				add(imported.Scope().Lookup(declared))
			}
		}
	}
	return found
}
