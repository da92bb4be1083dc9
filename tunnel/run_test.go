package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestARunTakesAJobAndAFileOfItsConfiguration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte("ops:\n  call:\n    config: {urls: [http://a]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	job, config, err := parseRun([]string{"call_services_job", file})
	if _, there := config["ops"].(map[string]any)["call"]; err != nil || job != "call_services_job" || !there {
		t.Errorf("got %s, %v, %v", job, config, err)
	}
	for want, arguments := range map[string][]string{
		"the name of a job is needed": {},
		"no-such.yaml":                {"job", "no-such.yaml"},
	} {
		if _, _, err := parseRun(arguments); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %s", arguments, err, want)
		}
	}
}
