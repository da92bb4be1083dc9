package dagster

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// serve answers each GraphQL document by the first key that it holds.
func serve(t *testing.T, answers map[string]string) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		document, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		for key, data := range answers {
			if strings.Contains(string(document), key) {
				fmt.Fprintf(w, `{"data": %s}`, data)
				return
			}
		}
		t.Errorf("nobody expected %s", document)
	}))
	t.Cleanup(server.Close)
	return New(server.URL)
}

func TestAnUnknownJobIsToldWithThoseOfTheCodeAndWithoutDagstersOwn(t *testing.T) {
	client := serve(t, map[string]string{"workspaceOrError": `{"workspaceOrError": {"locationEntries": [{"name": "code",
		"locationOrLoadError": {"repositories": [{"name": "r", "jobs": [
			{"name": "__ASSET_JOB"}, {"name": "daily"}, {"name": "weekly"}]}]}}]}}`})
	_, err := client.Launch(t.Context(), "nosuch", nil)
	if want := "the code has no job nosuch: it has daily, weekly"; err == nil || err.Error() != want {
		t.Errorf("a person sees %v, want %s", err, want)
	}
}

func TestWhatAQueuedRunWaitsForIsSaid(t *testing.T) {
	daemon := func(healthy bool) string {
		return fmt.Sprintf(`{"instance": {"daemonHealth": {"allDaemonStatuses": [
			{"daemonType": "QUEUED_RUN_COORDINATOR", "required": true, "healthy": %t}]}}}`, healthy)
	}
	queue := func(most, running int, tags string) string {
		return fmt.Sprintf(`{"instance": {"runQueueConfig": {"maxConcurrentRuns": %d, "tagConcurrencyLimitsYaml": %s}},
			"runsOrError": {"count": %d}}`, most, tags, running)
	}
	for _, c := range []struct{ name, daemon, queue, want string }{
		{"the daemon is gone", daemon(false), queue(5, 0, "null"), "the daemon is not healthy: QUEUED_RUN_COORDINATOR"},
		{"the limit is reached", daemon(true), queue(5, 5, "null"), "5 of at most 5 runs are in progress"},
		{"no limit", daemon(true), queue(-1, 9, "null"), ""},
		{"a limit by tag", daemon(true), queue(5, 1, `"- key: team\n  limit: 1\n"`), "limits by tag: - key: team limit: 1"},
		{"the daemon is about to take it", daemon(true), queue(5, 1, "null"), ""},
	} {
		client := serve(t, map[string]string{"daemonHealth": c.daemon, "runQueueConfig": c.queue})
		if got, err := client.WhyQueued(t.Context()); err != nil || got != c.want {
			t.Errorf("%s: a person sees %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}
