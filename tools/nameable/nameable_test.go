package main

import (
	"slices"
	"strings"
	"testing"
)

func TestWhatOthersFillInOrCallAndCannotNameIsReported(t *testing.T) {
	found, err := run("testdata/module", []string{"./..."})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"example.Args.Choices", "example.Args.Reported", "example.Args.Take"}
	var got []string
	for _, line := range found {
		name, _, _ := strings.Cut(line, ":")
		got = append(got, name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", found, want)
	}
}

func TestAFolderWithoutAModuleIsRefused(t *testing.T) {
	if _, err := run(t.TempDir(), []string{"./..."}); err == nil {
		t.Error("nothing was said")
	}
}
