// Package tunnel leads from a port of this machine to a host and port inside of a VPC, by AWS Session Manager: through a
// task that is started when somebody connects, and stopped when nobody is connected any more.
//
// AWS's own plugin carries the data, in a process of its own that this program starts from itself: a program that imports
// this package becomes the plugin where an environment variable says so. The plugin's process stops the task when the
// program ends, in whatever way.
package tunnel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"
)

// idleTime is how long the way stays open when nobody is connected.
const idleTime = 10 * time.Minute

// Way is an open way.
type Way interface {
	// Dial gives a new connection to the far end.
	Dial(context.Context) (net.Conn, error)
	// Ended is closed when the way has ended by itself.
	Ended() <-chan struct{}
	// Close ends the way.
	Close() error
}

// Tunnel listens on a port of this machine.
type Tunnel struct {
	listener net.Listener
	claim    claim
	open     func(context.Context) (Way, error)
	tell     func(string)

	mutex     sync.Mutex
	way       Way
	connected int
	idle      *time.Timer
	group     sync.WaitGroup
}

// Listen takes connections at a port of 127.0.0.1 until Close; 0 is any. The way to far, which Leads tells others of, is
// opened by open at the first connection, or by Open, and anew when it has ended; tell is given what goes wrong then. A port
// that is taken is an error.
func Listen(
	ctx context.Context, port int, far string, open func(context.Context) (Way, error), tell func(string),
) (*Tunnel, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("listen on port %d of this machine: %w", port, err)
	}
	t := &Tunnel{listener: listener, open: open, tell: tell}
	if t.claim, err = claimOf(listener.Addr().(*net.TCPAddr).Port); err == nil {
		err = t.claim.stake(far)
	}
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	t.group.Go(func() { t.accept(ctx) })
	return t, nil
}

// Address is where the tunnel listens.
func (t *Tunnel) Address() string { return t.listener.Addr().String() }

// Open opens the way, unless it is open.
func (t *Tunnel) Open(ctx context.Context) error {
	_, err := t.ready(ctx)
	return err
}

// Close listens no more and ends the way, with the connections in it.
func (t *Tunnel) Close() error {
	err := errors.Join(t.claim.release(), t.listener.Close())
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return errors.Join(err, t.end())
}

func (t *Tunnel) accept(ctx context.Context) {
	for {
		connection, err := t.listener.Accept()
		if err != nil {
			return // closed
		}
		t.group.Go(func() {
			if err := t.carry(ctx, connection); err != nil {
				t.tell(err.Error())
			}
		})
	}
}

// carry carries one connection to its end.
func (t *Tunnel) carry(ctx context.Context, connection net.Conn) error {
	defer connection.Close()
	t.count(1)
	defer t.count(-1)
	way, err := t.ready(ctx)
	if err != nil {
		return err
	}
	far, err := way.Dial(ctx)
	if err != nil {
		return err
	}
	defer far.Close()
	var group sync.WaitGroup
	for _, pair := range [][2]net.Conn{{far, connection}, {connection, far}} {
		group.Go(func() {
			// The plugin ends both directions at once; an error is the other end's business.
			_, _ = io.Copy(pair[0], pair[1])
			_ = pair[0].Close()
		})
	}
	group.Wait()
	return nil
}

// ready gives the way, opened where it is not. Others wait meanwhile, and try themselves where it failed.
func (t *Tunnel) ready(ctx context.Context) (Way, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.way != nil {
		select {
		case <-t.way.Ended():
			if err := t.end(); err != nil {
				t.tell(err.Error())
			}
		default:
			return t.way, nil
		}
	}
	way, err := t.open(ctx)
	if err != nil {
		return nil, err
	}
	t.way = way
	return way, nil
}

// count notes a connection that comes or goes; after a while without any the way is ended.
func (t *Tunnel) count(change int) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.connected += change
	if t.idle != nil {
		t.idle.Stop()
		t.idle = nil
	}
	if t.connected > 0 {
		return
	}
	t.idle = time.AfterFunc(idleTime, func() {
		t.mutex.Lock()
		defer t.mutex.Unlock()
		if t.connected > 0 {
			return
		}
		if err := t.end(); err != nil {
			t.tell(err.Error())
		}
	})
}

// end ends the way; the mutex is held.
func (t *Tunnel) end() error {
	if t.way == nil {
		return nil
	}
	err := t.way.Close()
	t.way = nil
	return err
}
