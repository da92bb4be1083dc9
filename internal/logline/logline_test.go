package logline

import "testing"

func TestLinesAreReadable(t *testing.T) {
	for message, want := range map[string]string{
		"plain\n":                "plain",
		"\x1b[32m2026\x1b[0m ok": "2026 ok",
		`{"a": 1}`:               `{"a": 1}`,
		`{"event": broken`:       `{"event": broken`,
		`{"event": "Serving", "logger": "dagster-webserver", "level": "info", "timestamp": "2026-01-02T03:04:05"}`:                           "2026-01-02T03:04:05 INFO dagster-webserver: Serving",
		`{"event": "Failed", "logger": "d", "level": "error", "timestamp": "t", "exception": "Traceback\n  line"}`:                           "t ERROR d: Failed\nTraceback\n  line",
		`{"run": "0", "job": "j", "step": "s", "type": "STEP_START", "event": "Started", "logger": "d", "level": "debug", "timestamp": "t"}`: "t DEBUG d: j - s - STEP_START - Started",
		`{"run": "0", "job": "j", "event": "printed", "logger": "stdout", "level": "info", "timestamp": "t"}`:                                "t INFO stdout: j - printed",
	} {
		if got := Readable(message); got != want {
			t.Errorf("%q reads %q, want %q", message, got, want)
		}
	}
}
