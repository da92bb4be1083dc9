package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// Limits of open files and processes that a container gets at most. Podman's own defaults are above what a shell
// without CAP_SYS_RESOURCE may hand out, and every container would fail to start.
const (
	maxOpenFiles = 16384
	maxProcesses = 32768
)

// rlimitNproc is RLIMIT_NPROC of Linux, which package syscall does not name.
const rlimitNproc = 6

// podmanPaths are the places of the sandbox's own Podman.
type podmanPaths struct {
	Config   string // containers.conf
	Storage  string // storage.conf
	Graph    string // images, containers and volumes
	Networks string
	Run      string // what does not outlive a reboot
}

// pathsOf derives the places from the cache folder. What must not outlive a reboot, and sockets, whose paths are
// short by nature, lie under /run.
func pathsOf(cacheDir string) podmanPaths {
	root := filepath.Join(cacheDir, "podman")
	return podmanPaths{
		Config:   filepath.Join(root, "containers.conf"),
		Storage:  filepath.Join(root, "storage.conf"),
		Graph:    filepath.Join(root, "storage"),
		Networks: filepath.Join(root, "networks"),
		Run:      filepath.Join("/run/dagster-sandbox", shortHash(cacheDir)),
	}
}

// openPodman prepares Podman and starts the instance's API service unless it runs.
func openPodman(ctx context.Context, stateDir, cacheDir string) (*Engine, error) {
	e, err := preparePodman(ctx, stateDir, cacheDir)
	if err != nil {
		return nil, err
	}
	if err := e.service.ensure(ctx, e); err != nil {
		return nil, fmt.Errorf("serve Docker's API by podman: %w", err)
	}
	return e, nil
}

// preparePodman writes the sandbox's own configuration and asks whether Podman works with it.
func preparePodman(ctx context.Context, stateDir, cacheDir string) (*Engine, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("podman without root gives containers no address that this machine reaches: " +
			"run as root, or use Docker")
	}
	stateDir, err := filepath.Abs(stateDir)
	if err != nil {
		return nil, fmt.Errorf("find the folder of the instance: %w", err)
	}
	cacheDir, err = filepath.Abs(cacheDir)
	if err != nil {
		return nil, fmt.Errorf("find the cache folder: %w", err)
	}
	paths := pathsOf(cacheDir)
	if err := writePodmanConfig(paths); err != nil {
		return nil, err
	}
	socket := filepath.Join(paths.Run, shortHash(stateDir), "engine.sock")
	e := &Engine{
		program: "podman",
		env:     []string{"CONTAINERS_CONF=" + paths.Config, "CONTAINERS_STORAGE_CONF=" + paths.Storage},
		socket:  socket,
		service: &service{dir: stateDir, socket: socket},
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	if _, err := e.Run(ctx, "info", "--format", "{{.Host.NetworkBackend}}"); err != nil {
		return nil, fmt.Errorf("use podman: %w", err)
	}
	return e, nil
}

// writePodmanConfig writes both configuration files where they differ from what is there.
func writePodmanConfig(paths podmanPaths) error {
	files, processes, err := ulimits()
	if err != nil {
		return err
	}
	for _, dir := range []string{paths.Graph, paths.Networks, paths.Run} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make podman's folder: %w", err)
		}
	}
	for path, content := range map[string][]byte{
		paths.Config:  containersConf(paths, files, processes, ociRuntime(exec.LookPath)),
		paths.Storage: storageConf(paths),
	} {
		if err := replaceFile(path, content); err != nil {
			return fmt.Errorf("write podman's configuration: %w", err)
		}
	}
	return nil
}

// containersConf renders containers.conf (containers.conf(5)). There is no systemd to lean on: control groups by
// cgroupfs, events and logs in files.
func containersConf(paths podmanPaths, files, processes uint64, runtime string) []byte {
	return fmt.Appendf(nil, `[containers]
default_ulimits = ["nofile=%d:%d", "nproc=%d:%d"]
log_driver = "k8s-file"

[engine]
runtime = %q
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = %q

[network]
network_backend = "netavark"
network_config_dir = %q
`, files, files, processes, processes, runtime, filepath.Join(paths.Run, "libpod"), paths.Networks)
}

// storageConf renders storage.conf (containers-storage.conf(5)).
func storageConf(paths podmanPaths) []byte {
	return fmt.Appendf(nil, "[storage]\ndriver = \"overlay\"\ngraphroot = %q\nrunroot = %q\n",
		paths.Graph, filepath.Join(paths.Run, "storage"))
}

// ociRuntime prefers runc, which works with control groups of both versions, to crun.
func ociRuntime(lookPath func(string) (string, error)) string {
	if _, err := lookPath("runc"); err == nil {
		return "runc"
	}
	return "crun"
}

// ulimits are the limits for containers: never above half of what this process may have, since Podman lowers its
// own limit of processes before it starts a container.
func ulimits() (files, processes uint64, err error) {
	var open, procs syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &open); err != nil {
		return 0, 0, fmt.Errorf("read the limit of open files: %w", err)
	}
	if err := syscall.Getrlimit(rlimitNproc, &procs); err != nil {
		return 0, 0, fmt.Errorf("read the limit of processes: %w", err)
	}
	return min(open.Max, maxOpenFiles), min(procs.Max/2, maxProcesses), nil
}

// replaceFile writes content to path in one step, and nothing when it is there already: other instances may be
// reading it.
func replaceFile(path string, content []byte) error {
	if present, err := os.ReadFile(path); err == nil && bytes.Equal(present, content) {
		return nil
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = temporary.Write(content)
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}

// shortHash is eight hexadecimal digits of a text's SHA-256.
func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}
