package commands

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dagster-ecs/sandbox/internal/deploy"
	"dagster-ecs/sandbox/internal/instance"
)

// deployed lets a sandbox have a stack with resources.
func deployed(t *testing.T, s *Session, stack string) {
	t.Helper()
	i, err := instance.LoadOrCreate(s.Root(), s.Name, stack, instance.Facts{Account: "111122223333", Region: "us-west-1"}, instance.Ports{})
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(i.StackDir(stack), "state", ".pulumi", "stacks", "dagster")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	state := `{"checkpoint": {"latest": {"resources": [{"urn": "urn", "type": "pulumi:pulumi:Stack"}]}}}`
	if err := os.WriteFile(filepath.Join(folder, stack+".json"), []byte(state), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWithoutStackACommandTakesTheOnlyOneThatIsDeployedAndUpTakesDev(t *testing.T) {
	var out, said strings.Builder
	s := brought(t, &out, &said) // with dev, never deployed
	choose := func(command, want string) {
		t.Helper()
		s.Command = command
		if err := s.ChooseStack(); err != nil || s.Stack != want {
			t.Errorf("%s takes %s (%v), want %s", command, s.Stack, err, want)
		}
	}
	choose("preview", "dev")
	deployed(t, s, "prod")
	choose("demo", "prod")
	choose("up", "dev")
	deployed(t, s, "dev")
	choose("demo", "dev")
	s.Name = "absent"
	choose("demo", "dev")
}

func TestACommandOnAStackThatTheSandboxDoesNotHaveSaysHowToBringItUp(t *testing.T) {
	var out, said strings.Builder
	s := brought(t, &out, &said)
	s.Stack = "prod"
	want := "instance mine has no stack prod: `make up STACK=prod INSTANCE=mine` brings it up"
	for name, do := range map[string]func() error{
		"env":     func() error { return s.PrintEnvironment(t.Context()) },
		"demo":    func() error { return s.Demo(t.Context(), DemoJob) },
		"logs":    func() error { return s.Logs(t.Context(), 0, false) },
		"destroy": func() error { _, err := s.Destroy(t.Context()); return err },
	} {
		if err := do(); err == nil || err.Error() != want {
			t.Errorf("%s: a person sees %v, want %s", name, err, want)
		}
	}
}

func TestWhatAnInterruptedUpdateLeftUnrecordedTakesNoOtherStackWithIt(t *testing.T) {
	var out, said strings.Builder
	s := brought(t, &out, &said)
	deployed(t, s, "prod")
	i, err := s.load()
	if err != nil {
		t.Fatal(err)
	}
	want := "an interrupted deployment created resources that its state does not know: `make down INSTANCE=mine` takes the account " +
		"with prod as well, then `make up INSTANCE=mine` begins anew"
	if err := s.empty(t.Context(), i, deploy.ErrUnrecorded); err == nil || err.Error() != want {
		t.Errorf("a person sees %v, want %s", err, want)
	}
	if i, err := s.load(); err != nil || !i.Has("prod") {
		t.Errorf("the sandbox is gone: %v", err)
	}
}
