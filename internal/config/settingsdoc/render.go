package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"

	"dagster-ecs/internal/changes"
	"dagster-ecs/internal/config"
	"dagster-ecs/internal/rules"
)

const heading = `# Settings

Generated from the comments of ` + "`internal/config`" + ` (` + "`make docs`" + `); a test compares.

A stack's settings stand in ` + "`Pulumi.<stack>.yaml`" + `. A setting that is missing there has the value of the stack's
profile, ` + "`dev` or `prod`" + `; within an object each field for itself. Wrong values, unknown keys and combinations that
cannot work are refused before anything is registered. All of them are told at once, with the key, the value, what is wrong
with it and what is allowed, each mistake once.

The last column says what a change does to a deployed stack:

| change | meaning |
|---|---|
| in place | at once, and nothing starts anew |
| new tasks | webserver, daemon or both start anew, the webserver without a gap; runs in progress go on as they began |
| interrupts | takes the database away for minutes, at once and not in its maintenance window |
| replaces | deletes something without data and makes it anew |
| refused | refused at preview, before anything is touched, with what to do |

AWS applies nothing of it later, in a maintenance window: minor versions of PostgreSQL only come there.
`

// comments are the comments of the fields, by type and field.
type comments map[string]map[string]string

// read collects the comments of the struct types in a folder's files.
func read(folder string) (comments, error) {
	// The pattern is a constant, and only a malformed one is an error.
	files, _ := filepath.Glob(filepath.Join(folder, "*.go"))
	all := comments{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("read the settings' types: %w", err)
		}
		all.add(parsed)
	}
	return all, nil
}

// add collects the comments of the struct types in a file.
func (all comments) add(file *ast.File) {
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.TypeSpec)
		if !ok {
			return true
		}
		structure, ok := spec.Type.(*ast.StructType)
		if !ok {
			return false
		}
		all[spec.Name.Name] = map[string]string{}
		for _, field := range structure.Fields.List {
			for _, name := range field.Names {
				all[spec.Name.Name][name.Name] = strings.Join(strings.Fields(field.Doc.Text()), " ")
			}
		}
		return false
	})
}

// page is the document while it is written.
type page struct {
	bytes.Buffer
	comments comments
	// top is the key whose table is written; empty in the first, where keys are whole.
	top string
}

// render gives the whole document. It refuses a setting without a comment.
func render(source string) ([]byte, error) {
	texts, err := read(source)
	if err != nil {
		return nil, err
	}
	p := &page{comments: texts}
	p.WriteString(heading)
	dev, prod := reflect.ValueOf(config.Defaults(config.ProfileDev)), reflect.ValueOf(config.Defaults(config.ProfileProd))
	settings := dev.Type()
	p.table("The stack", "")
	for _, top := range config.TopLevels() {
		if top.Field.Type.Kind() == reflect.Struct {
			continue
		}
		index := top.Field.Index
		if err := p.row(settings, top.Field, top.Key, shown(dev.FieldByIndex(index)), shown(prod.FieldByIndex(index))); err != nil {
			return nil, err
		}
	}
	for _, top := range config.TopLevels() {
		if top.Field.Type.Kind() != reflect.Struct {
			continue
		}
		p.top = top.Key + "."
		p.table("`"+top.Key+"`", sentence(top.Field.Name, p.comments[settings.Name()][top.Field.Name]))
		if err := p.fields("", dev.FieldByIndex(top.Field.Index), prod.FieldByIndex(top.Field.Index)); err != nil {
			return nil, err
		}
	}
	return p.Bytes(), nil
}

// table begins a section.
func (p *page) table(title, text string) {
	fmt.Fprintf(p, "\n## %s\n\n", title)
	if text != "" {
		fmt.Fprintf(p, "%s\n\n", text)
	}
	p.WriteString("| key | type | dev | prod | meaning | change |\n|---|---|---|---|---|---|\n")
}

// fields writes the rows of an object's fields, those of objects inside it with their path.
func (p *page) fields(path string, dev, prod reflect.Value) error {
	of := dev.Type()
	for i := range of.NumField() {
		field := of.Field(i)
		name := path + field.Tag.Get(config.Tag)
		if err := p.row(of, field, name, shown(dev.Field(i)), shown(prod.Field(i))); err != nil {
			return err
		}
		var err error
		switch kind := field.Type.Kind(); {
		case kind == reflect.Struct:
			err = p.fields(name+".", dev.Field(i), prod.Field(i))
		case kind == reflect.Slice && field.Type.Elem().Kind() == reflect.Struct:
			err = p.elements(name+"[].", field.Type.Elem())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// elements writes the rows of the fields that each element of a list has; they have no defaults.
func (p *page) elements(path string, of reflect.Type) error {
	for i := range of.NumField() {
		field := of.Field(i)
		if err := p.row(of, field, path+field.Tag.Get(config.Tag), "", ""); err != nil {
			return err
		}
	}
	return nil
}

// row writes one setting.
func (p *page) row(of reflect.Type, field reflect.StructField, name, dev, prod string) error {
	comment := p.comments[of.Name()][field.Name]
	if comment == "" {
		return fmt.Errorf("describe %s.%s: the field has no comment", of.Name(), field.Name)
	}
	meaning := strings.ReplaceAll(sentence(field.Name, comment), "|", `\|`)
	fmt.Fprintf(p, "| `%s` | %s | %s | %s | %s | %s |\n", name, kind(field.Type), dev, prod, meaning, change(p.top+name))
	return nil
}

// change says what a change of a setting does; nothing for an object, whose fields have rows of their own, and for the fields
// of a list's elements.
func change(key string) string {
	found, known := changes.Of(key)
	switch {
	case !known:
		return ""
	case found.Note == "":
		return string(found.Effect)
	}
	return string(found.Effect) + ": " + found.Note
}

// sentence makes the text of a setting from the comment of its field: "Zones is the number of zones." becomes "The number
// of zones.", and "Protect keeps data." becomes "Keeps data.".
func sentence(name, comment string) string {
	text := strings.TrimPrefix(comment, name+" ")
	for _, verb := range []string{"is ", "are "} {
		text = strings.TrimPrefix(text, verb)
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// kind names a type for people, or the values of which it takes one.
func kind(of reflect.Type) string {
	if choice, ok := reflect.Zero(of).Interface().(rules.Choice); ok {
		return "`" + strings.Join(choice.Allowed(), "` or `") + "`"
	}
	switch of.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "boolean"
	case reflect.Int:
		return "number"
	case reflect.Slice:
		return "list"
	case reflect.Map:
		return "object of texts"
	default:
		return "object"
	}
}

// shown is a default for a table cell; nothing where it is empty, or an object whose fields have rows of their own.
func shown(value reflect.Value) string {
	switch value.Kind() {
	case reflect.Bool, reflect.Int:
		return fmt.Sprintf("`%v`", value)
	case reflect.String:
		if value.Len() > 0 {
			return "`" + value.String() + "`"
		}
	}
	return ""
}
