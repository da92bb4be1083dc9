package deploy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"dagster-ecs/sandbox/internal/account"
)

const (
	// interruptPatience is how long an interrupted update may take to end and to record the resources under way: a database
	// takes one or two minutes.
	interruptPatience = 2 * time.Minute
	// listenEvery is how often the engine's events are read while it works.
	listenEvery = 100 * time.Millisecond
)

// cli runs Pulumi's command line in a process group of its own. A terminal sends Ctrl-C to its whole group, and the
// engine would be interrupted a second time, upon which it ends at once and forgets what it was creating.
//
// What Pulumi says and the events go through files: a pipe would break with a killed driver, and the engine would die
// of it at its next word.
type cli struct {
	path string
	dir  string // the folder of the project
	env  []string
}

// consoleError is a failed command of Pulumi with all that it said.
type consoleError struct {
	error
	console string
}

func (e consoleError) Unwrap() error { return e.error }

// run answers what Pulumi printed; its error is a consoleError.
func (c cli) run(ctx context.Context, args ...string) (string, error) {
	stdout, err := unnamedFile()
	if err != nil {
		return "", err
	}
	defer stdout.Close()
	stderr, err := unnamedFile()
	if err != nil {
		return "", err
	}
	defer stderr.Close()
	cmd := exec.CommandContext(ctx, c.path, append([]string{"--non-interactive", "--color=never"}, args...)...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.dir, append(account.Without(os.Environ()), c.env...), stdout, stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = interruptPatience
	err = cmd.Run()
	out, outErr := fromStart(stdout)
	said, errErr := fromStart(stderr)
	if err != nil {
		err = consoleError{fmt.Errorf("pulumi %s: %w", args[0], err), out + said}
	}
	return out, errors.Join(err, outErr, errErr)
}

// observe is run for an operation on the stack, and calls listen with each of the engine's events as it happens.
func (c cli) observe(ctx context.Context, listen func(apitype.EngineEvent), args ...string) (string, error) {
	path := filepath.Join(c.dir, "events")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return "", fmt.Errorf("create the file of Pulumi's events: %w", err)
	}
	defer os.Remove(path)
	defer file.Close()
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- follow(file, stop, listen) }()
	c.env = append(slices.Clip(c.env), "PULUMI_DEBUG_COMMANDS=true") // which alone makes the flag known
	out, err := c.run(ctx, append(args, "--event-log="+path)...)
	close(stop)
	return out, errors.Join(err, <-done)
}

// follow decodes one event a line, until stop is closed and the file is read whole.
func follow(file io.Reader, stop <-chan struct{}, listen func(apitype.EngineEvent)) error {
	var text []byte
	for last := false; ; {
		more, err := io.ReadAll(file)
		if err != nil {
			return fmt.Errorf("read Pulumi's events: %w", err)
		}
		text = append(text, more...)
		for {
			line, rest, whole := bytes.Cut(text, []byte("\n"))
			if !whole {
				break
			}
			text = rest
			var event apitype.EngineEvent
			if err := json.Unmarshal(line, &event); err != nil {
				return fmt.Errorf("decode an event of Pulumi: %w", err)
			}
			listen(event)
		}
		if last {
			return nil
		}
		select {
		case <-stop:
			last = true
		case <-time.After(listenEvery):
		}
	}
}

func unnamedFile() (*os.File, error) {
	file, err := os.CreateTemp("", "pulumi-*")
	if err != nil {
		return nil, fmt.Errorf("create a file for what Pulumi says: %w", err)
	}
	return file, os.Remove(file.Name())
}

func fromStart(file *os.File) (string, error) {
	var text strings.Builder
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("read what Pulumi said: %w", err)
	}
	if _, err := io.Copy(&text, file); err != nil {
		return "", fmt.Errorf("read what Pulumi said: %w", err)
	}
	return text.String(), nil
}
