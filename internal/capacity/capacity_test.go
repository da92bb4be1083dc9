package capacity

import "testing"

func TestMaxConnections(t *testing.T) {
	for class, want := range map[string]int{
		"db.t4g.micro": 101, "db.t4g.small": 202, "db.m6g.large": 811, "db.r6g.4xlarge": 5000,
	} {
		if got, err := MaxConnections(class); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", class, got, err, want)
		}
	}
	if _, err := MaxConnections("db.t2.micro"); err == nil {
		t.Error("a class that RDS does not offer has connections")
	}
}

// The numbers of the guide: two webservers and 25 runs.
func TestConnections(t *testing.T) {
	if got := Connections(2, 25, 512); got != 155 {
		t.Errorf("got %d, want 155", got)
	}
	if got, want := Connections(2, 0, 512)-Connections(1, 0, 512), 15; got != want {
		t.Errorf("a webserver takes %d, want %d", got, want)
	}
	if got, want := Connections(1, 1, 4096)-Connections(1, 0, 4096), 5; got != want {
		t.Errorf("a run with 4 vCPUs takes %d, want %d", got, want)
	}
}
