package depot_test

import (
	"testing"

	"example/depot"
	"example/shop"
)

func TestMeasures(t *testing.T) {
	t.Log(shop.ExportedForATest, depot.ExportedForItsOuterTest)
}
