package mutants

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dagster-ecs/sandbox/internal/document"
)

func load(t *testing.T) Set {
	t.Helper()
	set, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestEveryPatchFitsTheProgramAsItIs(t *testing.T) {
	for _, patch := range load(t).patches {
		t.Run(patch.Name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("../..", patch.File))
			if err != nil {
				t.Fatal(err)
			}
			checkout := t.TempDir()
			path := filepath.Join(checkout, patch.File)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
			undo, err := patch.apply(checkout)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(path, ".go") {
				if _, err := parser.ParseFile(token.NewFileSet(), path, nil, 0); err != nil {
					t.Errorf("what it makes of the file is no Go: %v", err)
				}
			}
			if err := undo(); err != nil {
				t.Fatal(err)
			}
			if now, err := os.ReadFile(path); err != nil || string(now) != string(text) {
				t.Errorf("the file is another one afterwards (%v)", err)
			}
		})
	}
}

func TestDocumentHasTheTable(t *testing.T) {
	text, err := os.ReadFile("../../docs/sandbox.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := document.Insert(string(text), Source, load(t).Table())
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != want {
		t.Error("docs/sandbox.md has another table than the mutants make: run `make docs`")
	}
}
