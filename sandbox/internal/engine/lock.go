package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Lock takes the lock file path for this process, waiting until ctx ends; unlock gives it back and removes the file.
// The kernel frees it when the process dies, so nothing stale stays behind.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of lock %s: %w", path, err)
	}
	for {
		file, err := tryLock(path)
		if err != nil {
			return nil, fmt.Errorf("take lock %s: %w", path, err)
		}
		if file != nil {
			return func() {
				_ = os.Remove(path)
				_ = file.Close() // gives the lock back
			}, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for lock %s: %w", path, ctx.Err())
		case <-time.After(servicePoll):
		}
	}
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
