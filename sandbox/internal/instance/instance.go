// Package instance knows one sandbox: its name, its folder, its ports and the credentials of its administrator.
package instance

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"dagster-ecs/sandbox/internal/engine"
	"dagster-ecs/sandbox/internal/progress"
)

// Facts of the emulated account. The number is the one that AWS's documentation uses for examples.
const (
	Account = "111122223333"
	Region  = "us-west-1"
)

// The ports that a sandbox takes when they are free and none is asked for.
const (
	usualUIPort  = 3000
	usualAWSPort = 4566
)

// namePattern keeps names short enough for what is derived from them, container names and network names.
var namePattern = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)

// Instance is one sandbox. What is exported is kept in its folder from one command to the next.
type Instance struct {
	Name       string `json:"name"`
	Stack      string `json:"stack"`
	UIPort     int    `json:"uiPort"`
	AWSPort    int    `json:"awsPort"`
	AccessKey  string `json:"accessKey"`
	SecretKey  string `json:"secretKey"`
	Passphrase string `json:"passphrase"`

	dir string
}

// ErrAbsent says that a sandbox of this name was never brought up, or was taken down.
var ErrAbsent = errors.New("there is no such sandbox")

// Load reads the sandbox called name under root, the folder of all sandboxes.
func Load(root, name string) (*Instance, error) {
	if !namePattern.MatchString(name) {
		return nil, fmt.Errorf("instance %q: a name is lower-case letters, digits and hyphens, at most 31, and begins with a letter", name)
	}
	i := &Instance{dir: filepath.Join(root, name)}
	text, err := os.ReadFile(i.file())
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("instance %s: %w: `make up` brings it up", name, ErrAbsent)
	}
	if err != nil {
		return nil, fmt.Errorf("read the facts of the sandbox %s: %w", name, err)
	}
	if err := json.Unmarshal(text, i); err != nil {
		return nil, fmt.Errorf("decode the facts of the sandbox %s: %w", name, err)
	}
	return i, nil
}

// LoadOrCreate reads the sandbox called name or makes a new one for stack, with ports of its own. A port of 0 means
// the usual one or, if that is taken, any that is free. It refuses a sandbox that was brought up for another stack.
func LoadOrCreate(root, name, stack string, uiPort, awsPort int) (*Instance, error) {
	i, err := Load(root, name)
	switch {
	case err == nil && i.Stack != stack:
		return nil, fmt.Errorf("instance %s runs the stack %s: take it down first, or give this one another name by INSTANCE", name, i.Stack)
	case err == nil:
		return i, nil
	case !errors.Is(err, ErrAbsent):
		return nil, err
	}
	i = &Instance{Name: name, Stack: stack, dir: filepath.Join(root, name)}
	for _, secret := range []*string{&i.AccessKey, &i.SecretKey, &i.Passphrase} {
		if *secret, err = randomText(); err != nil {
			return nil, err
		}
	}
	i.AccessKey = "AKIA" + strings.ToUpper(i.AccessKey[:16])
	return i, i.ChoosePorts(uiPort, awsPort)
}

// ChoosePorts gives the sandbox ports that are free now, as LoadOrCreate does. Whoever listens first has a port:
// another sandbox may take it before this one starts.
func (i *Instance) ChoosePorts(uiPort, awsPort int) (err error) {
	if i.UIPort, err = choosePort("UI_PORT", uiPort, usualUIPort); err != nil {
		return err
	}
	if i.AWSPort, err = choosePort("AWS_PORT", awsPort, usualAWSPort); err != nil {
		return err
	}
	return i.save()
}

// Dir is the folder that holds all that the sandbox keeps outside of the container engine.
func (i *Instance) Dir() string { return i.dir }

// Container is the name of the emulator's container, and of the instance's network and volume.
func (i *Instance) Container() string { return "dagster-sandbox-" + i.Name }

// Labels mark whatever belongs to the instance in the container engine.
func (i *Instance) Labels() map[string]string { return map[string]string{engine.InstanceLabel: i.Name} }

// UI is the address of Dagster's UI.
func (i *Instance) UI() string { return fmt.Sprintf("http://localhost:%d", i.UIPort) }

// Endpoint is the address of the emulated AWS. It is an IP, so that SDKs ask for buckets by path.
func (i *Instance) Endpoint() string { return fmt.Sprintf("http://127.0.0.1:%d", i.AWSPort) }

// Env is what AWS's SDKs and tools read to work on the sandbox as the account's administrator.
func (i *Instance) Env() map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL": i.Endpoint(), "AWS_REGION": Region, "AWS_DEFAULT_REGION": Region,
		"AWS_ACCESS_KEY_ID": i.AccessKey, "AWS_SECRET_ACCESS_KEY": i.SecretKey,
		"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_EC2_METADATA_DISABLED": "true",
	}
}

// Lock keeps a second command from changing the same sandbox at once; it waits until the context ends, and tells by
// report which command it waits for.
func Lock(ctx context.Context, root, name, command string, report *progress.Reporter) (unlock func(), err error) {
	unlock, err = engine.Lock(ctx, filepath.Join(root, name+".lock"), command, report)
	if err != nil {
		return nil, fmt.Errorf("wait for the command that works on the sandbox %s: %w", name, err)
	}
	return unlock, nil
}

// Forget removes the sandbox's folder.
func (i *Instance) Forget() error {
	if err := os.RemoveAll(i.dir); err != nil {
		return fmt.Errorf("remove the folder of the sandbox %s: %w", i.Name, err)
	}
	return nil
}

func (i *Instance) file() string { return filepath.Join(i.dir, "instance.json") }

func (i *Instance) save() error {
	if err := os.MkdirAll(i.dir, 0o700); err != nil {
		return fmt.Errorf("create the folder of the sandbox %s: %w", i.Name, err)
	}
	text, err := json.MarshalIndent(i, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the facts of the sandbox %s: %w", i.Name, err)
	}
	if err := os.WriteFile(i.file(), text, 0o600); err != nil {
		return fmt.Errorf("write the facts of the sandbox %s: %w", i.Name, err)
	}
	return nil
}

func choosePort(variable string, asked, usual int) (int, error) {
	if asked != 0 {
		port, err := freePort(asked)
		if err != nil {
			return 0, fmt.Errorf("%s=%d is taken by another program: give a free one, or none", variable, asked)
		}
		return port, nil
	}
	if port, err := freePort(usual); err == nil {
		return port, nil
	}
	port, err := freePort(0)
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	return port, nil
}

func freePort(port int) (int, error) {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func randomText() (string, error) {
	bytes := make([]byte, 20)
	if _, err := rand.Read(bytes); err != nil {
		return "", fmt.Errorf("draw a random secret: %w", err)
	}
	return hex.EncodeToString(bytes), nil
}
