package instance

import (
	"errors"
	"fmt"
	"net"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var facts = Facts{Account: "111122223333", Region: "us-west-1"}

func bringUp(t *testing.T, root, name string) *Instance {
	t.Helper()
	i, err := LoadOrCreate(root, name, "dev", facts, Ports{})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// takenPort is one that another program listens on.
func takenPort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().(*net.TCPAddr).Port
}

// aFreePort is one that nobody listens on.
func aFreePort(t *testing.T) int {
	t.Helper()
	port, err := freePort(0)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestASandboxIsFoundAgainWithItsPortsAndSecrets(t *testing.T) {
	root := t.TempDir()
	made, found := bringUp(t, root, "one"), bringUp(t, root, "one")
	if !made.New() || found.New() {
		t.Error("the sandbox that was made is not the new one")
	}
	found.made = made.made
	if !reflect.DeepEqual(found, made) {
		t.Errorf("found %+v, made %+v", *found, *made)
	}
	if made.UIPorts["dev"] == made.AWSPort || made.Root.Secret == made.Passphrase {
		t.Errorf("two ports or two secrets are one: %+v", *made)
	}
}

func TestRefusals(t *testing.T) {
	root, taken := t.TempDir(), takenPort(t)
	one := bringUp(t, root, "one")
	for name, c := range map[string]struct {
		instance string
		facts    Facts
		ports    Ports
		want     string
	}{
		"another account": {"one", Facts{"222233334444", facts.Region}, Ports{},
			"was brought up for the account 111122223333, and the stack prod is for 222233334444: give it another sandbox by INSTANCE"},
		"another region": {"one", Facts{facts.Account, "eu-central-1"}, Ports{}, "make down INSTANCE=one"},
		"a bad name":     {"One_", facts, Ports{}, "lower-case letters"},
		"a taken port":   {"two", facts, Ports{UI: taken}, "is taken: give a free port"},
		"a taken port for a sandbox that is there": {"one", facts, Ports{AWS: taken}, "is taken: give a free port"},
		"a port above the last":                    {"two", facts, Ports{UI: 70000}, "UI_PORT=70000: a port is 1 to 65535"},
		"a port below the first":                   {"two", facts, Ports{AWS: -1}, "AWS_PORT=-1: a port is 1 to 65535"},
		"one port for both":                        {"two", facts, Ports{UI: 4000, AWS: 4000}, "UI_PORT and AWS_PORT are both 4000"},
		"the port of another of its stacks":        {"one", facts, Ports{UI: one.UIPorts["dev"]}, "is taken: give a free port"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := LoadOrCreate(root, c.instance, "prod", c.facts, c.ports)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
	if _, err := Load(root, "two"); !errors.Is(err, ErrAbsent) {
		t.Errorf("a refused sandbox was made: %v", err)
	}
	if now, err := Load(root, "one"); err != nil || now.Has("prod") {
		t.Errorf("a refused stack was added: %v, %v", now, err)
	}
}

func TestPortsThatAreAskedForAreGivenAndKept(t *testing.T) {
	root := t.TempDir()
	first, second := aFreePort(t), aFreePort(t)
	for _, step := range []struct {
		asked, want int
	}{{first, first}, {0, first}, {second, second}, {second, second}, {0, second}} {
		i, err := LoadOrCreate(root, "one", "dev", facts, Ports{UI: step.asked})
		if err != nil {
			t.Fatal(err)
		}
		if i.UIPorts["dev"] != step.want {
			t.Errorf("asked for %d the sandbox has %d, want %d", step.asked, i.UIPorts["dev"], step.want)
		}
	}
}

func TestASecondStackHasAPortOfItsOwnAndLeavesTheFirstItsOwn(t *testing.T) {
	root := t.TempDir()
	first := bringUp(t, root, "one")
	for range 2 {
		both, err := LoadOrCreate(root, "one", "prod", facts, Ports{})
		if err != nil {
			t.Fatal(err)
		}
		dev, prod := both.UIPorts["dev"], both.UIPorts["prod"]
		if dev != first.UIPorts["dev"] || prod == 0 || prod == dev || prod == both.AWSPort || both.AWSPort != first.AWSPort {
			t.Errorf("the first stack had %+v, both have %+v", *first, *both)
		}
		if got := both.Stacks(); !slices.Equal(got, []string{"dev", "prod"}) || both.UI("dev") == both.UI("prod") {
			t.Errorf("the stacks are %v at %s and %s", got, both.UI("dev"), both.UI("prod"))
		}
		if both.StackDir("dev") == both.StackDir("prod") || both.Door("dev") == both.Door("prod") {
			t.Error("the stacks share a folder or a door")
		}
	}
}

func TestSandboxesOfOneNameInTwoCheckoutsAreTwoInTheContainerEngine(t *testing.T) {
	one, two := bringUp(t, t.TempDir(), "dev"), bringUp(t, t.TempDir(), "dev")
	if one.Container() == two.Container() || one.Label() == two.Label() {
		t.Errorf("both are %s with %s", one.Container(), one.Label())
	}
}

func TestASandboxOfAnEarlierVersionIsRefusedAndCanBeTakenDown(t *testing.T) {
	root := t.TempDir()
	old := bringUp(t, root, "one")
	text := fmt.Sprintf(`{"name": "one", "stack": "dev", "account": "111122223333", "uiPort": 3000, "awsPort": %d}`, old.AWSPort)
	if err := os.WriteFile(old.file(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadOrCreate(root, "one", "dev", facts, Ports{}); err == nil || !strings.Contains(err.Error(), "take it down first") {
		t.Errorf("the error is %v", err)
	}
	if i, err := Load(root, "one"); err != nil || i.Container() != "dagster-sandbox-one" || i.Label() != "dagster.sandbox.instance=one" {
		t.Errorf("it is looked for as %+v, %v", i, err)
	}
}

func TestTheEnvironmentNamesTheAccountsRegion(t *testing.T) {
	i, err := LoadOrCreate(t.TempDir(), "one", "dev", Facts{"222233334444", "us-gov-west-1"}, Ports{})
	if err != nil {
		t.Fatal(err)
	}
	if env := i.Env(); env["AWS_REGION"] != "us-gov-west-1" || env["AWS_DEFAULT_REGION"] != "us-gov-west-1" {
		t.Errorf("the environment is %v", env)
	}
}

func TestWhatWasForgottenIsAbsent(t *testing.T) {
	root := t.TempDir()
	made := bringUp(t, root, "one")
	if err := made.Forget(); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(root, "one"); !errors.Is(err, ErrAbsent) {
		t.Errorf("error %v, want %v", err, ErrAbsent)
	}
}

func TestTwoSandboxesOpenTheirWaysToDatabasesAtDifferentPortsAlthoughNeitherListens(t *testing.T) {
	root := t.TempDir()
	one, other := bringUp(t, root, "one"), bringUp(t, root, "other")
	if one.DatabasePorts["dev"] == other.DatabasePorts["dev"] {
		t.Errorf("both have port %d", one.DatabasePorts["dev"])
	}
}
