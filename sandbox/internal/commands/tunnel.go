package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"dagster-ecs/internal/config"
	"dagster-ecs/internal/rules"
	"dagster-ecs/sandbox/internal/background"
	"dagster-ecs/sandbox/internal/deploy"
	"dagster-ecs/sandbox/internal/emulator"
	"dagster-ecs/sandbox/internal/instance"
	"dagster-ecs/sandbox/internal/tools"
)

// tunnelOf is the process of a stack's tunnel: the repository's own command, which a person with an account runs. It goes on
// from one `make up` to the next.
func tunnelOf(i *instance.Instance, stack string) background.Process {
	return background.Process(filepath.Join(i.StackDir(stack), "tunnel"))
}

// leading are the outputs that say where a tunnel leads to. The gateway's task definition is none of them: the tunnel reads it
// each time it starts a task.
var leading = []string{"clusterName", "gatewaySecurityGroupId", "databaseEndpoint", "url", "loadBalancerDnsName"}

// openWays lets this machine reach the stack's UI and, for psql, its database. The UI's port is free before one of the two
// ways takes it from the other.
func (s *Session) openWays(ctx context.Context, r *ready) error {
	i, faces := r.instance, r.file.Settings.Webserver.Access == rules.AccessInternetFacing
	return s.atFreePorts(i, func() error {
		if !faces {
			if err := r.emulator.RemoveDoor(ctx, s.Stack); err != nil {
				return err
			}
		}
		if err := s.openTunnel(ctx, r); err != nil || !faces {
			return err
		}
		return s.openDoor(ctx, r)
	}, func() { i.UIPorts[s.Stack], i.PsqlPorts[s.Stack] = 0, 0 })
}

// closeWays ends what leads into the stack's network, which goes.
func (s *Session) closeWays(ctx context.Context, i *instance.Instance) error {
	e, err := s.Attach(ctx)
	if err != nil {
		return err
	}
	return errors.Join(endTunnels(ctx, i, s.Stack), e.RemoveDoor(ctx, s.Stack))
}

// openDoor lets this machine reach a UI that faces the internet: so does the machine.
func (s *Session) openDoor(ctx context.Context, r *ready) error {
	outputs, err := s.Outputs(ctx)
	if err != nil {
		return err
	}
	door := emulator.Door{Image: r.image, Port: 80}
	door.Balancer, _ = outputs["loadBalancerDnsName"].(string)
	if address, err := url.Parse(fmt.Sprint(outputs["url"])); err == nil && address.Scheme == "https" {
		door.Port, door.Secured = 443, address.Hostname()
	}
	return r.emulator.EnsureDoor(ctx, s.Stack, door)
}

// openTunnel opens a tunnel to what is private in the stack's network; one that leads there already goes on.
func (s *Session) openTunnel(ctx context.Context, r *ready) error {
	words := tunnelWords(r.file.Settings, r.instance, s.Stack)
	process := tunnelOf(r.instance, s.Stack)
	if len(words) == 0 {
		return process.End(ctx)
	}
	key, err := s.tunnelKey(ctx, r, words)
	if err != nil {
		return err
	}
	now, runs := process.Runs()
	if runs && now == key {
		return nil
	}
	if err := process.End(ctx); err != nil {
		return err
	}
	// It outlives the credentials of the role that deploys, and is a person's.
	options := r.options
	options.Env = r.instance.Env()
	command := deploy.Beside(options, tools.TunnelPath(r.instance.Dir()), append([]string{"-stack", s.Stack}, words...)...)
	var told []string
	for _, word := range words {
		_, port, _ := strings.Cut(word, "=")
		told = append(told, "127.0.0.1:"+port+";") // what it says of a port that is taken goes on otherwise
	}
	err = process.Start(ctx, command, key, told...)
	if err != nil && strings.Contains(err.Error(), "address already in use") {
		return fmt.Errorf("%w: %w", emulator.ErrPortTaken, err)
	}
	if err != nil {
		return fmt.Errorf("open the tunnel of the stack %s: %w", s.Stack, err)
	}
	return nil
}

// tunnelWords are what the tunnel is told: the ends that the stack has, and their ports.
func tunnelWords(settings config.Settings, i *instance.Instance, stack string) (words []string) {
	if settings.Database.Connection.Via != rules.ConnectionGateway {
		return nil
	}
	words = append(words, fmt.Sprintf("database=%d", i.PsqlPorts[stack]))
	if settings.Webserver.Access == rules.AccessInternal {
		words = append(words, fmt.Sprintf("ui=%d", i.UIPorts[stack]))
	}
	return words
}

// tunnelKey tells tunnels apart that lead elsewhere, or to an emulator that knows nothing of their sessions.
func (s *Session) tunnelKey(ctx context.Context, r *ready, words []string) (string, error) {
	outputs, err := s.Outputs(ctx)
	if err != nil {
		return "", err
	}
	begun, err := r.emulator.Begun(ctx)
	if err != nil {
		return "", err
	}
	facts := map[string]any{"words": words, "emulator": begun}
	for _, name := range leading {
		facts[name] = outputs[name]
	}
	text, err := json.Marshal(facts)
	if err != nil {
		return "", fmt.Errorf("encode where the tunnel leads to: %w", err)
	}
	return string(text), nil
}

// leaveCluster ends a tunnel whose task would keep the stack's former cluster from being deleted.
func (s *Session) leaveCluster(ctx context.Context, r *ready) error {
	process := tunnelOf(r.instance, s.Stack)
	key, runs := process.Runs()
	if !runs {
		return nil
	}
	var facts struct {
		Cluster string `json:"clusterName"`
	}
	if err := json.Unmarshal([]byte(key), &facts); err != nil {
		return fmt.Errorf("read where the tunnel leads to: %w", err)
	}
	if facts.Cluster == r.file.Settings.Cluster.ClusterName() {
		return nil
	}
	return process.End(ctx)
}

// endTunnels ends the tunnels of stacks, and with them their tasks.
func endTunnels(ctx context.Context, i *instance.Instance, stacks ...string) (err error) {
	for _, stack := range stacks {
		err = errors.Join(err, tunnelOf(i, stack).End(ctx))
	}
	return err
}
