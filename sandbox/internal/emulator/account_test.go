package emulator

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"testing"

	"dagster-ecs/internal/config"
	"dagster-ecs/sandbox/internal/instance"
)

func TestTheAccountHasWhatTheStackFileTakesForGranted(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path+" "+r.URL.Query().Encode())
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
	e := &Emulator{Instance: &instance.Instance{AWSPort: port}}
	settings := config.Settings{Quotas: config.Quotas{RulesPerGroup: 100}}
	if err := e.Give(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	settings.Webserver.CertificateArn = "arn:aws:acm:us-west-1:111122223333:certificate/0"
	settings.Webserver.Hostname = "ui.example.com"
	if err := e.Give(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	quota := "POST /_sandbox/quota code=L-0EA8095F&value=100"
	certificate := "POST /_sandbox/certificate arn=arn%3Aaws%3Aacm%3Aus-west-1%3A111122223333%3Acertificate%2F0&domain=ui.example.com"
	if want := []string{quota, quota, certificate}; !slices.Equal(asked, want) {
		t.Errorf("asked for %q, want %q", asked, want)
	}
}
