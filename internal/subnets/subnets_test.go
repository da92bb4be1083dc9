package subnets

import (
	"fmt"
	"net/netip"
	"testing"

	"dagster-ecs/internal/rules"
)

func TestLayoutOfTheDefaultRange(t *testing.T) {
	plan, err := Divide("10.20.0.0/16", 3)
	if err != nil {
		t.Fatal(err)
	}
	want := "{[10.20.192.0/21 10.20.200.0/21 10.20.208.0/21] [10.20.0.0/18 10.20.64.0/18 10.20.128.0/18] " +
		"[10.20.224.0/21 10.20.232.0/21 10.20.240.0/21]}"
	if got := fmt.Sprint(plan); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := plan.PrivateAddresses(), 3*(16384-5); got != want {
		t.Errorf("got %d free addresses, want %d", got, want)
	}
}

func TestAThirdZoneMovesNothing(t *testing.T) {
	two, err := Divide("10.0.0.0/22", 2)
	if err != nil {
		t.Fatal(err)
	}
	three, err := Divide("10.0.0.0/22", 3)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(two.Private, two.Public, two.Database) !=
		fmt.Sprint(three.Private[:2], three.Public[:2], three.Database[:2]) {
		t.Errorf("%v became %v", two, three)
	}
}

func TestSubnetsLieApartAndInside(t *testing.T) {
	for bits := 16; bits <= 22; bits++ {
		whole := netip.MustParsePrefix(fmt.Sprintf("10.64.0.0/%d", bits))
		plan, err := Divide(whole.String(), rules.MaxZones)
		if err != nil {
			t.Fatal(err)
		}
		all := append(append(append([]netip.Prefix{}, plan.Public...), plan.Private...), plan.Database...)
		for i, a := range all {
			if !whole.Overlaps(a) || a.Masked() != a || a.Bits() > 27 {
				t.Errorf("%v is not inside %v, or smaller than a load balancer needs", a, whole)
			}
			for _, b := range all[i+1:] {
				if a.Overlaps(b) {
					t.Errorf("%v overlaps %v", a, b)
				}
			}
		}
	}
}

func TestWrongRangeAndZonesAreRefusedAtOnce(t *testing.T) {
	want := "\"10.0.0.0/8\": is a /8; /16 to /22 is allowed\nzones: 4: too large; 2 to 3 is allowed"
	if _, err := Divide("10.0.0.0/8", 4); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
