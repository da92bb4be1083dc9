package tunnel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// fakeWay leads to a server of the test's own, which answers each connection with the way's number and ends it.
type fakeWay struct {
	listener net.Listener
	ended    chan struct{}
	closed   bool
}

func (w *fakeWay) Ended() <-chan struct{} { return w.ended }

func (w *fakeWay) Dial(context.Context) (net.Conn, error) {
	return net.Dial("tcp", w.listener.Addr().String())
}

func (w *fakeWay) Close() error {
	w.closed = true
	return w.listener.Close()
}

// ways opens a new way each time, and fails the first times.
type ways struct {
	mutex  sync.Mutex
	opened []*fakeWay
	fails  int
}

func (w *ways) open(context.Context) (Way, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.fails > 0 {
		w.fails--
		return nil, errors.New("no capacity")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	way := &fakeWay{listener: listener, ended: make(chan struct{})}
	w.opened = append(w.opened, way)
	number := len(w.opened)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				question := make([]byte, 1)
				if _, err := io.ReadFull(connection, question); err == nil {
					fmt.Fprintf(connection, "%s by way %d", question, number)
				}
			}()
		}
	}()
	return way, nil
}

func listen(t *testing.T, w *ways) (tunnel *Tunnel, told func() string) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	var mutex sync.Mutex
	var text strings.Builder
	tunnel, err := Listen(t.Context(), 0, "here", w.open, func(line string) {
		mutex.Lock()
		defer mutex.Unlock()
		text.WriteString(line)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tunnel.Close() })
	return tunnel, func() string {
		mutex.Lock()
		defer mutex.Unlock()
		return text.String()
	}
}

// ask connects and gives the answer, which is empty where the connection is closed without one.
func ask(t *testing.T, tunnel *Tunnel, question string) string {
	t.Helper()
	connection, err := net.Dial("tcp", tunnel.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := io.WriteString(connection, question); err != nil {
		t.Fatal(err)
	}
	answer, _ := io.ReadAll(connection)
	return string(answer)
}

func TestTheWayIsOpenedAtTheFirstConnectionForAllOfThem(t *testing.T) {
	w := &ways{}
	tunnel, _ := listen(t, w)
	if len(w.opened) != 0 {
		t.Error("the way is open before anybody has connected")
	}
	var group sync.WaitGroup
	for range 5 {
		group.Go(func() {
			if got := ask(t, tunnel, "a"); got != "a by way 1" {
				t.Errorf("the answer is %q", got)
			}
		})
	}
	group.Wait()
	if len(w.opened) != 1 {
		t.Errorf("%d ways were opened", len(w.opened))
	}
}

func TestAWayThatHasEndedIsOpenedAnew(t *testing.T) {
	w := &ways{}
	tunnel, _ := listen(t, w)
	ask(t, tunnel, "a")
	close(w.opened[0].ended)
	if got := ask(t, tunnel, "b"); got != "b by way 2" || !w.opened[0].closed {
		t.Errorf("the answer is %q, the first way closed: %v", got, w.opened[0].closed)
	}
}

func TestAWayThatCannotBeOpenedClosesTheConnectionAndIsTold(t *testing.T) {
	w := &ways{fails: 1}
	tunnel, told := listen(t, w)
	if got := ask(t, tunnel, "a"); got != "" {
		t.Errorf("the answer is %q", got)
	}
	if got := ask(t, tunnel, "a"); got != "a by way 1" {
		t.Errorf("the answer to the second is %q", got)
	}
	if !strings.Contains(told(), "no capacity") {
		t.Errorf("what is told is %q", told())
	}
}

func TestOpenTellsWhyThereIsNoWay(t *testing.T) {
	tunnel, _ := listen(t, &ways{fails: 1})
	if err := tunnel.Open(t.Context()); err == nil || !strings.Contains(err.Error(), "no capacity") {
		t.Errorf("the error is %v", err)
	}
}

func TestCloseEndsTheWay(t *testing.T) {
	w := &ways{}
	tunnel, _ := listen(t, w)
	ask(t, tunnel, "a")
	if err := tunnel.Close(); err != nil || !w.opened[0].closed {
		t.Errorf("the error is %v, the way closed: %v", err, w.opened[0].closed)
	}
	if _, err := net.Dial("tcp", tunnel.Address()); err == nil {
		t.Error("it listens on")
	}
}

func TestAnOpenTunnelIsKnownToLeadWhereItDoesUntilItIsClosed(t *testing.T) {
	tunnel, _ := listen(t, &ways{})
	port := tunnel.listener.Addr().(*net.TCPAddr).Port
	if !Leads(port, "here") || Leads(port, "there") || Leads(port+1, "here") {
		t.Error("a tunnel leads elsewhere, or not here")
	}
	if err := tunnel.Close(); err != nil || Leads(port, "here") {
		t.Errorf("a closed tunnel still leads here, or: %v", err)
	}
}

func TestAProcessThatIsGoneLeadsNowhere(t *testing.T) {
	tunnel, _ := listen(t, &ways{})
	port := tunnel.listener.Addr().(*net.TCPAddr).Port
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(string(tunnel.claim), fmt.Appendf(nil, "%d here", gone.Process.Pid), 0o600); err != nil {
		t.Fatal(err)
	}
	if Leads(port, "here") {
		t.Error("it leads here")
	}
}

func TestATakenPortIsAnError(t *testing.T) {
	w := &ways{}
	tunnel, _ := listen(t, w)
	port := tunnel.listener.Addr().(*net.TCPAddr).Port
	if _, err := Listen(t.Context(), port, "here", w.open, nil); err == nil || !strings.Contains(err.Error(), fmt.Sprint(port)) {
		t.Errorf("the error is %v", err)
	}
}
