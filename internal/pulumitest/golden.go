package pulumitest

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// Plain turns a property into plain Go values for a golden file or a comparison. Secrets become "[secret]", unknown
// values "[unknown]".
func Plain(value resource.PropertyValue) any {
	switch {
	case value.IsSecret():
		return "[secret]"
	case value.IsComputed(), value.IsOutput():
		return "[unknown]"
	case value.IsResourceReference():
		return nameOf(string(value.ResourceReferenceValue().URN))
	case value.IsArray():
		list := make([]any, 0, len(value.ArrayValue()))
		for _, each := range value.ArrayValue() {
			list = append(list, Plain(each))
		}
		return list
	case value.IsObject():
		object := map[string]any{}
		for key, each := range value.ObjectValue() {
			object[string(key)] = Plain(each)
		}
		return object
	case value.IsString():
		return unfold(value.StringValue())
	}
	return value.V
}

// unfold shows a JSON document in a text as what it says, so that a golden file shows which line of a policy changed.
func unfold(text string) any {
	var document any
	if (len(text) > 0 && (text[0] == '{' || text[0] == '[')) && json.Unmarshal([]byte(text), &document) == nil {
		return map[string]any{"[json]": document}
	}
	return text
}

// Input is a plain input of a resource by its name; nil where it is not given.
func (r Resource) Input(key string) any {
	value, ok := r.Inputs[resource.PropertyKey(key)]
	if !ok {
		return nil
	}
	return Plain(value)
}

// Document reads an input that holds JSON, such as a policy.
func (r Resource) Document(t testing.TB, key string, into any) {
	t.Helper()
	value := r.Inputs[resource.PropertyKey(key)]
	if value.IsSecret() {
		value = value.SecretValue().Element
	}
	if !value.IsString() {
		t.Fatalf("%s %s: input %s is no text", r.Type, r.Name, key)
	}
	if err := json.Unmarshal([]byte(value.StringValue()), into); err != nil {
		t.Fatalf("%s %s: input %s: %v", r.Type, r.Name, key, err)
	}
}

// shown is the form of a resource in a golden file.
type shown struct {
	Type             string              `json:"type"`
	Name             string              `json:"name"`
	Parent           string              `json:"parent,omitempty"`
	Provider         string              `json:"provider,omitempty"`
	Protect          *bool               `json:"protect,omitempty"`
	Retain           *bool               `json:"retain,omitempty"`
	Aliases          []string            `json:"aliases,omitempty"`
	IgnoreChanges    []string            `json:"ignoreChanges,omitempty"`
	ReplaceOnChanges []string            `json:"replaceOnChanges,omitempty"`
	DeleteFirst      *bool               `json:"deleteBeforeReplace,omitempty"`
	Dependencies     []string            `json:"dependencies,omitempty"`
	Hooks            map[string][]string `json:"hooks,omitempty"`
	Inputs           map[string]any      `json:"inputs,omitempty"`
	Outputs          map[string]any      `json:"outputs,omitempty"`
}

// Render shows everything recorded as JSON, sorted, with secrets masked.
func (r *Recorder) Render() ([]byte, error) {
	all := []shown{}
	for _, each := range r.All() {
		all = append(all, shown{
			Type: each.Type, Name: each.Name, Parent: each.Parent, Provider: each.Provider,
			Protect: each.Protect, Retain: each.Retain, Aliases: each.Aliases,
			IgnoreChanges: each.IgnoreChanges, ReplaceOnChanges: each.ReplaceOnChanges,
			DeleteFirst: each.DeleteBeforeReplace, Dependencies: each.Dependencies, Hooks: each.Hooks, Inputs: plainMap(each.Inputs), Outputs: plainMap(each.Outputs),
		})
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(all)
	return out.Bytes(), err
}

// plainMap is a property map in plain Go values.
func plainMap(properties resource.PropertyMap) map[string]any {
	plain := map[string]any{}
	for key, value := range properties {
		plain[string(key)] = Plain(value)
	}
	return plain
}

// Golden compares what render gives with testdata/<name>. It renders twice and fails where the two differ. Run the test
// with -update to write the file.
func Golden(t testing.TB, name string, render func() ([]byte, error)) {
	t.Helper()
	first, err := render()
	if err != nil {
		t.Fatalf("render %s: %v", name, err)
	}
	second, err := render()
	if err != nil {
		t.Fatalf("render %s again: %v", name, err)
	}
	if !bytes.Equal(first, second) {
		t.Fatalf("%s is rendered differently each time: %s", name, difference(first, second))
	}
	path := filepath.Join("testdata", name)
	if *update {
		writeGolden(t, path, first)
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read golden file: %v (run the test with -update to write it)", err)
	}
	if !bytes.Equal(want, first) {
		t.Errorf("%s changed (run the test with -update to accept it): %s", path, difference(want, first))
	}
}

func writeGolden(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatalf("make folder of golden file: %v", err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatalf("write golden file: %v", err)
	}
}

// difference shows the first line at which two texts differ.
func difference(want, got []byte) string {
	wants, gots := bytes.Split(want, []byte("\n")), bytes.Split(got, []byte("\n"))
	for i := range max(len(wants), len(gots)) {
		w, g := lineAt(wants, i), lineAt(gots, i)
		if !bytes.Equal(w, g) {
			message, _ := json.Marshal(map[string]any{"line": i + 1, "want": string(w), "got": string(g)})
			return string(message)
		}
	}
	return "no difference"
}

func lineAt(lines [][]byte, i int) []byte {
	if i < len(lines) {
		return lines[i]
	}
	return nil
}
