package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestContainersConfSaysEverythingThatPodmanNeedsWithoutSystemd(t *testing.T) {
	conf := string(containersConf(pathsOf("/cache"), 1024, 2048, "runc"))
	for _, want := range []string{
		`default_ulimits = ["nofile=1024:1024", "nproc=2048:2048"]`,
		`log_driver = "k8s-file"`,
		`runtime = "runc"`,
		`cgroup_manager = "cgroupfs"`,
		`events_logger = "file"`,
		`network_backend = "netavark"`,
		`network_config_dir = "/cache/podman/networks"`,
	} {
		if !strings.Contains(conf, want+"\n") {
			t.Errorf("containers.conf lacks the line %s:\n%s", want, conf)
		}
	}
}

func TestStorageIsTheSandboxsOwn(t *testing.T) {
	paths := pathsOf("/cache")
	conf := string(storageConf(paths))
	for _, want := range []string{`graphroot = "/cache/podman/storage"`, `runroot = "` + paths.Run + `/storage"`} {
		if !strings.Contains(conf, want+"\n") {
			t.Errorf("storage.conf lacks the line %s:\n%s", want, conf)
		}
	}
	if other := pathsOf("/other"); other.Run == paths.Run {
		t.Errorf("two caches share the folder %s", other.Run)
	}
}

func TestLimitsAreAtMostWhatThisProcessMayHandOut(t *testing.T) {
	files, processes, err := ulimits()
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 || files > maxOpenFiles || processes == 0 || processes > maxProcesses {
		t.Errorf("the limits are %d files and %d processes", files, processes)
	}
}

func TestRuncIsPreferredToCrun(t *testing.T) {
	there := func(string) (string, error) { return "/usr/bin/runc", nil }
	gone := func(string) (string, error) { return "", errors.New("not found") }
	if got := ociRuntime(there); got != "runc" {
		t.Errorf("with runc there the runtime is %s", got)
	}
	if got := ociRuntime(gone); got != "crun" {
		t.Errorf("without runc the runtime is %s", got)
	}
}

func TestAFileOfTheSameContentIsNotWrittenAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "containers.conf")
	inode := func() os.FileInfo {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	write := func(content string) {
		if err := replaceFile(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	write("a")
	first := inode()
	write("a")
	if !os.SameFile(first, inode()) {
		t.Error("the same content was written again")
	}
	write("b")
	if content, err := os.ReadFile(path); err != nil || string(content) != "b" {
		t.Errorf("the file holds %q, %v", content, err)
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
		t.Errorf("temporary files stay behind: %v", left)
	}
}
