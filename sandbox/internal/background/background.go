// Package background keeps a process running beyond the command that starts it.
package background

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	// endPatience is how long a process may take to end by itself.
	endPatience = time.Minute
	poll        = 50 * time.Millisecond
)

// Process is one process, by the file that says which it is. The process holds the file's lock, also by the processes that it
// starts, so a file that is left behind, after the machine has started again as well, is of none.
type Process string

// facts are what the file says.
type facts struct {
	PID int    `json:"pid"`
	Key string `json:"key"`
}

// Runs says whether the process runs, and by which key it was started.
func (p Process) Runs() (key string, runs bool) {
	file, err := p.lock(os.O_RDWR)
	if err != nil {
		return "", false
	}
	if file != nil {
		file.Close()
		return "", false
	}
	found, err := p.read()
	return found.Key, err == nil
}

// Start starts a command that goes on after this process, and returns when it has said all the words, each with what it
// has said until then; a command that ends before is an error with its last words. One that runs already is an error too.
func (p Process) Start(ctx context.Context, command *exec.Cmd, key string, words ...string) (err error) {
	file, err := p.lock(os.O_RDWR | os.O_CREATE)
	if err != nil {
		return err
	}
	if file == nil {
		return fmt.Errorf("start %s: it runs already", command.Path)
	}
	defer file.Close()
	said, err := os.Create(p.Said())
	if err != nil {
		return fmt.Errorf("create the file of what %s says: %w", command.Path, err)
	}
	defer said.Close()
	command.Stdout, command.Stderr, command.ExtraFiles = said, said, []*os.File{file} // whose lock it shares
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		return fmt.Errorf("start %s: %w", command.Path, err)
	}
	text, err := json.Marshal(facts{command.Process.Pid, key})
	if err != nil {
		return fmt.Errorf("encode which process %s is: %w", command.Path, err)
	}
	if err := os.WriteFile(string(p), text, 0o600); err != nil {
		return fmt.Errorf("note which process %s is: %w", command.Path, err)
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait() // what it has said tells more
		close(ended)
	}()
	return p.await(ctx, ended, words)
}

func (p Process) await(ctx context.Context, ended <-chan struct{}, words []string) error {
	for {
		over := false
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), p.End(context.WithoutCancel(ctx)))
		case <-ended:
			over = true
		case <-time.After(poll):
		}
		text, err := os.ReadFile(p.Said())
		if err != nil {
			return fmt.Errorf("read what the process has said: %w", err)
		}
		if over {
			return errors.New(strings.TrimSpace(string(text)))
		}
		if containsAll(string(text), words) {
			return nil
		}
	}
}

func containsAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// End asks the process to end and waits until it and those that it has started have; by force after a minute.
func (p Process) End(ctx context.Context) error {
	signal := syscall.SIGTERM
	for deadline := time.Now().Add(endPatience); ; {
		if _, runs := p.Runs(); !runs {
			return nil
		}
		found, err := p.read()
		if err != nil {
			return err
		}
		if time.Now().After(deadline) {
			signal = syscall.SIGKILL
		}
		if err := syscall.Kill(found.PID, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("end process %d: %w", found.PID, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait until process %d has ended: %w", found.PID, ctx.Err())
		case <-time.After(poll):
		}
	}
}

// Known says whether the process has ever been started.
func (p Process) Known() bool {
	_, err := os.Stat(string(p))
	return err == nil
}

// Said is the file of what the process says.
func (p Process) Said() string { return string(p) + ".log" }

func (p Process) read() (found facts, err error) {
	text, err := os.ReadFile(string(p))
	if err == nil {
		err = json.Unmarshal(text, &found)
	}
	if err != nil {
		return facts{}, fmt.Errorf("read which process runs: %w", err)
	}
	return found, nil
}

// lock answers the locked file, or nil while the process has it.
func (p Process) lock(flags int) (*os.File, error) {
	file, err := os.OpenFile(string(p), flags, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the file of a process: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = nil
		}
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
