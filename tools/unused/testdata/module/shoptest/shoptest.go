// Package shoptest helps tests: they are its users.
package shoptest

import (
	"testing"

	"example/depot"
)

// Check is called by a test of another package.
func Check(t *testing.T) {
	t.Log(depot.UnusedButByHelper)
}

func UnusedHelper() {}
