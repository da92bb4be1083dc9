package tunnel

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// claim is a file in the person's own cache folder that says where a port of this machine leads to, and by which process.
// So that an update takes the tunnel that its owner has open already, and no stranger's port.
type claim string

func claimOf(port int) (claim, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache folder: %w", err)
	}
	return claim(filepath.Join(cache, "dagster-tunnel", strconv.Itoa(port))), nil
}

// stake says that this process leads to far.
func (c claim) stake(far string) error {
	if err := os.MkdirAll(filepath.Dir(string(c)), 0o700); err != nil {
		return fmt.Errorf("create the folder of tunnels: %w", err)
	}
	if err := os.WriteFile(string(c), fmt.Appendf(nil, "%d %s", os.Getpid(), far), 0o600); err != nil {
		return fmt.Errorf("note where the tunnel leads to: %w", err)
	}
	return nil
}

// leads says whether a process that is alive leads to far.
func (c claim) leads(far string) bool {
	text, err := os.ReadFile(string(c))
	if err != nil {
		return false
	}
	owner, to, _ := strings.Cut(string(text), " ")
	pid, err := strconv.Atoi(owner)
	if err != nil || to != far {
		return false
	}
	process, err := os.FindProcess(pid)
	return err == nil && process.Signal(syscall.Signal(0)) == nil
}

func (c claim) release() error {
	if err := os.Remove(string(c)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("forget where the tunnel leads to: %w", err)
	}
	return nil
}

// Leads says whether another process of the same person has a tunnel open from a port of this machine to far.
func Leads(port int, far string) bool {
	c, err := claimOf(port)
	return err == nil && c.leads(far)
}
