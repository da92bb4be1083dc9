package gofunction_test

import (
	"archive/zip"
	"bytes"
	"debug/elf"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dagster-ecs/internal/gofunction"
)

// source is a module with the files.
func source(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func small() map[string]string {
	return map[string]string{"go.mod": "module small\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() { println(1) }\n"}
}

func hash(t *testing.T, folder string) string {
	t.Helper()
	sum, err := gofunction.Hash(folder)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func TestHashFollowsWhatIsCompiledAndNothingElse(t *testing.T) {
	first := hash(t, source(t, small()))
	for name, each := range map[string]struct {
		file  string
		other bool
	}{
		"nothing":         {"", false},
		"a test":          {"main_test.go", false},
		"data of a test":  {"testdata/line.json", false},
		"another file":    {"other.go", true},
		"a query":         {"health.graphql", true},
		"changed modules": {"go.mod", true},
	} {
		files := small()
		if each.file != "" {
			files[each.file] += "\n// more\n"
		}
		if changed := hash(t, source(t, files)) != first; changed != each.other {
			t.Errorf("%s: the hash changes: %t", name, changed)
		}
	}
}

func TestHashFollowsTheNamesOfFiles(t *testing.T) {
	files := small()
	files["other.go"] = files["main.go"]
	delete(files, "main.go")
	if hash(t, source(t, files)) == hash(t, source(t, small())) {
		t.Error("the hash is the same with another file's name")
	}
}

func TestASourceThatIsNotThereIsSaid(t *testing.T) {
	if _, err := gofunction.Hash(t.TempDir()); err == nil || !strings.Contains(err.Error(), "beside Pulumi.yaml") {
		t.Errorf("got %v", err)
	}
}

func TestArchiveHoldsAProgramThatLambdaStarts(t *testing.T) {
	folder := source(t, small())
	t.Setenv("GOFLAGS", "-race -mod=vendor") // what somebody sets for themselves
	first, err := gofunction.Build(t.Context(), folder, "arm64")
	if err != nil {
		t.Fatal(err)
	}
	second, err := gofunction.Build(t.Context(), folder, "arm64")
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("built again other bytes come out (%v)", err)
	}
	archive, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	if err != nil || len(archive.File) != 1 {
		t.Fatalf("got %v, %v", archive, err)
	}
	file := archive.File[0]
	if file.Name != "bootstrap" || file.Mode() != 0o755 {
		t.Errorf("got %s with mode %v", file.Name, file.Mode())
	}
	opened, err := file.Open()
	if err != nil {
		t.Fatal(err)
	}
	program, err := io.ReadAll(opened)
	if err != nil {
		t.Fatal(err)
	}
	read, err := elf.NewFile(bytes.NewReader(program))
	if err != nil || read.Machine != elf.EM_AARCH64 || read.OSABI != elf.ELFOSABI_NONE {
		t.Errorf("no program for Linux on arm64: %v, %v", read, err)
	}
	if bytes.Contains(program, []byte(folder)) {
		t.Error("the program holds the path of the machine on which it was compiled")
	}
}

func TestWhatDoesNotCompileIsSaid(t *testing.T) {
	files := small()
	files["main.go"] = "package main\n\nfunc main() { missing() }\n"
	if _, err := gofunction.Build(t.Context(), source(t, files), "arm64"); err == nil || !strings.Contains(err.Error(), "undefined: missing") {
		t.Errorf("got %v", err)
	}
}

func TestWithoutGoItIsSaidWhatToInstall(t *testing.T) {
	t.Setenv("PATH", "")
	if _, err := gofunction.Build(t.Context(), source(t, small()), "arm64"); err == nil || !strings.Contains(err.Error(), "https://go.dev/dl") {
		t.Errorf("got %v", err)
	}
}
