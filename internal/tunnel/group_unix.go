//go:build unix

package tunnel

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps a terminal's signals from a process.
func ownGroup(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
