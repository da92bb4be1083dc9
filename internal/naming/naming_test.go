package naming

import (
	"strings"
	"testing"
)

func TestNamesOfTheGuide(t *testing.T) {
	n, err := New("asset-manager", "prod")
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		n.Workload("web"):                       "asset-manager-web",
		n.LogGroup("runs"):                      "asset-manager/runs",
		n.ParameterPath():                       "/asset-manager/prod",
		n.Alias("data"):                         "alias/asset-manager-prod-data",
		n.Scoped(RoleLimit, "daemon", "task"):   "asset-manager-prod-daemon-task",
		n.Scoped(LoadBalancerLimit, "web"):      "asset-manager-prod-web",
		n.Prefix() + " of " + n.Stack():         "asset-manager of prod",
		Fit(n.Workload("web"), DatabaseLimit):   "asset-manager-web",
		n.Scoped(BucketLimit, "logs", "a", "b"): "asset-manager-prod-logs-a-b",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestRefusedParts(t *testing.T) {
	for _, c := range []struct{ prefix, stack, says string }{
		{"", "dev", "prefix"},
		{"Asset", "dev", "prefix"},
		{"asset--manager", "dev", "prefix"},
		{"asset-", "dev", "prefix"},
		{"1asset", "dev", "prefix"},
		{strings.Repeat("a", 25), "dev", "prefix"},
		{"asset", "", "stack"},
		{"asset", "my_stack", "stack"},
		{"asset", strings.Repeat("s", 21), "stack"},
	} {
		if _, err := New(c.prefix, c.stack); err == nil || !strings.HasPrefix(err.Error(), c.says) {
			t.Errorf("New(%q, %q): got %v, want a refusal of the %s", c.prefix, c.stack, err, c.says)
		}
	}
}

func TestLongNamesStayDifferent(t *testing.T) {
	a, b := strings.Repeat("long-", 20)+"a", strings.Repeat("long-", 20)+"b"
	for _, limit := range []int{LoadBalancerLimit, BucketLimit, RoleLimit} {
		if Fit(a, limit) == Fit(b, limit) {
			t.Errorf("limit %d: both became %s", limit, Fit(a, limit))
		}
	}
}

func FuzzFit(f *testing.F) {
	f.Add("asset-manager-web", 32)
	f.Add(strings.Repeat("x-", 60), 63)
	f.Add("abc", 2)
	f.Add("", 0)
	f.Fuzz(func(t *testing.T, name string, limit int) {
		limit = limit & 0xff
		got := Fit(name, limit)
		switch {
		case len(name) <= limit && got != name:
			t.Fatalf("%q fits %d and became %q", name, limit, got)
		case len(name) > limit && len(got) != limit:
			t.Fatalf("%q at %d became %q, %d long", name, limit, got, len(got))
		case got != Fit(name, limit):
			t.Fatalf("%q at %d is not stable", name, limit)
		}
	})
}
