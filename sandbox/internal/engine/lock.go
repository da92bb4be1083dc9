package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"dagster-ecs/sandbox/internal/progress"
)

const (
	// tellEvery is how often a person who waits for a lock is told who holds it.
	tellEvery = 20 * time.Second
	// tellAfter leaves out locks that are held for a moment only.
	tellAfter = 300 * time.Millisecond
)

// holder is what a lock file says of the process that holds it.
type holder struct {
	Work  string    `json:"work"`
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
}

// Lock takes the lock file path for this process, waiting until ctx ends; unlock gives it back and removes the file.
// The kernel frees it when the process dies, so nothing stale stays behind. work says what it is taken for, such as
// "make up": whoever waits is told it at once by report, and again every 20 seconds.
func Lock(ctx context.Context, path, work string, report *progress.Reporter) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of lock %s: %w", path, err)
	}
	told := time.Now().Add(tellAfter - tellEvery)
	for {
		file, err := tryLock(path)
		if err != nil {
			return nil, fmt.Errorf("take lock %s: %w", path, err)
		}
		if file != nil {
			if err := sign(file, work); err != nil {
				return nil, errors.Join(fmt.Errorf("sign lock %s: %w", path, err), file.Close())
			}
			return func() {
				_ = os.Remove(path)
				_ = file.Close() // gives the lock back
			}, nil
		}
		if time.Since(told) > tellEvery && tell(path, report) {
			told = time.Now()
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for lock %s: %w", path, ctx.Err())
		case <-time.After(servicePoll):
		}
	}
}

func sign(file *os.File, work string) error {
	text, err := json.Marshal(holder{Work: work, PID: os.Getpid(), Since: time.Now()})
	if err != nil {
		return err
	}
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err = file.WriteAt(text, 0)
	return err
}

// tell says who holds the lock; false when the holder has not signed yet or has just gone.
func tell(path string, report *progress.Reporter) bool {
	text, err := os.ReadFile(path)
	var h holder
	if err != nil || json.Unmarshal(text, &h) != nil || errors.Is(syscall.Kill(h.PID, 0), syscall.ESRCH) {
		return false
	}
	report.Note("waiting for `%s` (process %d), which began at %s, %s ago", h.Work, h.PID,
		h.Since.Local().Format(time.TimeOnly), time.Since(h.Since).Round(time.Second))
	return true
}

// tryLock answers the locked file, or nil while another process has it.
func tryLock(path string) (locked *os.File, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() {
		if locked == nil {
			err = errors.Join(err, file.Close())
		}
	}()
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	held, err := file.Stat()
	if err != nil {
		return nil, err
	}
	// The one before may have removed the file between its opening and its lock.
	if there, err := os.Stat(path); err != nil || !os.SameFile(held, there) {
		return nil, nil
	}
	return file, nil
}
