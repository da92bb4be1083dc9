package naming

import (
	"strings"
	"testing"

	"dagster-ecs/internal/rules"
)

func TestNamesOfTheGuide(t *testing.T) {
	n, err := New("asset-manager", "prod", false)
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		n.Workload("web"):                       "asset-manager-web",
		n.LogGroup("runs"):                      "asset-manager/runs",
		n.ParameterPath():                       "/asset-manager/prod",
		n.Base():                                "asset-manager-prod",
		n.Scoped(RoleLimit, "daemon", "task"):   "asset-manager-prod-daemon-task",
		n.Scoped(LoadBalancerLimit, "web"):      "asset-manager-prod-web",
		n.Prefix():                              "asset-manager",
		n.Scoped(familyLimit, "logs", "a", "b"): "asset-manager-prod-logs-a-b",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestStackInNamesTellsTwoStacksApart(t *testing.T) {
	n, err := New("asset-manager", "dev", true)
	if err != nil {
		t.Fatal(err)
	}
	if got := n.Workload("web"); got != "asset-manager-dev-web" {
		t.Errorf("the family is %s", got)
	}
	if got := n.LogGroup("runs"); got != "asset-manager-dev/runs" {
		t.Errorf("the log group is %s", got)
	}
}

func TestWrongPrefixAndStackAreRefusedAtOnce(t *testing.T) {
	want := "prefix: \"a\": has 1 character; 2 to 20 are allowed\n" +
		`stack: "my_stack": has '_'; lower-case letters, digits and single hyphens are allowed`
	if _, err := New("a", "my_stack", true); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestLongestPrefixAndStackLeaveRoomForAPurpose(t *testing.T) {
	n, err := New(strings.Repeat("p", rules.PrefixLimit), strings.Repeat("s", rules.StackLimit), true)
	if err != nil {
		t.Fatal(err)
	}
	for limit, purpose := range map[int]string{RoleLimit: "-daemon-execution", rules.BucketNameLimit: ""} {
		if name := n.Scoped(limit) + purpose; len(name) > limit {
			t.Errorf("%s has %d characters, more than %d", name, len(name), limit)
		}
	}
}

func TestLongNamesStayDifferent(t *testing.T) {
	a, b := strings.Repeat("long-", 20)+"a", strings.Repeat("long-", 20)+"b"
	for _, limit := range []int{LoadBalancerLimit, RoleLimit, rules.BucketNameLimit} {
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
