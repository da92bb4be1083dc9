// Package emulator runs the emulated AWS of one sandbox as a container, and beside it one for the UI of each stack that faces
// the internet.
package emulator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"dagster-ecs/sandbox/internal/engine"
	"dagster-ecs/sandbox/internal/instance"
	"dagster-ecs/sandbox/internal/progress"
)

// The ports inside of the container.
const (
	gatewayPort   = 4566
	frontDoorPort = 8080
)

// stateDir is where the emulator keeps what outlives it: a volume of the instance's own.
const stateDir = "/var/lib/cloud"

// healthPath answers as soon as the emulator serves.
const healthPath = "/_ministack/health"

// Emulator is the container of one sandbox.
type Emulator struct {
	Engine   *engine.Engine
	Instance *instance.Instance
}

// argumentsLabel holds a hash of the arguments that a container was started with.
const argumentsLabel = "dagster.sandbox.emulator"

// Ensure starts the emulator from image, or leaves alone one that was started in the same way; one of another image or
// with other ports is replaced and finds its state again. It returns when AWS's API answers, and ErrPortTaken when it
// cannot listen.
func (e *Emulator) Ensure(ctx context.Context, image string, report *progress.Reporter) (err error) {
	name, arguments := e.Instance.Container(), e.arguments(image)
	same, err := e.running(ctx, name, "--filter", "label="+labelOf(arguments))
	if err != nil {
		return err
	}
	if same {
		return e.await(ctx)
	}
	end := report.Step("start the emulated AWS")
	defer func() { end(err) }()
	earlier, err := e.running(ctx, name)
	if err != nil {
		return err
	}
	if earlier {
		// It saves its state when it is asked to end.
		if _, err := e.Engine.Run(ctx, "stop", "--time", "30", name); err != nil {
			return fmt.Errorf("stop the earlier emulator: %w", err)
		}
	}
	if err := e.removeContainer(ctx, name); err != nil {
		return err
	}
	if err := e.Engine.NetworkCreate(ctx, name, e.Label()); err != nil {
		return fmt.Errorf("create the sandbox's network: %w", err)
	}
	if _, err := e.Engine.Run(ctx, "volume", "inspect", name); err != nil {
		if _, err := e.Engine.Run(ctx, "volume", "create", "--label", e.Label(), name); err != nil {
			return fmt.Errorf("create the emulator's volume: %w", err)
		}
	}
	if err := e.start(ctx, arguments); err != nil {
		return fmt.Errorf("start the emulator: %w", err)
	}
	return e.await(ctx)
}

// Begun tells one run of the emulator from another.
func (e *Emulator) Begun(ctx context.Context) (string, error) {
	out, err := e.Engine.Run(ctx, "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", e.Instance.Container())
	if err != nil {
		return "", fmt.Errorf("look at the emulator: %w", err)
	}
	return out, nil
}

// Door is the machine's way to a load balancer that faces the internet.
type Door struct {
	// Image is the emulator's.
	Image string
	// Balancer is the balancer's name, Port that of its listener, Secured the name on its certificate; empty: it has none.
	Balancer string
	Port     int
	Secured  string
}

// EnsureDoor lets the machine reach the stack's load balancer at the port of its UI, by a container that is on the internet
// as the machine is. Its error is ErrPortTaken when it cannot listen.
func (e *Emulator) EnsureDoor(ctx context.Context, stack string, door Door) error {
	name, arguments := e.Instance.Door(stack), e.doorArguments(stack, door)
	same, err := e.running(ctx, name, "--filter", "label="+labelOf(arguments))
	if err != nil || same {
		return err
	}
	if err := e.removeContainer(ctx, name); err != nil {
		return err
	}
	if err := e.start(ctx, arguments); err != nil {
		return fmt.Errorf("open the port of the UI of %s: %w", stack, err)
	}
	return nil
}

// RemoveDoor takes the stack's door away, if it has one.
func (e *Emulator) RemoveDoor(ctx context.Context, stack string) error {
	return e.removeContainer(ctx, e.Instance.Door(stack))
}

// start runs a container in the background.
func (e *Emulator) start(ctx context.Context, arguments []string) error {
	_, err := e.Engine.Run(ctx, append([]string{"run", "--detach", "--label", labelOf(arguments)}, arguments...)...)
	if err != nil && portTaken.MatchString(err.Error()) {
		return fmt.Errorf("%w: %w", ErrPortTaken, err)
	}
	return err
}

func labelOf(arguments []string) string {
	sum := sha256.Sum256([]byte(strings.Join(arguments, "\x00")))
	return argumentsLabel + "=" + hex.EncodeToString(sum[:6])
}

// ErrPortTaken says that another program listens on a port of the sandbox.
var ErrPortTaken = errors.New("a port of the sandbox is taken")

// portTaken is how Podman and Docker say so.
var portTaken = regexp.MustCompile(`address already in use|port is already allocated`)

// Label is what marks everything of the sandbox in the container engine.
func (e *Emulator) Label() string { return e.Instance.Label() }

// arguments are those of `run`, after its name.
func (e *Emulator) arguments(image string) []string {
	i := e.Instance
	args := []string{
		"--name", i.Container(), "--hostname", i.Container(), "--network", i.Container(),
		"--label", e.Label(), "--cap-add", "NET_ADMIN", "--volume", i.Container() + ":" + stateDir,
		"--publish", fmt.Sprintf("127.0.0.1:%d:%d", i.AWSPort, gatewayPort),
	}
	args = append(args, e.Engine.SocketArgs()...)
	for _, pair := range []string{
		fmt.Sprintf("GATEWAY_PORT=%d", gatewayPort), "AUTH=true",
		"MINISTACK_ACCOUNT_ID=" + i.Account, "MINISTACK_REGION=" + i.Region,
		"DOCKER_NETWORK=" + i.Container(), "SANDBOX_INSTANCE=" + i.ID, "SANDBOX_IMAGE=" + image,
		fmt.Sprintf("SANDBOX_AWS_PORT=%d", i.AWSPort),
		"SANDBOX_ROOT_ACCESS_KEY_ID=" + i.Root.ID, "SANDBOX_ROOT_SECRET_ACCESS_KEY=" + i.Root.Secret,
		"PERSIST_STATE=1", "S3_PERSIST=1", "RDS_PERSIST=1", "STATE_DIR=" + stateDir + "/state", "S3_DATA_DIR=" + stateDir + "/s3",
	} {
		args = append(args, "--env", pair)
	}
	return append(args, image)
}

// doorArguments are those of `run` for the container of a stack's door.
func (e *Emulator) doorArguments(stack string, door Door) []string {
	i := e.Instance
	args := []string{
		"--name", i.Door(stack), "--network", i.Container(), "--label", e.Label(), "--init", "--env", "SANDBOX_INSTANCE=" + i.ID,
		"--publish", fmt.Sprintf("127.0.0.1:%d:%d", i.UIPorts[stack], frontDoorPort),
		door.Image, "python", "-m", "cloud.elb.door", door.Balancer, strconv.Itoa(door.Port),
	}
	if door.Secured != "" {
		args = append(args, door.Secured)
	}
	return args
}

// running says whether a container runs and passes the filters.
func (e *Emulator) running(ctx context.Context, name string, filters ...string) (bool, error) {
	out, err := e.Engine.Run(ctx, append([]string{"ps", "--quiet", "--filter", "name=^" + name + "$"}, filters...)...)
	if err != nil {
		return false, fmt.Errorf("look for the container %s: %w", name, err)
	}
	return out != "", nil
}

// await polls until the API answers; an emulator that has ended is an error with its last words.
func (e *Emulator) await(ctx context.Context) error {
	client := http.Client{Timeout: 5 * time.Second}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.Instance.Endpoint()+healthPath, nil)
		if err != nil {
			return fmt.Errorf("ask for the emulator's health: %w", err)
		}
		if response, err := client.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		running, err := e.running(ctx, e.Instance.Container())
		if err != nil {
			return err
		}
		if !running {
			logs, _ := e.Engine.Command(ctx, "logs", "--tail", "20", e.Instance.Container()).CombinedOutput()
			return fmt.Errorf("the emulator ended: %s", logs)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the emulator: %w", ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Remove takes away every container, volume and network of the instance.
func (e *Emulator) Remove(ctx context.Context) error {
	// The emulator goes first: alive it would start its services' tasks again.
	if err := e.removeContainer(ctx, e.Instance.Container()); err != nil {
		return err
	}
	if err := e.Engine.RemoveLabeled(ctx, e.Label()); err != nil {
		return fmt.Errorf("remove what the sandbox %s left: %w", e.Instance.Name, err)
	}
	return nil
}

func (e *Emulator) removeContainer(ctx context.Context, name string) error {
	if err := e.Engine.RemoveContainer(ctx, name); err != nil {
		return fmt.Errorf("remove the container %s: %w", name, err)
	}
	return nil
}
