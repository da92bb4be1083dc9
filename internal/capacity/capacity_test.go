package capacity

import (
	"slices"
	"strings"
	"testing"
)

func TestFargateSizes(t *testing.T) {
	if got, want := CPUs(), []int{256, 512, 1024, 2048, 4096, 8192, 16384}; !slices.Equal(got, want) {
		t.Errorf("CPU sizes: got %v, want %v", got, want)
	}
	for _, c := range []struct {
		cpu, memory int
		allowed     bool
	}{
		{256, 512, true}, {256, 1536, false}, {256, 2048, true},
		{512, 512, false}, {512, 1024, true}, {512, 4096, true}, {512, 5120, false},
		{1024, 1024, false}, {1024, 8192, true},
		{2048, 16384, true}, {4096, 30720, true}, {4096, 31744, false},
		{8192, 20480, true}, {8192, 17408, false}, {16384, 122880, true}, {16384, 36864, false},
		{300, 512, false},
	} {
		if got := slices.Contains(Memories(c.cpu), c.memory); got != c.allowed {
			t.Errorf("cpu %d with %d MiB: got %t, want %t", c.cpu, c.memory, got, c.allowed)
		}
	}
}

func TestMemoriesGivesACopy(t *testing.T) {
	Memories(256)[0] = 1
	if Memories(256)[0] != 512 {
		t.Error("a caller changed the table")
	}
}

func TestMaxConnections(t *testing.T) {
	for class, want := range map[string]int{
		"db.t4g.micro": 101, "db.t4g.small": 202, "db.m6g.large": 811, "db.r6g.4xlarge": 5000,
	} {
		if got, err := MaxConnections(class); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", class, got, err, want)
		}
	}
	for _, class := range []string{"", "large", "t4g.micro.x", "db.x2g.large", "db.m6g.micro", "db..large", "db.t4g.4xlarge"} {
		if _, err := MaxConnections(class); err == nil || !strings.Contains(err.Error(), `"`+class+`"`) {
			t.Errorf("%q: got %v, want a refusal that names it", class, err)
		}
	}
}

// The numbers of the guide: two webservers and 25 runs.
func TestConnections(t *testing.T) {
	if got := Connections(2, 25); got != 456 {
		t.Errorf("got %d, want 456", got)
	}
	if got, want := Connections(2, 0)-Connections(1, 0), 63; got != want {
		t.Errorf("a webserver takes %d, want %d", got, want)
	}
}
