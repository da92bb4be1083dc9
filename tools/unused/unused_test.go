package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// modules are two: the second uses the first.
var modules = []string{"testdata/module", "testdata/consumer"}

var declaredUnused = regexp.MustCompile(`\b[Uu]nused\w+`)

// TestExactlyTheNamesWithoutAUserAreReported: in the module of testdata they begin with Unused or unused.
func TestExactlyTheNamesWithoutAUserAreReported(t *testing.T) {
	got := reported(t, "testdata/except")
	want := unusedIn(t)
	want = slices.DeleteFunc(want, func(name string) bool { return name == "UnusedType" })
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestWithoutExceptionsTheExceptedAreReported(t *testing.T) {
	got := reported(t, "")
	for _, name := range []string{"Excepted", "UnusedType"} {
		if !slices.Contains(got, name) {
			t.Errorf("%s is missing from %v", name, got)
		}
	}
}

func TestAnExceptionThatIsNotNeededIsReported(t *testing.T) {
	lines, err := run(exceptFile(t, "example.main: it was needed once\n"), "more", modules)
	if err != nil {
		t.Fatal(err)
	}
	if last := lines[len(lines)-1]; !strings.HasSuffix(last, "example.main is used or gone: take its exception out") {
		t.Error(last)
	}
}

func TestAnExceptionWithoutAReasonIsRefused(t *testing.T) {
	_, err := run(exceptFile(t, "example.Excepted:\n"), "more", modules)
	if err == nil || !strings.Contains(err.Error(), "except:1: exception example.Excepted has no reason") {
		t.Error(err)
	}
}

func TestAModuleThatDoesNotCompileIsRefused(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "go.mod"), "module broken\n\ngo 1.26\n")
	write(t, filepath.Join(folder, "broken.go"), "package broken\n\nvar x int = \"text\"\n")
	_, err := run("", "", []string{folder})
	if err == nil || !strings.Contains(err.Error(), "broken.go:3:13") {
		t.Error(err)
	}
}

// reported are the reported names without their packages and types, sorted.
func reported(t *testing.T, except string) []string {
	t.Helper()
	lines, err := run(except, "more", modules)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, line := range lines {
		label := strings.Split(line, ": ")[1]
		names = append(names, label[strings.LastIndex(label, ".")+1:])
	}
	slices.Sort(names)
	return names
}

// unusedIn are the names in the module of testdata that say they have no user, sorted.
func unusedIn(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(modules[0] + "/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range append(files, modules[0]+"/main.go") {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, declaredUnused.FindAllString(string(content), -1)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func exceptFile(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "except")
	write(t, file, content)
	return file
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
