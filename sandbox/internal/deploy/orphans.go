package deploy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"dagster-ecs/sandbox/internal/progress"
)

const orphanPoll = 100 * time.Millisecond

// EndOrphans ends the update that works on the state below dir although the driver that began it was killed: the
// engine by an interrupt, so that it records what it creates, and what an engine leaves, or one that takes longer than
// two minutes, by force. Callers hold the sandbox's lock, so no update of a living driver is met.
func EndOrphans(ctx context.Context, dir string, p *progress.Reporter) (err error) {
	orphans := workingOn(dir)
	if len(orphans) == 0 {
		return nil
	}
	end := p.Step("end the update of a killed command")
	defer func() { end(err) }()
	if err := signal(engines(orphans), syscall.SIGINT); err != nil {
		return err
	}
	for deadline := time.Now().Add(interruptPatience); len(orphans) > 0; orphans = workingOn(dir) {
		if len(engines(orphans)) == 0 || time.Now().After(deadline) {
			if err := signal(orphans, syscall.SIGKILL); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(orphanPoll):
		}
	}
	return nil
}

// ownedBy is the variable of each process that a driver started to work on the state below dir. A person's own pulumi,
// whose environment names the state as well, does not have it.
func ownedBy(dir string) string { return "SANDBOX_UPDATE_OF=" + dir }

// ofTunnel begins the variable of the processes that a program has started for its way to the database (internal/tunnel).
// They end when it does, and stop the gateway's task before.
const ofTunnel = "DAGSTER_TUNNEL_REGION="

// workingOn finds the processes that a driver started to work on the state below dir: the engine, the language host, the
// program and the providers.
func workingOn(dir string) (pids []int) {
	owned := ownedBy(dir)
	// The pattern is a constant, and only a malformed one is an error.
	paths, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil || !has(text, owned) || bytes.Contains(text, []byte("\x00"+ofTunnel)) { // another user's, or ended meanwhile
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

func has(environ []byte, pair string) bool {
	for variable := range bytes.SplitSeq(environ, []byte{0}) {
		if string(variable) == pair {
			return true
		}
	}
	return false
}

// engines picks the processes that are Pulumi's CLI.
func engines(pids []int) (found []int) {
	for _, pid := range pids {
		if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err == nil && strings.TrimSpace(string(name)) == "pulumi" {
			found = append(found, pid)
		}
	}
	return found
}

func signal(pids []int, s syscall.Signal) error {
	for _, pid := range pids {
		if err := syscall.Kill(pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("end process %d of a killed update: %w", pid, err)
		}
	}
	return nil
}
