package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// service is `podman system service` of one instance: a process of its own that outlives the program that starts it.
type service struct {
	dir    string // the instance's folder: lock, pid file and log
	socket string
}

const (
	serviceStart = 20 * time.Second
	servicePoll  = 50 * time.Millisecond
)

// ensure starts the service unless it answers.
func (s *service) ensure(ctx context.Context, e *Engine) error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("make the instance's folder: %w", err)
	}
	// The socket's folder may be mounted into containers: it stays when the service is started anew.
	if err := os.MkdirAll(filepath.Dir(s.socket), 0o700); err != nil {
		return fmt.Errorf("make the socket's folder: %w", err)
	}
	unlock, err := Lock(ctx, filepath.Join(s.dir, "engine.lock"), "start the engine's service", nil)
	if err != nil {
		return err
	}
	defer unlock()
	if s.answers(ctx) {
		return nil
	}
	if err := s.stop(); err != nil {
		return err
	}
	return s.start(ctx, e)
}

// start runs the service and waits until it answers.
func (s *service) start(ctx context.Context, e *Engine) error {
	log, err := os.OpenFile(filepath.Join(s.dir, "engine.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the service's log: %w", err)
	}
	defer log.Close()
	// Not bound to ctx: it must live on after this program.
	cmd := e.Command(context.WithoutCancel(ctx), "system", "service", "--time=0", "unix://"+s.socket)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the service: %w", err)
	}
	if err := os.WriteFile(s.pidFile(), []byte(strconv.Itoa(cmd.Process.Pid)), 0o600); err != nil {
		return errors.Join(fmt.Errorf("note the service's process: %w", err), cmd.Process.Kill())
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	deadline := time.After(serviceStart)
	for !s.answers(ctx) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			return fmt.Errorf("the service ended at once (%v): see %s", err, log.Name())
		case <-deadline:
			return fmt.Errorf("the service did not answer within %s: see %s", serviceStart, log.Name())
		case <-time.After(servicePoll):
		}
	}
	return nil
}

// stop ends the service if it runs. A process that got the same number after a reboot is left alone.
func (s *service) stop() error {
	pid, running := s.process()
	if running {
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the service: %w", err)
		}
		deadline := time.Now().Add(patience)
		for running && time.Now().Before(deadline) {
			time.Sleep(servicePoll)
			_, running = s.process()
		}
		if running {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("kill the service: %w", err)
			}
		}
	}
	for _, path := range []string{s.pidFile(), s.socket} {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("clean up after the service: %w", err)
		}
	}
	return nil
}

// process returns the service's process, if it is still this service.
func (s *service) process() (pid int, running bool) {
	text, err := os.ReadFile(s.pidFile())
	if err != nil {
		return 0, false
	}
	pid, err = strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, false
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return pid, err == nil && bytes.Contains(line, []byte(s.socket))
}

// answers asks the service for a sign of life.
func (s *service) answers(ctx context.Context) bool {
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, "unix", s.socket)
		},
		DisableKeepAlives: true,
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://engine/_ping", nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

func (s *service) pidFile() string { return filepath.Join(s.dir, "engine.pid") }
