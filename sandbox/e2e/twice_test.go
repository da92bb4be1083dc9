//go:build e2e && twice

package e2e

import (
	"slices"
	"testing"
)

// It takes half an hour by itself, so it has a command of its own: make test-twice.
func TestProductionStackIsDestroyedAndBuiltAgainTwice(t *testing.T) {
	s := newSession(t, "prod")
	s.Set["dagster:monitoring.rollback"] = "false" // its minutes are those of make alarms
	if _, err := s.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	var snapshots []string
	for range 2 {
		c := connect(t, s)
		snapshots = append(snapshots, finalSnapshot(c))
		unprotected(c)
		destroyed(c)
		clear(s.Set)
		if _, err := s.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c := connect(t, s)
	for _, snapshot := range snapshots {
		restored(c, snapshot)
	}
	if next := finalSnapshot(c); slices.Contains(snapshots, next) {
		t.Errorf("the next final snapshot would be %s again", next)
	}
}
