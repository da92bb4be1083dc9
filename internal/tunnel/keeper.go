package tunnel

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// keeper is a process of this program's own that stops a task when the keeper is closed, and when this program ends in
// whatever way. It begins as soon as there is a task: the plugin comes a minute later.
type keeper struct {
	command *exec.Cmd
	input   io.Closer
	said    strings.Builder
}

func keep(region, cluster, task string) (io.Closer, error) {
	k := &keeper{}
	var err error
	if k.command, k.input, err = itself(regionVariable+"="+region, clusterVariable+"="+cluster, taskVariable+"="+task); err != nil {
		return nil, err
	}
	k.command.Stderr = &k.said
	if err := k.command.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start what stops the task at the end: %w", err), stopTask(region, cluster, task))
	}
	return k, nil
}

// Close stops the task.
func (k *keeper) Close() error {
	if err := k.input.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("end the gateway's task: %w", err)
	}
	if err := k.command.Wait(); err != nil {
		return fmt.Errorf("end the gateway's task: %w: %s", err, strings.TrimSpace(k.said.String()))
	}
	return nil
}

// keepers are those of all the tasks that were started for one way.
type keepers []io.Closer

// Close stops the tasks.
func (k keepers) Close() (err error) {
	for _, each := range k {
		err = errors.Join(err, each.Close())
	}
	return err
}

// itself is a process of this program with further variables, not started, and its input, by whose end it knows that this
// program has ended. Ctrl-C is for this program, which has work to end through the tunnel.
func itself(environment ...string) (*exec.Cmd, io.Closer, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, nil, fmt.Errorf("find this program: %w", err)
	}
	command := exec.Command(path)
	command.Env = append(os.Environ(), environment...)
	ownGroup(command)
	input, err := command.StdinPipe()
	if err != nil {
		return nil, nil, fmt.Errorf("prepare a process of this program: %w", err)
	}
	return command, input, nil
}
