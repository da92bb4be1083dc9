package tunnel

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

const (
	// responseVariable holds the session for the plugin, as AWS's command line hands it over: its token gives access.
	responseVariable = "AWS_SSM_START_SESSION_RESPONSE"
	// listenPatience is how long the plugin may take until it listens, endPatience until it has ended.
	listenPatience, endPatience = time.Minute, time.Minute
)

// listening is how the plugin says where it listens (muxportforwarding.go).
var listening = regexp.MustCompile(`^Port (\d+) opened for sessionId`)

// pluginOf is what the plugin's process is started for.
type pluginOf struct {
	region, target string
	session        *ssm.StartSessionOutput
	// tasks are stopped at its end.
	tasks io.Closer
}

// environment of the process, beside this one's.
func (p pluginOf) environment() ([]string, error) {
	response, err := json.Marshal(map[string]string{
		"SessionId": aws.ToString(p.session.SessionId), "StreamUrl": aws.ToString(p.session.StreamUrl),
		"TokenValue": aws.ToString(p.session.TokenValue),
	})
	if err != nil {
		return nil, fmt.Errorf("encode the session: %w", err)
	}
	return []string{
		regionVariable + "=" + p.region, responseVariable + "=" + string(response),
	}, nil
}

// arguments are those of AWS's command line: session, region, operation, profile, request, endpoint.
func (p pluginOf) arguments() ([]string, error) {
	request, err := json.Marshal(map[string]string{"Target": p.target})
	if err != nil {
		return nil, fmt.Errorf("encode the target: %w", err)
	}
	return []string{responseVariable, p.region, "StartSession", "", string(request), ""}, nil
}

// process is the plugin's.
type process struct {
	of      pluginOf
	command *exec.Cmd
	input   io.Closer
	address string
	ended   chan struct{}
	said    strings.Builder
}

// startPlugin starts the plugin's process and waits until it listens.
func startPlugin(ctx context.Context, p pluginOf) (*process, error) {
	arguments, err := p.arguments()
	if err != nil {
		return nil, err
	}
	environment, err := p.environment()
	if err != nil {
		return nil, err
	}
	started := &process{of: p, ended: make(chan struct{})}
	if started.command, started.input, err = itself(environment...); err != nil {
		return nil, err
	}
	started.command.Args = append(started.command.Args, arguments...)
	output, err := started.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("prepare AWS's plugin: %w", err)
	}
	started.command.Stderr = &started.said
	if err := started.command.Start(); err != nil {
		return nil, fmt.Errorf("start AWS's plugin: %w", err)
	}
	port := make(chan string, 1)
	go started.follow(output, port)
	select {
	case found := <-port:
		started.address = "localhost:" + found
		return started, nil
	case <-started.ended:
		return nil, fmt.Errorf("AWS's plugin has ended: %s", strings.TrimSpace(started.said.String()))
	case <-time.After(listenPatience):
		return nil, errors.Join(errors.New("AWS's plugin does not listen"), started.end())
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), started.end())
	}
}

// follow reads what the plugin says to its end.
func (p *process) follow(output io.Reader, port chan<- string) {
	defer close(p.ended)
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if match := listening.FindStringSubmatch(lines.Text()); match != nil {
			port <- match[1]
		}
	}
	// What it said tells more than how it ended.
	_ = p.command.Wait()
}

// Dial connects through the plugin.
func (p *process) Dial(ctx context.Context) (net.Conn, error) {
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", p.address)
	if err != nil {
		return nil, fmt.Errorf("connect to AWS's plugin: %w", err)
	}
	return connection, nil
}

// Ended is closed when the plugin has ended.
func (p *process) Ended() <-chan struct{} { return p.ended }

// Close ends the plugin and stops its task.
func (p *process) Close() error { return errors.Join(p.end(), p.of.tasks.Close()) }

// end ends the plugin, unless it has ended by itself.
func (p *process) end() error {
	if err := p.input.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("end AWS's plugin: %w", err)
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(endPatience):
		return errors.Join(errors.New("AWS's plugin does not end"), p.command.Process.Kill())
	}
}
