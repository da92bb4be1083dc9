//go:build more

package depot_test

import (
	"testing"

	"example/shop"
)

func TestMore(t *testing.T) {
	t.Log(shop.ExportedForATaggedTest)
}
