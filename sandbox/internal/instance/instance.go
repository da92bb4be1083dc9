// Package instance knows one sandbox: its name, its stacks, its folder, its ports and the credentials of its account.
package instance

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"dagster-ecs/sandbox/internal/engine"
	"dagster-ecs/sandbox/internal/progress"
)

// namePattern keeps names short enough for what is derived from them, container names and network names.
var namePattern = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)

// Facts are what the stacks' settings say of a sandbox. They stay as long as it lives: it is one account, whose stacks lie in
// one region, and another account is an empty one.
type Facts struct {
	Account string `json:"account"`
	Region  string `json:"region"`
}

// Keys are the keys of a user.
type Keys struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

// Instance is one sandbox: an emulated account with the stacks in it. What is exported is kept in its folder from one
// command to the next.
type Instance struct {
	Name string `json:"name"`
	// ID is the name in the container engine, which sandboxes of the same name in other checkouts may share.
	ID string `json:"id"`
	Facts
	// UIPorts are the ports of the UIs by stack; the stacks are those of the sandbox, deployed or not.
	UIPorts map[string]int `json:"uiPorts"`
	AWSPort int            `json:"awsPort"`
	// DatabasePorts are the ports at which Pulumi opens its ways to the databases, PsqlPorts those for psql, by stack.
	DatabasePorts map[string]int `json:"databasePorts"`
	PsqlPorts     map[string]int `json:"psqlPorts"`
	// Root are the keys of the account's root user, Administrator those of the user who works there.
	Root          Keys   `json:"rootKeys"`
	Administrator Keys   `json:"administratorKeys"`
	Passphrase    string `json:"passphrase"`

	root string
	made bool
}

// ErrAbsent says that a sandbox of this name was never brought up, or was taken down.
var ErrAbsent = errors.New("there is no such sandbox")

// Load reads the sandbox called name under root, the folder of all sandboxes.
func Load(root, name string) (*Instance, error) {
	if !namePattern.MatchString(name) {
		return nil, fmt.Errorf("instance %q: a name is lower-case letters, digits and hyphens, at most 31, and begins with a letter", name)
	}
	i := &Instance{Name: name, ID: name, root: root} // of which the driver's first version kept no ID
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

// LoadOrCreate reads the sandbox called name or makes a new one with these facts, and adds the stack to it. Ports that are
// asked for are given to them in either case. It refuses a sandbox that was brought up with other facts.
func LoadOrCreate(root, name, stack string, facts Facts, asked Ports) (*Instance, error) {
	if err := asked.validate(); err != nil {
		return nil, err
	}
	i, err := Load(root, name)
	if errors.Is(err, ErrAbsent) {
		i, err = create(root, name, facts)
	}
	if err != nil {
		return nil, err
	}
	if err := i.keeps(stack, facts); err != nil {
		return nil, err
	}
	return i, i.GivePorts(stack, asked)
}

func create(root, name string, facts Facts) (i *Instance, err error) {
	i = &Instance{Name: name, ID: ID(root, name), Facts: facts, root: root, made: true,
		UIPorts: map[string]int{}, DatabasePorts: map[string]int{}, PsqlPorts: map[string]int{}}
	for _, secret := range []*string{&i.Root.ID, &i.Root.Secret, &i.Passphrase} {
		if *secret, err = randomText(); err != nil {
			return nil, err
		}
	}
	i.Root.ID = "AKIA" + strings.ToUpper(i.Root.ID[:16])
	return i, nil
}

// keeps refuses a stack with other facts than those that the sandbox was brought up with.
func (i *Instance) keeps(stack string, facts Facts) error {
	if i.UIPorts == nil || i.DatabasePorts == nil || i.PsqlPorts == nil {
		return fmt.Errorf("instance %s was brought up by an earlier version: take it down first (make down INSTANCE=%s)", i.Name, i.Name)
	}
	for _, fact := range []struct{ kind, has, wants string }{
		{"account", i.Account, facts.Account}, {"region", i.Region, facts.Region},
	} {
		if fact.has != fact.wants {
			return fmt.Errorf("instance %s was brought up for the %s %s, and the stack %s is for %s: give it another sandbox by INSTANCE, "+
				"or take this one down first (make down INSTANCE=%s)", i.Name, fact.kind, fact.has, stack, fact.wants, i.Name)
		}
	}
	return nil
}

// Stacks are the names of the sandbox's stacks, sorted.
func (i *Instance) Stacks() []string { return slices.Sorted(maps.Keys(i.UIPorts)) }

// Has says whether the sandbox has the stack.
func (i *Instance) Has(stack string) bool { return i.UIPorts[stack] != 0 }

// New says whether this command made the sandbox: what the container engine has under its ID is left from one whose
// folder somebody deleted.
func (i *Instance) New() bool { return i.made }

// Dir is the folder that holds all that the sandbox keeps outside of the container engine.
func (i *Instance) Dir() string { return filepath.Join(i.root, i.Name) }

// StackDir is the folder of what the sandbox keeps of one stack.
func (i *Instance) StackDir(stack string) string { return filepath.Join(i.Dir(), "stacks", stack) }

// ID tells the sandbox called name under root from those of the same name in other checkouts.
func ID(root, name string) string {
	sum := sha256.Sum256([]byte(root))
	return name + "-" + hex.EncodeToString(sum[:3])
}

// Container is the name of the emulator's container, and of the instance's network and volume.
func (i *Instance) Container() string { return "dagster-sandbox-" + i.ID }

// Label marks whatever belongs to the instance in the container engine.
func (i *Instance) Label() string { return engine.InstanceLabel + "=" + i.ID }

// AuthorityVariable names the file of whom Go's programs and others trust.
const AuthorityVariable = "SSL_CERT_FILE"

// Authority is the file of who has signed the certificates of the account, and of whom this machine trusts beside.
func (i *Instance) Authority() string { return filepath.Join(i.Dir(), "authority.pem") }

// Door is the name of the container through which the machine reaches the stack's load balancer on the internet.
func (i *Instance) Door(stack string) string { return i.Container() + "-ui-" + stack }

// UI is the address of the stack's Dagster.
func (i *Instance) UI(stack string) string {
	return fmt.Sprintf("http://localhost:%d", i.UIPorts[stack])
}

// Endpoint is the address of the emulated AWS. It is an IP, so that SDKs ask for buckets by path.
func (i *Instance) Endpoint() string { return fmt.Sprintf("http://127.0.0.1:%d", i.AWSPort) }

// Env is what AWS's SDKs and tools read to work on the sandbox as the account's administrator.
func (i *Instance) Env() map[string]string { return i.envOf(i.Administrator) }

// RootEnv is Env for the account's root user, who makes the administrator and does nothing else.
func (i *Instance) RootEnv() map[string]string { return i.envOf(i.Root) }

// GiveAdministrator keeps the keys of the account's administrator.
func (i *Instance) GiveAdministrator(keys Keys) error {
	i.Administrator = keys
	return i.save()
}

func (i *Instance) envOf(keys Keys) map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL": i.Endpoint(), "AWS_REGION": i.Region, "AWS_DEFAULT_REGION": i.Region,
		"AWS_ACCESS_KEY_ID": keys.ID, "AWS_SECRET_ACCESS_KEY": keys.Secret,
		"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_EC2_METADATA_DISABLED": "true",
		AuthorityVariable: i.Authority(),
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
	if err := os.RemoveAll(i.Dir()); err != nil {
		return fmt.Errorf("remove the folder of the sandbox %s: %w", i.Name, err)
	}
	return nil
}

func (i *Instance) file() string { return filepath.Join(i.Dir(), "instance.json") }

func (i *Instance) save() error {
	if err := os.MkdirAll(i.Dir(), 0o700); err != nil {
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

func randomText() (string, error) {
	bytes := make([]byte, 20)
	if _, err := rand.Read(bytes); err != nil {
		return "", fmt.Errorf("draw a random secret: %w", err)
	}
	return hex.EncodeToString(bytes), nil
}
