package shop

import (
	"testing"

	"example/depot"
	"example/shoptest"
)

func TestOrder(t *testing.T) {
	Order{}.UnusedMethod()
	t.Log(depot.UnusedButByTest, UnusedOutside)
	shoptest.Check(t)
}
