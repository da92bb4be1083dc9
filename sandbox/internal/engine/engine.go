// Package engine finds the container engine that a sandbox runs on, and installs one where there is none.
//
// Docker is taken when its daemon answers on a local socket, else Podman; on Debian and its kin, as root, Podman is
// installed from the distribution's packages. Podman runs with a configuration and a storage of the sandbox's own,
// so that a person's own containers and settings are neither seen nor touched, and serves Docker's API on a socket.
package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"dagster-ecs/sandbox/internal/progress"
)

// InstanceLabel is the label that every container, volume, network and image of a sandbox carries; its value is the
// instance's ID.
const InstanceLabel = "dagster.sandbox.instance"

// probeTimeout bounds the question whether an engine answers.
const probeTimeout = time.Minute

// patience is how long a program that was told to end may take.
const patience = 10 * time.Second

// Engine is a container engine that answers. It is safe for concurrent use.
type Engine struct {
	program string // "docker" or "podman"
	env     []string
	socket  string
	service *service // nil for Docker, whose daemon is not ours
}

// Open finds an engine, or installs one, and makes sure that Docker's API is served on a local socket. stateDir is
// the folder of the instance, which owns the API service that Open may start; cacheDir is the folder shared by all
// instances of this user. Open fails with one line that says what to do when there is no engine and none can be
// installed.
func Open(ctx context.Context, stateDir, cacheDir string, report *progress.Reporter) (*Engine, error) {
	docker, whyNoDocker := openDocker(ctx)
	if whyNoDocker == nil {
		return docker, nil
	}
	if err := ensurePodman(ctx, report); err != nil {
		return nil, fmt.Errorf("find a container engine: %w, and %w", whyNoDocker, err)
	}
	return openPodman(ctx, stateDir, cacheDir)
}

// Attach returns the engine of an instance without installing or starting anything, for `down` and `status`.
// It fails when there is no engine.
func Attach(ctx context.Context, stateDir, cacheDir string) (*Engine, error) {
	docker, whyNoDocker := openDocker(ctx)
	if whyNoDocker == nil {
		return docker, nil
	}
	if _, err := exec.LookPath("podman"); err != nil {
		return nil, fmt.Errorf("find a container engine: %w, and podman is not installed", whyNoDocker)
	}
	return preparePodman(ctx, stateDir, cacheDir)
}

// Socket is the path of the unix socket on this machine that serves Docker's API.
func (e *Engine) Socket() string { return e.socket }

// SocketArgs are the arguments of `run` that give a container Docker's API: the socket and DOCKER_HOST, which every
// client of Docker reads. Of a service that may be started anew the folder is mounted, since the socket in it changes.
func (e *Engine) SocketArgs() []string {
	if e.service == nil {
		return []string{"--volume", e.socket + ":/run/engine.sock", "--env", "DOCKER_HOST=unix:///run/engine.sock"}
	}
	return []string{"--volume", filepath.Dir(e.socket) + ":/run/engine",
		"--env", "DOCKER_HOST=unix:///run/engine/" + filepath.Base(e.socket)}
}

// Command returns the engine's command line with args, not started; the environment that it needs is set. Add to
// its Env, never replace it: one call without that environment works on another storage and finds nothing.
func (e *Engine) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, e.program, args...)
	cmd.Env = append(os.Environ(), e.env...)
	EndGently(cmd)
	return cmd
}

// EndGently makes a command end by SIGTERM when its context ends, so that it cleans up after itself, and by SIGKILL
// only when it takes too long.
func EndGently(cmd *exec.Cmd) {
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = patience
}

// Run runs the engine's command line with args and returns what it printed, without the last line break. The error
// carries the engine's own last words.
func (e *Engine) Run(ctx context.Context, args ...string) (string, error) {
	cmd := e.Command(ctx, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", e.program, strings.Join(firstWords(args), " "), withOutput(err, stderr.String()))
	}
	return strings.TrimRight(stdout.String(), "\n"), nil
}

// Close stops the API service that Open started for the instance. Containers that reach the engine by it lose it for good.
func (e *Engine) Close() error {
	if e.service == nil {
		return nil
	}
	if err := e.service.stop(); err != nil {
		return err
	}
	if err := os.Remove(filepath.Dir(e.socket)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the service's folder: %w", err)
	}
	return nil
}

// openDocker returns the Docker engine, or the reason why there is none.
func openDocker(ctx context.Context) (*Engine, error) {
	if _, err := exec.LookPath("docker"); err != nil {
		return nil, errors.New("docker is not installed")
	}
	e := &Engine{program: "docker", env: []string{"DOCKER_BUILDKIT=1"}}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	host := os.Getenv("DOCKER_HOST")
	if host == "" {
		found, err := e.Run(ctx, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
		if err != nil {
			return nil, errors.New("docker names no daemon")
		}
		host = found
	}
	socket, local := strings.CutPrefix(host, "unix://")
	if !local {
		return nil, fmt.Errorf("docker's daemon is elsewhere (%s) and must be on this machine", host)
	}
	if _, err := e.Run(ctx, "version", "--format", "{{.Server.Version}}"); err != nil {
		return nil, errors.New("docker's daemon does not answer")
	}
	// The legacy builder, which Docker falls back to without the buildx component, has no secrets.
	if help, err := e.Run(ctx, "build", "--help"); err != nil || !strings.Contains(help, "--secret") {
		return nil, errors.New("docker builds without BuildKit (install its buildx component)")
	}
	e.socket = socket
	return e, nil
}

// firstWords are the words of a command line up to its first flag: enough to say what failed, and no secret is
// among them.
func firstWords(args []string) []string {
	for i, arg := range args {
		if strings.HasPrefix(arg, "-") || i == 3 {
			return args[:i]
		}
	}
	return args
}

// withOutput adds the last lines of a program's error output to err.
func withOutput(err error, output string) error {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	if len(lines) > 6 {
		lines = lines[len(lines)-6:]
	}
	if text := strings.Join(lines, "\n"); text != "" {
		return fmt.Errorf("%w: %s", err, text)
	}
	return err
}
