//go:build dagster

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// python is the interpreter that has Dagster; DAGSTER_PYTHON names it.
func python(t *testing.T) string {
	t.Helper()
	path := os.Getenv("DAGSTER_PYTHON")
	if path == "" {
		t.Fatal("DAGSTER_PYTHON has to name the Python that has Dagster: run make test-example")
	}
	return path
}

// script runs testdata/history.py on an instance and decodes what it prints.
func script(t *testing.T, home, what string, into any) {
	t.Helper()
	command := exec.Command(python(t), "testdata/history.py", what)
	command.Env = append(os.Environ(), "DAGSTER_HOME="+home)
	command.Stderr = os.Stderr
	text, err := command.Output()
	if err != nil {
		t.Fatalf("history.py %s: %v", what, err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("history.py %s printed %s: %v", what, text, err)
	}
}

// webserver starts a dagster-webserver on an instance and gives its URL.
func webserver(t *testing.T, home string) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	free.Close()
	workspace, err := filepath.Abs("testdata/workspace.yaml")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(python(t), "-m", "dagster_webserver", "-h", "127.0.0.1", "-p", port, "-w", workspace)
	command.Env = append(os.Environ(), "DAGSTER_HOME="+home)
	var log bytes.Buffer
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if answer, err := http.Get("http://" + address + "/server_info"); err == nil {
			answer.Body.Close()
			return "http://" + address
		}
	}
	t.Fatalf("the webserver does not answer:\n%s", log.String())
	return ""
}

func TestNumbersAreDagstersOwn(t *testing.T) {
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "dagster.yaml"), []byte("telemetry: {enabled: false}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	script(t, home, "make", &struct{}{})
	url := webserver(t, home)
	now := time.Now()
	printed := lookOnce(t, newClient(url, ""), &bucketOfTests{}, now)
	var own struct {
		Queued        float64 `json:"QUEUED"`
		Starting      float64 `json:"STARTING"`
		Started       float64 `json:"STARTED"`
		Failed        float64 `json:"FAILURE"`
		Succeeded     float64 `json:"SUCCESS"`
		SinceQueued   float64 `json:"sinceQUEUED"`
		SinceStarting float64 `json:"sinceSTARTING"`
		SinceStarted  float64 `json:"sinceSTARTED"`
		Heartbeats    map[string]float64
	}
	script(t, home, "tell", &own)
	if own.Queued != 232 || own.Starting != 2 || own.Started != 3 || own.Failed != 2 || own.Succeeded != 4 || len(own.Heartbeats) < 3 {
		t.Fatalf("the history is another: %+v", own)
	}
	heartbeats := map[string]any{}
	for name, then := range own.Heartbeats {
		heartbeats[name] = age(now, then)
	}
	for name, want := range map[string]any{
		"WebserverAnswers": 1.0, "BucketAnswers": 1.0,
		"RunsQueued": own.Queued, "RunsStarting": own.Starting, "RunsStarted": own.Started,
		"OldestQueuedAge": age(now, own.SinceQueued), "OldestStartingAge": age(now, own.SinceStarting),
		"OldestStartedAge":   age(now, own.SinceStarted),
		"RunsFailedLastHour": own.Failed, "RunsFinishedLastHour": own.Failed + own.Succeeded,
		// one of them never sent any
		"DaemonHeartbeatAge":  age(now, 0),
		"CodeLocationsFailed": 1.0, "BackfillsStuck": 2.0,
		"failedLocations": []any{"broken"}, "heartbeats": heartbeats,
	} {
		if got := printed[name]; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s is %v, Dagster says %v", name, got, want)
		}
	}
	stuck, _ := printed["stuckBackfills"].([]any)
	slices.SortFunc(stuck, func(a, b any) int { return bytes.Compare([]byte(fmt.Sprint(a)), []byte(fmt.Sprint(b))) })
	if fmt.Sprint(stuck) != "[stopping stuck]" {
		t.Errorf("stuck backfills are %v", stuck)
	}
	if slices.Contains(slices.Collect(maps.Keys(printed)), "problems") {
		t.Errorf("problems: %v", printed["problems"])
	}
}
