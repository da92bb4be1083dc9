// Package sdk reads the property names, shapes and types that an official Pulumi Go SDK uses, from the
// `pulumi:"..."` struct tags of its source. Nothing of the SDK is compiled.
package sdk

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
)

// SDK is the source of one official SDK, such as pulumi-aws.
type SDK struct {
	root    string // folder of the SDK's main package
	module  string // import path of that package
	pkgs    map[string]*pkg
	members map[string]*member
}

// member is one resource or function.
type member struct {
	dir             string
	inputs, outputs string          // struct names
	required        map[string]bool // Go names of inputs that the constructor demands
}

// pkg is one parsed Go package.
type pkg struct {
	sdk     *SDK
	structs map[string]*ast.StructType
	imports map[string]string
}

// Field is one tagged struct field.
type Field struct {
	goName string
	Type   string // as written in Go, without a leading *

	pkg  *pkg
	expr ast.Expr
}

// Modules are the official SDKs by provider.
var modules = map[string]struct{ module, pkg string }{
	"aws":        {"github.com/pulumi/pulumi-aws/sdk/v6", "go/aws"},
	"postgresql": {"github.com/pulumi/pulumi-postgresql/sdk/v3", "go/postgresql"},
	"random":     {"github.com/pulumi/pulumi-random/sdk/v4", "go/random"},
}

// Open finds the SDK of the named provider in the version that the Go module in dir requires, so that
// what is compared is what the program is compiled with.
func Open(name, dir string) (*SDK, error) {
	m, ok := modules[name]
	if !ok {
		return nil, fmt.Errorf("no official SDK is known for provider %q", name)
	}
	cmd := exec.Command("go", "mod", "download", "-json", m.module)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("find the SDK %s: %w", m.module, err)
	}
	var found struct{ Dir string }
	if err := json.Unmarshal(out, &found); err != nil {
		return nil, fmt.Errorf("read where the SDK %s is: %w", m.module, err)
	}
	s := &SDK{
		root:    filepath.Join(found.Dir, filepath.FromSlash(m.pkg)),
		module:  m.module + "/" + m.pkg,
		pkgs:    map[string]*pkg{},
		members: map[string]*member{},
	}
	if err := s.index(); err != nil {
		return nil, fmt.Errorf("index the SDK %s: %w", m.module, err)
	}
	return s, nil
}

// How generated code registers a resource, calls a function and names its structs.
var (
	reResource = regexp.MustCompile(`ctx\.RegisterResource\("([^"]+)", name, (?:args|nil), &(?:resource|r), `)
	reInvoke   = regexp.MustCompile(`ctx\.Invoke(?:RawOption)?\("([^"]+)", (args|nil), &rv`)
	reResult   = regexp.MustCompile(`var rv (\w+)`)
	reNew      = regexp.MustCompile(`(?s)func New(\w+)\(ctx \*pulumi\.Context,\s*name string, args \*(\w+)`)
	reFunction = regexp.MustCompile(`func \w+\(ctx \*pulumi\.Context, args \*(\w+), opts`)
	reRequired = regexp.MustCompile(`invalid value for required argument '(\w+)'`)
)

func (s *SDK) index() error {
	return filepath.WalkDir(s.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasPrefix(d.Name(), "pulumiTypes") {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read %s: %w", d.Name(), err)
		}
		s.indexFile(filepath.Dir(path), string(src))
		return nil
	})
}

func (s *SDK) indexFile(dir, src string) {
	if reg, ctor := reResource.FindStringSubmatch(src), reNew.FindStringSubmatch(src); reg != nil && ctor != nil {
		m := &member{dir: dir, inputs: lowerFirst(ctor[2]), outputs: lowerFirst(ctor[1]) + "State", required: map[string]bool{}}
		for _, r := range reRequired.FindAllStringSubmatch(src, -1) {
			m.required[r[1]] = true
		}
		s.members[reg[1]] = m
	}
	if call := reInvoke.FindStringSubmatch(src); call != nil {
		m := &member{dir: dir}
		if args := reFunction.FindStringSubmatch(src); args != nil && call[2] == "args" {
			m.inputs = args[1]
		}
		if result := reResult.FindStringSubmatch(src); result != nil {
			m.outputs = result[1]
		}
		s.members[call[1]] = m
	}
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// Member gives the inputs and outputs of the resource or function with the token, by property name.
func (s *SDK) Member(tok string) (inputs, outputs map[string]*Field, err error) {
	m := s.members[tok]
	if m == nil {
		return nil, nil, fmt.Errorf("the SDK has no %s", tok)
	}
	p, err := s.load(m.dir)
	if err != nil {
		return nil, nil, err
	}
	return p.fields(m.inputs), p.fields(m.outputs), nil
}

// Required says whether the constructor of the resource tok demands the input field.
func (s *SDK) Required(tok string, f *Field) bool { return s.members[tok].required[f.goName] }

// Config gives the provider's own configuration.
func (s *SDK) Config() (map[string]*Field, error) {
	p, err := s.load(s.root)
	if err != nil {
		return nil, err
	}
	return p.fields("providerArgs"), nil
}

func (s *SDK) load(dir string) (*pkg, error) {
	if p := s.pkgs[dir]; p != nil {
		return p, nil
	}
	p := &pkg{sdk: s, structs: map[string]*ast.StructType{}, imports: map[string]string{}}
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, fmt.Errorf("list the SDK's package %s: %w", filepath.Base(dir), err)
	}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("parse the SDK's package %s: %w", filepath.Base(dir), err)
		}
		p.add(file)
	}
	s.pkgs[dir] = p
	return p, nil
}

func (p *pkg) add(file *ast.File) {
	for _, im := range file.Imports {
		path := strings.Trim(im.Path.Value, `"`)
		name := path[strings.LastIndex(path, "/")+1:]
		if im.Name != nil {
			name = im.Name.Name
		}
		p.imports[name] = path
	}
	for _, decl := range file.Decls {
		g, ok := decl.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, spec := range g.Specs {
			t, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}
			if st, ok := t.Type.(*ast.StructType); ok {
				p.structs[t.Name.Name] = st
			}
		}
	}
}

// fields reads the tags of a struct; none when there is no such struct.
func (p *pkg) fields(name string) map[string]*Field {
	st := p.structs[name]
	if st == nil { // S3EndpointArgs becomes s3endpointArgs
		for n, candidate := range p.structs {
			if strings.EqualFold(n, name) && n[0] >= 'a' {
				st = candidate
			}
		}
	}
	out := map[string]*Field{}
	if st == nil {
		return out
	}
	for _, f := range st.Fields.List {
		if f.Tag == nil || len(f.Names) == 0 {
			continue
		}
		tag, _, _ := strings.Cut(reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("pulumi"), ",")
		if tag != "" {
			out[tag] = &Field{goName: f.Names[0].Name, Type: strings.TrimPrefix(typeString(f.Type), "*"), pkg: p, expr: f.Type}
		}
	}
	return out
}

func typeString(e ast.Expr) string {
	switch t := e.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.StarExpr:
		return "*" + typeString(t.X)
	case *ast.ArrayType:
		return "[]" + typeString(t.Elt)
	case *ast.MapType:
		return "map[" + typeString(t.Key) + "]" + typeString(t.Value)
	case *ast.SelectorExpr:
		return typeString(t.X) + "." + t.Sel.Name
	case *ast.InterfaceType:
		return "any"
	}
	return fmt.Sprintf("%T", e)
}
