//go:build e2e

package e2e

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/sandbox/internal/tools"
)

// gatewayTasks are the tasks of the gateway that are there, sorted.
func (c *cloud) gatewayTasks(ctx context.Context) ([]string, error) {
	_, family, _ := strings.Cut(c.output("gatewayTaskDefinitionArn"), "/")
	family, _, _ = strings.Cut(family, ":")
	list, err := c.ecs.ListTasks(ctx, &ecs.ListTasksInput{
		Cluster: aws.String(c.cluster), Family: aws.String(family), DesiredStatus: ecstypes.DesiredStatusRunning,
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(list.TaskArns)
	return list.TaskArns, nil
}

// wayIn is what a machine outside of the network can do, and what it cannot.
func wayIn(c *cloud) {
	before, err := c.gatewayTasks(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	if len(before) != 1 {
		c.t.Errorf("the gateway has %v, want the task by which the UI is seen", before)
	}
	env, err := c.session.Environment(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	started, cancel := context.WithTimeout(c.t.Context(), 2*time.Minute)
	defer cancel()
	if err := speaksPostgreSQL(started, net.JoinHostPort(env["PGHOST"], env["PGPORT"])); err != nil {
		c.t.Errorf("the database by the tunnel: %v", err)
	}
	if after, err := c.gatewayTasks(c.t.Context()); err != nil || len(after) != 2 {
		c.t.Errorf("the gateway has %v, want a task more for the database: %v", after, err)
	}
	c.t.Run("nothing private is reached from the machine by itself", func(t *testing.T) { unreached(c.with(t)) })
	c.t.Run("a shell is opened in the gateway's task", func(t *testing.T) { shell(c.with(t), before[0]) })
}

// speaksPostgreSQL asks a server whether it speaks TLS, which is the first thing that a client asks
// (https://www.postgresql.org/docs/current/protocol-message-formats.html, SSLRequest).
func speaksPostgreSQL(ctx context.Context, address string) error {
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer connection.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := connection.SetDeadline(deadline); err != nil {
			return err
		}
	}
	const sslRequest = 80877103
	question := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 8), sslRequest)
	if _, err := connection.Write(question); err != nil {
		return err
	}
	answer := make([]byte, 1)
	if _, err := connection.Read(answer); err != nil {
		return err
	}
	if answer[0] != 'S' {
		return fmt.Errorf("it answers %q", answer)
	}
	return nil
}

// speaksDagster asks a server for what every webserver says.
func speaksDagster(ctx context.Context, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/server_info", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && !strings.Contains(string(text), "dagster_webserver_version") {
		err = fmt.Errorf("it answers %s", response.Status)
	}
	return err
}

// unreached asks every address of the database's and the balancer's containers, on the bridge and in the VPC. What else may
// answer there, such as a proxy of the machine's network, speaks otherwise.
func unreached(c *cloud) {
	for _, private := range []struct {
		label, port string
		speaks      func(context.Context, string) error
	}{
		{"dagster.sandbox.database", "5432", speaksPostgreSQL},
		{"dagster.sandbox.balancer", "80", speaksDagster},
	} {
		names, err := c.containers(private.label, "{{.Names}}")
		if err != nil {
			c.t.Fatal(err)
		}
		var addresses []string
		for _, name := range strings.Fields(names) {
			shown, err := c.engine("exec", name, "hostname", "-I")
			if err == nil { // it is there in the containers that have a network of their own
				addresses = append(addresses, strings.Fields(shown)...)
			}
		}
		if len(addresses) < 2 {
			c.t.Fatalf("%s: the addresses are %v, want one on the bridge and one in the VPC", private.label, addresses)
		}
		for _, address := range addresses {
			ctx, cancel := context.WithTimeout(c.t.Context(), 2*time.Second)
			if private.speaks(ctx, net.JoinHostPort(address, private.port)) == nil {
				c.t.Errorf("%s: the machine reaches %s", private.label, address)
			}
			cancel()
		}
	}
}

// person gives commands in the sandbox's shell, as somebody at this machine does.
func person(c *cloud) func(script string) *exec.Cmd {
	c.t.Helper()
	s := c.session
	driver := []string{"-repo", s.Repo, "-cache", s.Cache, "-instance", s.Name, "-stack", s.Stack, "env"}
	environment, err := exec.Command(buildDriver(c.t), driver...).Output()
	if err != nil {
		c.t.Fatal(err)
	}
	return func(script string) *exec.Cmd {
		return exec.CommandContext(c.t.Context(), "sh", "-c", string(environment)+script)
	}
}

// shell runs a command in a task as a person does, by AWS's command line and its plugin.
func shell(c *cloud, task string) {
	if _, err := tools.InstallAWSCLI(c.t.Context(), c.session.Repo, c.session.Cache, c.session.Progress); err != nil {
		c.t.Fatal(err)
	}
	command := person(c)(fmt.Sprintf(
		"exec aws ecs execute-command --cluster %s --task %s --interactive --command 'cat /proc/1/cmdline'", c.cluster, task))
	// The end of its input would end the session.
	input, err := command.StdinPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	defer input.Close()
	said, err := command.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "sleep") {
		c.t.Errorf("the shell says %s: %v", said, err)
	}
}

// refreshed reads all that is there, the database's inside included, as the roles that deploy and preview, beside a tunnel.
func refreshed(c *cloud) {
	e, err := c.session.Attach(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	run := person(c)
	tunnel := run(fmt.Sprintf("exec %s -stack %s", tools.TunnelPath(e.Instance.Dir()), c.session.Stack))
	tunnel.Stdout, tunnel.Stderr = c.t.Output(), c.t.Output()
	if err := tunnel.Start(); err != nil {
		c.t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(tunnel.Process.Signal(os.Interrupt), tunnel.Wait()); err != nil {
			c.t.Errorf("end the tunnel: %v", err)
		}
	}()
	port := fmt.Sprint(c.outputs()["databaseLocalPort"])
	eventually(c.t, 2*time.Minute, func(ctx context.Context) error { return speaksPostgreSQL(ctx, net.JoinHostPort("127.0.0.1", port)) })
	for _, operation := range []string{"refresh --yes --skip-preview", "preview --refresh"} {
		if said, err := run("exec pulumi --non-interactive " + operation + " --expect-no-changes").CombinedOutput(); err != nil {
			c.t.Errorf("pulumi %s says %s: %v", operation, said, err)
		}
	}
}

// movedUI asks for another port of the UI, as UI_PORT does.
func movedUI(c *cloud) {
	moved := *c.session
	moved.UIPort = freePort(c.t)
	if _, err := moved.Up(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/server_info", moved.UIPort))
	if err != nil {
		c.t.Fatalf("the UI is not at the port that was asked for: %v", err)
	}
	response.Body.Close()
	eventually(c.t, time.Minute, func(ctx context.Context) error {
		tasks, err := c.gatewayTasks(ctx)
		if err == nil && len(tasks) != 1 {
			err = fmt.Errorf("the gateway has %v, want the new tunnel's", tasks)
		}
		return err
	})
	if _, err := c.dagster.ServerInfo(c.t.Context()); err == nil {
		c.t.Error("the UI is at the port of before as well")
	}
}
