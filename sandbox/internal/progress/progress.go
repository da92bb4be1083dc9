// Package progress tells a person which long step runs, what it waits for and how long it took.
package progress

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Reporter prints one line when a step begins and one when it ends; it is safe for concurrent use.
// The zero value prints nothing.
type Reporter struct {
	mu  sync.Mutex
	out io.Writer
}

// New returns a Reporter that prints to out.
func New(out io.Writer) *Reporter { return &Reporter{out: out} }

// Step announces name and returns the function that ends it; call that with the step's error or nil.
func (r *Reporter) Step(name string) (end func(error)) {
	start := time.Now()
	r.printf("  … %s\n", name)
	return func(err error) {
		took := time.Since(start).Round(100 * time.Millisecond)
		if err != nil {
			r.printf("  ✗ %s (%s)\n", name, took)
			return
		}
		r.printf("  ✓ %s (%s)\n", name, took)
	}
}

// Note prints one line that belongs to no step.
func (r *Reporter) Note(format string, args ...any) { r.printf("  "+format+"\n", args...) }

func (r *Reporter) printf(format string, args ...any) {
	if r == nil || r.out == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.out, format, args...)
}
