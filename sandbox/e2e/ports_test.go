//go:build e2e

package e2e

import (
	"fmt"
	"net"
	"net/http"
	"testing"

	"dagster-ecs/sandbox/internal/commands"
	"dagster-ecs/sandbox/internal/instance"
)

func TestAPortThatIsTakenIsReplacedAndOneThatIsAskedForLaterIsGiven(t *testing.T) {
	t.Parallel()
	s := newSession(t, "dev")
	chosen, err := instance.LoadOrCreate(s.Root(), s.Name, s.Stack, instance.Facts{Account: "111122223333", Region: "us-west-1"}, instance.Ports{})
	if err != nil {
		t.Fatal(err)
	}
	// Where this fails another sandbox has taken the port, which is as good.
	if other, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", chosen.AWSPort)); err == nil {
		defer other.Close()
	}
	if _, err := s.Preview(t.Context(), commands.Summary); err != nil {
		t.Fatal(err)
	}
	used, err := instance.Load(s.Root(), s.Name)
	if err != nil {
		t.Fatal(err)
	}
	if used.AWSPort == chosen.AWSPort {
		t.Errorf("the sandbox kept port %d, which another program has", used.AWSPort)
	}
	moved := *s
	moved.AWSPort = freePort(t)
	if _, err := moved.Preview(t.Context(), commands.Summary); err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/", moved.AWSPort))
	if err != nil {
		t.Fatalf("the port that was asked for later is not the sandbox's: %v", err)
	}
	response.Body.Close()
	if _, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", used.AWSPort)); err == nil {
		t.Errorf("the sandbox still listens on port %d as well", used.AWSPort)
	}
}

// freePort is one that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
