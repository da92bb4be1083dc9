// Package docs_test holds the documents to what they speak of: files, headings, settings.
package docs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"dagster-ecs/internal/config"
)

// documents are the Markdown files for people who use the program, by their path in the repository, where the test goes.
func documents(t *testing.T) map[string]string {
	t.Helper()
	t.Chdir("..")
	texts := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatalf("list documents: %v", err)
		}
		for _, path := range paths {
			texts[path] = read(t, path)
		}
	}
	if texts["README.md"] == "" || texts["docs/settings.md"] == "" {
		t.Fatalf("README or docs/settings.md is missing among %d documents", len(texts))
	}
	return texts
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read document: %v", err)
	}
	return string(content)
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	fenced  = regexp.MustCompile("(?s)```.*?```")
	// what GitHub leaves out of a heading's anchor
	dropped = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// anchors are the headings of a document as GitHub makes links to them.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	for _, match := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		found[strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-")] = true
	}
	return found
}

// reference is a link from a document into the repository.
type reference struct{ written, file, anchor string }

func references(path, text string) []reference {
	var found []reference
	for _, match := range link.FindAllStringSubmatch(text, -1) {
		target, anchor, _ := strings.Cut(match[1], "#")
		switch {
		case strings.Contains(target, "://"):
			continue
		case target == "":
			target = path
		default:
			target = filepath.Join(filepath.Dir(path), target)
		}
		found = append(found, reference{match[1], target, anchor})
	}
	return found
}

func TestEveryLinkLeadsToAFileAndAHeading(t *testing.T) {
	for path, text := range documents(t) {
		for _, to := range references(path, text) {
			if _, err := os.Stat(to.file); err != nil {
				t.Errorf("%s: the link %s leads to no file", path, to.written)
			} else if to.anchor != "" && !anchors(read(t, to.file))[to.anchor] {
				t.Errorf("%s: the link %s leads to no heading", path, to.written)
			}
		}
	}
}

// named is a section as the program names it to people.
var named = regexp.MustCompile(`"(\w+\.md)#([a-z0-9-]+)"`)

func TestEverySectionThatTheDoctorNamesIsThere(t *testing.T) {
	texts := documents(t)
	files, err := filepath.Glob("internal/doctor/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("the doctor is not there: %v", err)
	}
	for _, file := range files {
		for _, to := range named.FindAllStringSubmatch(read(t, file), -1) {
			if !anchors(texts["docs/"+to[1]])[to[2]] {
				t.Errorf("%s names %s, where no section %s is", file, to[1], to[2])
			}
		}
	}
}

func TestEveryDocumentCanBeReachedFromTheReadme(t *testing.T) {
	texts := documents(t)
	reached := map[string]bool{}
	var follow func(path string)
	follow = func(path string) {
		if reached[path] {
			return
		}
		reached[path] = true
		for _, to := range references(path, texts[path]) {
			follow(to.file)
		}
	}
	follow("README.md")
	for path := range texts {
		// a link to a folder shows all that is in it
		if !reached[path] && !reached[filepath.Dir(path)] {
			t.Errorf("no link leads from the README to %s", path)
		}
	}
}

// setting is a key in backticks: dagster:runs.maxConcurrent, or runs.maxConcurrent in short.
var setting = regexp.MustCompile("`(?:dagster:)?([a-z][A-Za-z]*(?:\\.[A-Za-z_]+|\\[\\])*)(?:: [^`]*)?`|'dagster:([A-Za-z._]+)'")

// knows says whether the settings have this path; what is below a map is up to people.
func knows(path string) (known, ours bool) {
	names := strings.Split(strings.ReplaceAll(path, "[]", ""), ".")
	for _, top := range config.TopLevels() {
		if top.Key == "dagster:"+names[0] {
			return has(top.Field.Type, names[1:]), true
		}
	}
	return false, false
}

func has(kind reflect.Type, names []string) bool {
	if kind.Kind() == reflect.Slice {
		kind = kind.Elem()
	}
	if len(names) == 0 || kind.Kind() == reflect.Map {
		return true
	}
	if kind.Kind() != reflect.Struct {
		return false
	}
	for i := range kind.NumField() {
		if field := kind.Field(i); field.Tag.Get(config.Tag) == names[0] {
			return has(field.Type, names[1:])
		}
	}
	return false
}

func TestEverySettingThatADocumentNamesExists(t *testing.T) {
	seen := 0
	for path, text := range documents(t) {
		for _, match := range setting.FindAllStringSubmatch(text, -1) {
			name := match[1] + match[2]
			known, ours := knows(name)
			short := !strings.Contains(match[0], "dagster:")
			switch {
			case known:
				seen++
			case ours, !short:
				t.Errorf("%s: %s is not a setting", path, match[0])
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d settings were recognized in the documents", seen)
	}
}

func TestTheCostsCountTheAlarmsOfBothStacks(t *testing.T) {
	text := documents(t)["docs/deploy.md"]
	count := func(stack string) int {
		urns := read(t, filepath.Join("stacks", "testdata", stack+".urns"))
		return strings.Count(urns, "aws:cloudwatch/metricAlarm:") + strings.Count(urns, "aws:cloudwatch/compositeAlarm:")
	}
	if want := fmt.Sprintf("%d alarms (%d)", count("dev"), count("prod")); !strings.Contains(text, want) {
		t.Errorf("docs/deploy.md does not say %q", want)
	}
}
