//go:build e2e

package e2e

import (
	"fmt"
	"net"
	"testing"

	"dagster-ecs/sandbox/internal/instance"
)

func TestAPortThatIsTakenBeforeTheSandboxListensIsReplaced(t *testing.T) {
	t.Parallel()
	s := newSession(t, "dev")
	chosen, err := instance.LoadOrCreate(s.Root(), s.Name, instance.Facts{Stack: s.Stack, Account: "111122223333", Region: "us-west-1"}, instance.Ports{})
	if err != nil {
		t.Fatal(err)
	}
	// Where this fails another sandbox has taken the port, which is as good.
	if other, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", chosen.UIPort)); err == nil {
		defer other.Close()
	}
	if _, err := s.Preview(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	used, err := instance.Load(s.Root(), s.Name)
	if err != nil {
		t.Fatal(err)
	}
	if used.UIPort == chosen.UIPort {
		t.Errorf("the sandbox kept port %d, which another program has", used.UIPort)
	}
}
