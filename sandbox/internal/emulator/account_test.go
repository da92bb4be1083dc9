package emulator

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dagster-ecs/internal/config"
	"dagster-ecs/sandbox/internal/instance"
)

func TestTheAccountHasWhatTheStackFileTakesForGranted(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+r.URL.Query().Encode()))
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, "of the sandbox\n")
		}
	}))
	defer server.Close()
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(address.Port())
	if err != nil {
		t.Fatal(err)
	}
	i, err := instance.LoadOrCreate(t.TempDir(), "one", "dev", instance.Facts{}, instance.Ports{})
	if err != nil {
		t.Fatal(err)
	}
	i.AWSPort = port
	e := &Emulator{Instance: i}
	machine := filepath.Join(t.TempDir(), "trusted.pem")
	if err := os.WriteFile(machine, []byte("of this machine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(instance.AuthorityVariable, machine)
	settings := config.Settings{Quotas: config.Quotas{RulesPerGroup: 100}, Runs: config.Runs{CPU: 1024, MaxConcurrent: 25, OnDemandWeight: 1}}
	if err := e.Give(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	settings.Webserver.CertificateArn = "arn:aws:acm:us-west-1:111122223333:certificate/0"
	settings.Webserver.Hostname = "ui.example.com"
	if err := e.Give(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	quotas := []string{
		"POST /_sandbox/quota code=L-0EA8095F&value=100", "POST /_sandbox/quota code=L-3032A538&value=25", "POST /_sandbox/quota code=L-36FBB829&value=0",
	}
	certificate := "POST /_sandbox/certificate arn=arn%3Aaws%3Aacm%3Aus-west-1%3A111122223333%3Acertificate%2F0&domain=ui.example.com"
	authority := "GET /_sandbox/authority"
	if want := slices.Concat(quotas, []string{authority}, quotas, []string{authority, certificate}); !slices.Equal(asked, want) {
		t.Errorf("asked for %q, want %q", asked, want)
	}
	if trusted, err := os.ReadFile(i.Authority()); err != nil || string(trusted) != "of the sandbox\nof this machine\n" {
		t.Errorf("trusted is %q, %v", trusted, err)
	}
}
