//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"dagster-ecs/sandbox/internal/account"
	"dagster-ecs/sandbox/internal/commands"
)

// deployWithin bounds the first part of a deployment: tools and images are there, or the tests before built them.
const deployWithin = 10 * time.Minute

func TestInterruptedUpGoesOn(t *testing.T) {
	t.Parallel()
	s, driver := newSession(t, "dev"), buildDriver(t)
	t.Run("a killed engine's account is begun anew", func(t *testing.T) { engineKilled(t, s, driver) })
	t.Run("Ctrl-C ends the update and keeps what it created", func(t *testing.T) { interrupted(t, s, driver) })
	if t.Run("what an interrupted update left unrecorded is begun anew", func(t *testing.T) { unrecorded(t, s) }) {
		migrationSteps(t, connect(t, s), driver)
	}
}

func TestUpdateOfAKilledDriverIsEndedBeforeTheNext(t *testing.T) {
	t.Parallel()
	s, driver := newSession(t, "dev"), buildDriver(t)
	up := startUp(t, s, driver)
	up.await(10, 1)
	if err := up.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	up.ended()
	if len(processes(t, s)) == 0 {
		t.Fatal("no engine went on without its driver")
	}
	next := startUp(t, s, driver)
	next.awaitWords("… deploy")
	next.signalGroup(syscall.SIGINT)
	next.ended()
	first, _, _ := strings.Cut(next.said(), "… deploy")
	if !strings.Contains(first, "✓ end the update") || strings.Contains(first, "empty account") {
		t.Errorf("the next update began by\n%swant the end of the earlier one, with all that it created recorded", first)
	}
}

func buildDriver(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "sandbox")
	if out, err := exec.Command("go", "build", "-o", path, "..").CombinedOutput(); err != nil {
		t.Fatalf("build the driver: %v\n%s", err, out)
	}
	return path
}

func engineKilled(t *testing.T, s *commands.Session, driver string) {
	up := startUp(t, s, driver)
	up.await(30, 1)
	for _, pid := range processes(t, s) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Fatal(err)
		}
	}
	up.ended()
	if readState(t, s).creating() == 0 {
		t.Fatal("nothing was being created when the engine was killed")
	}
	next := startUp(t, s, driver)
	next.awaitWords("empty account")
	next.until(func() error {
		if readState(t, s).creating() > 0 {
			return errors.New("the state still has what the killed engine was creating")
		}
		return nil
	})
	next.signalGroup(syscall.SIGINT)
	next.ended()
}

func interrupted(t *testing.T, s *commands.Session, driver string) {
	up := startUp(t, s, driver)
	up.await(30, 1)
	// A terminal sends Ctrl-C to the whole group.
	up.signalGroup(syscall.SIGINT)
	said := up.ended()
	if last := said[len(said)-1]; !strings.HasPrefix(last, "error: interrupted") {
		t.Errorf("the last line is %q, want one that says that it was interrupted", last)
	}
	if state := readState(t, s); state.creating() > 0 || len(state.Resources) < 30 {
		t.Errorf("the state has %d resources and %d unrecorded creations", len(state.Resources), state.creating())
	}
	if left := processes(t, s); len(left) > 0 {
		t.Errorf("processes go on: %v", left)
	}
}

// unrecorded creates what the interrupted update has not come to, as a request does whose answer nobody waited for.
func unrecorded(t *testing.T, s *commands.Session) {
	env, err := s.Environment(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	logs := cloudwatchlogs.NewFromConfig(account.Config(env))
	if _, err := logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("asset-manager-dev/runs")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	changes, err := s.Preview(t.Context(), commands.Summary)
	if err != nil {
		t.Fatal(err)
	}
	if !changes.None() {
		t.Errorf("a preview shows %s", changes)
	}
}

// update is `sandbox up` as a process of its own.
type update struct {
	t       *testing.T
	session *commands.Session
	command *exec.Cmd
	words   string // the file of what it says
	exited  chan struct{}
}

func startUp(t *testing.T, s *commands.Session, driver string) *update {
	t.Helper()
	words, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer words.Close()
	u := &update{t: t, session: s, words: words.Name(), exited: make(chan struct{})}
	arguments := []string{"-repo", s.Repo, "-cache", s.Cache, "-stack", s.Stack, "-instance", s.Name}
	for key, value := range s.Set {
		arguments = append(arguments, "-set", key+"="+value)
	}
	u.command = exec.Command(driver, append(arguments, "up")...)
	u.command.Stdout, u.command.Stderr = words, words
	u.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := u.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = u.command.Wait()
		close(u.exited)
	}()
	return u
}

func (u *update) said() string {
	u.t.Helper()
	text, err := os.ReadFile(u.words)
	if err != nil {
		u.t.Fatal(err)
	}
	return string(text)
}

// until polls until check answers nil, while the update runs.
func (u *update) until(check func() error) {
	u.t.Helper()
	eventually(u.t, deployWithin, func(context.Context) error {
		select {
		case <-u.exited:
			u.t.Fatalf("the update ended by itself: %s", u.said())
		default:
		}
		return check()
	})
}

func (u *update) awaitWords(words string) {
	u.t.Helper()
	u.until(func() error {
		if !strings.Contains(u.said(), words) {
			return fmt.Errorf("it did not say %q: %s", words, u.said())
		}
		return nil
	})
}

// await returns when the state has so many resources and so many more are being created.
func (u *update) await(resources, creating int) {
	u.t.Helper()
	u.until(func() error {
		if s := readState(u.t, u.session); len(s.Resources) < resources || s.creating() < creating {
			return fmt.Errorf("the state has %d resources and %d creations under way", len(s.Resources), s.creating())
		}
		return nil
	})
}

func (u *update) signalGroup(signal syscall.Signal) {
	u.t.Helper()
	if err := syscall.Kill(-u.command.Process.Pid, signal); err != nil {
		u.t.Fatal(err)
	}
}

// ended waits for the end, which must be a failure, and answers the lines that were said.
func (u *update) ended() []string {
	u.t.Helper()
	select {
	case <-u.exited:
	case <-time.After(deployWithin):
		u.t.Fatal("the update does not end")
	}
	u.t.Logf("the update said:\n%s", u.said())
	if u.command.ProcessState.Success() {
		u.t.Fatal("the update ended as if nothing had happened")
	}
	return strings.Split(strings.TrimSpace(u.said()), "\n")
}

// state is what Pulumi's file backend keeps.
type state struct {
	Resources []struct {
		URN string `json:"urn"`
	} `json:"resources"`
	Pending []struct {
		Type string `json:"type"`
	} `json:"pending_operations"`
}

func (s state) creating() (n int) {
	for _, operation := range s.Pending {
		if operation.Type == "creating" {
			n++
		}
	}
	return n
}

// stateFolder is where Pulumi keeps the state of the session's stack.
func stateFolder(s *commands.Session) string {
	return filepath.Join(s.Root(), s.Name, "stacks", s.Stack, "state")
}

// readState reads the state as it is on disk, while an update may be writing it.
func readState(t *testing.T, s *commands.Session) state {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(stateFolder(s), ".pulumi/stacks/dagster", s.Stack+".json"))
	if errors.Is(err, os.ErrNotExist) {
		return state{}
	}
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Checkpoint struct {
			Latest state `json:"latest"`
		} `json:"checkpoint"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return state{} // half written
	}
	return file.Checkpoint.Latest
}

// processes finds the processes that work on the sandbox's state: the engine, its providers and the program.
func processes(t *testing.T, s *commands.Session) (pids []int) {
	t.Helper()
	backend := []byte("PULUMI_BACKEND_URL=file://" + stateFolder(s))
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range environments {
		text, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(text, backend) { // it may have ended meanwhile
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}
