package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestDocumentIsUpToDate(t *testing.T) {
	want, err := render("..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "settings.md"))
	if err != nil {
		t.Fatalf("read the document: %v", err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/settings.md differs from the comments of internal/config: run make docs")
	}
}

func TestEverySettingHasARow(t *testing.T) {
	document, err := render("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		"| `aws:region` | text |  |  |", "| `dagster:secrets` | object of texts |", "| `connection.host` | text |",
		"| `tagLimits[].limit` | number |  |  |", "Empty: any value. |  |", "| refused |", "| in place: refused below what the disk has grown to |",
		"| `nat` | `none` or `single` or `per-zone` | `single` | `per-zone` |", "| `maxConcurrent` | number | `5` | `25` |", "## `dagster:logs`",
	} {
		if !strings.Contains(string(document), row) {
			t.Errorf("%s is missing", row)
		}
	}
	for _, line := range strings.Split(string(document), "\n") {
		if cells := strings.Count(line, " |"); strings.HasPrefix(line, "| `") && cells != 6 {
			t.Errorf("%d cells: %s", cells, line)
		}
	}
}

func TestTextsAreSentences(t *testing.T) {
	for comment, want := range map[string]string{
		"Zones is the number of zones.": "The number of zones.",
		"Zones are ids.":                "Ids.",
		"Zones keeps a standby.":        "Keeps a standby.",
	} {
		if got := sentence("Zones", comment); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestSettingWithoutACommentIsRefused(t *testing.T) {
	bare := t.TempDir()
	if err := os.CopyFS(bare, os.DirFS("..")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(bare, "database.go")
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	without := regexp.MustCompile(`(\t//.*\n)+(\tFinalSnapshot )`).ReplaceAllString(string(source), "$2")
	if err := os.WriteFile(file, []byte(without), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := render(bare); err == nil || err.Error() != "describe Database.FinalSnapshot: the field has no comment" {
		t.Errorf("got %v", err)
	}
}
