package deploy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// interruptPatience is how long an interrupted update may take to end and to record the resources under way.
const interruptPatience = time.Minute

// cli runs Pulumi in a process group of its own. A terminal sends Ctrl-C to its whole group, and the Automation API
// would interrupt the engine a second time, upon which the engine ends at once and forgets what it was creating.
type cli struct {
	auto.PulumiCommand
	path string
}

func newCLI() (cli, error) {
	path, err := exec.LookPath("pulumi")
	if err != nil {
		return cli{}, fmt.Errorf("find Pulumi's CLI: %w", err)
	}
	command, err := auto.NewPulumiCommand(nil)
	if err != nil {
		return cli{}, fmt.Errorf("ask Pulumi's CLI for its version: %w", err)
	}
	return cli{command, path}, nil
}

// Run is called by the Automation API, whose arguments and results it has. What Pulumi says goes through files: a pipe
// would break with a killed driver, and the engine would die of it at its next word.
func (c cli) Run(ctx context.Context, dir string, stdin io.Reader, outputs, errorOutputs []io.Writer, env []string,
	args ...string) (stdout, stderr string, code int, err error) {
	out, err := newTranscript()
	if err != nil {
		return "", "", -1, err
	}
	defer out.Close()
	errOut, err := newTranscript()
	if err != nil {
		return "", "", -1, err
	}
	defer errOut.Close()
	cmd := exec.CommandContext(ctx, c.path, append([]string{"--non-interactive"}, args...)...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, stdin, out.File, errOut.File
	cmd.Env = append(append(os.Environ(), env...), "PULUMI_AUTOMATION_API=true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = interruptPatience
	err = cmd.Run()
	code = -1 // it did not start, or was killed
	if exit := (*exec.ExitError)(nil); err == nil || errors.As(err, &exit) {
		code = cmd.ProcessState.ExitCode()
	}
	stdout, errRead := out.tell(outputs)
	stderr, errReadToo := errOut.tell(errorOutputs)
	return stdout, stderr, code, errors.Join(err, errRead, errReadToo)
}

// transcript is a file without a name that takes what a command says.
type transcript struct{ *os.File }

func newTranscript() (transcript, error) {
	file, err := os.CreateTemp("", "pulumi-*")
	if err != nil {
		return transcript{}, fmt.Errorf("create a file for what Pulumi says: %w", err)
	}
	return transcript{file}, os.Remove(file.Name())
}

// tell hands everything that was said to the listeners, and answers it.
func (t transcript) tell(listeners []io.Writer) (string, error) {
	if _, err := t.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("read what Pulumi said: %w", err)
	}
	var text strings.Builder
	if _, err := io.Copy(io.MultiWriter(append(listeners, &text)...), t); err != nil {
		return "", fmt.Errorf("read what Pulumi said: %w", err)
	}
	return text.String(), nil
}
