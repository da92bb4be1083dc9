package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A wrong use is a command line of make, with variables of the environment that differ, and the one line that a person
// sees of it before make's own.
var wrongUses = []struct {
	name string
	make []string
	env  []string
	line string
}{
	{"an unknown target", []string{"ship"}, nil,
		"error: target ship is unknown: `make help` lists them"},
	{"a stack without a file", []string{"up", "STACK=nosuch", "INSTANCE=none"}, nil,
		"error: STACK names no stack: there is no Pulumi.nosuch.yaml"},
	{"an empty stack", []string{"up", "STACK=", "INSTANCE=none"}, nil,
		"error: STACK is empty: name a stack, such as dev"},
	{"an instance's name in capitals", []string{"status", "INSTANCE=Mine"}, nil,
		`error: instance "Mine": a name is lower-case letters, digits and hyphens, at most 31, and begins with a letter`},
	{"a port that is no number", []string{"up", "INSTANCE=none", "UI_PORT=80x"}, nil,
		"error: UI_PORT=80x: a port is a number from 1 to 65535"},
	{"an empty job", []string{"demo", "INSTANCE=none", "JOB="}, nil,
		"error: JOB is empty: name a job, such as heavy_computation_job"},
	{"a preview that is not quite full", []string{"preview", "INSTANCE=none", "FULL=yes"}, nil,
		"error: FULL=yes: it is 1 or nothing"},
	{"the status of no sandbox", []string{"status", "INSTANCE=none"}, nil, absent},
	{"the environment of no sandbox", []string{"env", "INSTANCE=none"}, nil, absent},
	{"a shell for no sandbox", []string{"shell", "INSTANCE=none"}, nil, absent},
	{"a run in no sandbox", []string{"demo", "INSTANCE=none"}, nil, absent},
	{"the logs of no sandbox", []string{"logs", "INSTANCE=none"}, nil, absent},
	{"a look for faults in no sandbox", []string{"doctor", "INSTANCE=none"}, nil, absent},
	{"the destruction of no sandbox", []string{"destroy", "INSTANCE=none"}, nil, absent},
	{"no sandbox of another stack", []string{"destroy", "STACK=prod"}, []string{"INSTANCE=none"},
		"error: instance none: there is no such sandbox: `make up STACK=prod INSTANCE=none` brings it up"},
	{"no Go on PATH", []string{"up", "INSTANCE=none", "SANDBOX_BINARY=.sandbox/nosuch"}, []string{"PATH=" + onlyFind},
		"error: Go 1.26 or later is not on PATH: install it from https://go.dev/dl"},
	{"no Python on PATH", []string{"lint-python", "VENVS=.sandbox/nosuch"}, []string{"PYTHON=python0"},
		"error: Python 3.11 or later is not on PATH: install it, or name it by PYTHON"},
}

// onlyFind stands for a folder with the one program that the Makefile itself calls.
const onlyFind = "FOLDER-OF-FIND"

const absent = "error: instance none: there is no such sandbox: `make up INSTANCE=none` brings it up"

func TestAWrongUseIsToldInOneLineAndLeavesNothing(t *testing.T) {
	find, err := exec.LookPath("find")
	if err != nil {
		t.Fatal(err)
	}
	tools := t.TempDir()
	if err := os.Symlink(find, filepath.Join(tools, "find")); err != nil {
		t.Fatal(err)
	}
	for _, use := range wrongUses {
		t.Run(use.name, func(t *testing.T) {
			cmd := exec.Command("make", append([]string{"--no-print-directory", "-C", ".."}, use.make...)...)
			cmd.Env = clean(os.Environ())
			for _, pair := range use.env {
				cmd.Env = append(cmd.Env, strings.ReplaceAll(pair, onlyFind, tools))
			}
			var stdout, stderr strings.Builder
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); err == nil {
				t.Error("it ended as if nothing were wrong")
			}
			own, _, _ := strings.Cut(stderr.String(), "make: ***")
			if own != use.line+"\n" || stdout.Len() > 0 {
				t.Errorf("a person sees\n%s%s, want\n%s", stdout.String(), own, use.line)
			}
			if _, err := os.Stat(filepath.Join("..", ".sandbox", "none")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("it left a folder: %v", err)
			}
		})
	}
}

// clean leaves out what a surrounding make has set.
func clean(environ []string) (kept []string) {
	for _, pair := range environ {
		switch name, _, _ := strings.Cut(pair, "="); name {
		case "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "STACK", "INSTANCE", "JOB", "UI_PORT", "AWS_PORT", "FULL", "PYTHON":
		default:
			kept = append(kept, pair)
		}
	}
	return kept
}

func TestAnUnknownFlagOrCommandIsToldInOneLine(t *testing.T) {
	for _, use := range []struct{ args, line string }{
		{"-verbose up", "flag -verbose is unknown: `sandbox -help` lists the flags"},
		{"", `command "" is unknown: it is one of up, preview, preview-comment, status, env, shell, pulumi, demo, logs, destroy, down`},
		{"demo failing_job", `"failing_job" after the command demo: flags come before it, and it takes nothing else`},
		{"-set dagster:protect up", `set=dagster:protect: give KEY=VALUE, such as dagster:protect=false`},
	} {
		var out strings.Builder
		err := run(t.Context(), strings.Fields(use.args), &out, &out)
		if err == nil || err.Error() != use.line || out.Len() > 0 {
			t.Errorf("sandbox %s: a person sees %v and %q, want %s", use.args, err, out.String(), use.line)
		}
	}
}

func TestAnInterruptedCommandEndsWithHowAPersonGoesOnFromThere(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for command, line := range map[string]string{
		"up":      "interrupted: the next `make up INSTANCE=none` goes on, `make down INSTANCE=none` cleans up",
		"preview": "interrupted: `make preview INSTANCE=none` begins anew",
		"demo":    "interrupted: the run goes on, and the UI shows it",
		"destroy": "interrupted: the next `make destroy INSTANCE=none` goes on",
	} {
		err := run(ctx, []string{"-repo", t.TempDir(), "-instance", "none", command}, io.Discard, io.Discard)
		if err == nil || err.Error() != line {
			t.Errorf("%s: a person sees %v, want %s", command, err, line)
		}
	}
}

func TestHelpNamesEveryCommandAndFlag(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), []string{"-help"}, &out, &out); err != nil {
		t.Fatal(err)
	}
	for _, name := range append(commandNames(), "-stack", "-instance", "-job", "-set") {
		if !strings.Contains(out.String(), "  "+name) {
			t.Errorf("the help does not name %s:\n%s", name, out.String())
		}
	}
}
