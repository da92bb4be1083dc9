package instance

import (
	"errors"
	"net"
	"strings"
	"testing"
)

func TestASandboxIsFoundAgainWithItsPortsAndSecrets(t *testing.T) {
	root := t.TempDir()
	made, err := LoadOrCreate(root, "one", "dev", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	found, err := LoadOrCreate(root, "one", "dev", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if *found != *made {
		t.Errorf("found %+v, made %+v", *found, *made)
	}
	if made.UIPort == made.AWSPort || made.SecretKey == made.Passphrase {
		t.Errorf("two ports or two secrets are one: %+v", *made)
	}
}

func TestRefusals(t *testing.T) {
	root := t.TempDir()
	if _, err := LoadOrCreate(root, "one", "dev", 0, 0); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	for name, c := range map[string]struct {
		instance, stack string
		port            int
		want            string
	}{
		"another stack": {"one", "prod", 0, "runs the stack dev"},
		"a bad name":    {"One_", "dev", 0, "lower-case letters"},
		"a taken port":  {"two", "dev", port, "is taken by another program"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := LoadOrCreate(root, c.instance, c.stack, c.port, 0)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestWhatWasForgottenIsAbsent(t *testing.T) {
	root := t.TempDir()
	made, err := LoadOrCreate(root, "one", "dev", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := made.Forget(); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(root, "one"); !errors.Is(err, ErrAbsent) {
		t.Errorf("error %v, want %v", err, ErrAbsent)
	}
}
