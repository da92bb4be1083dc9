package emulator

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/config"
	"dagster-ecs/sandbox/internal/instance"
)

// unnamed is the domain of a certificate where the stack file names no host.
const unnamed = "dagster.example.com"

// Give tells the emulated account what the stack file takes for granted: that its certificate is there, how many rules a
// security group may have, and that it may take as many vCPUs as it needs. On AWS people see to these before they deploy.
func (e *Emulator) Give(ctx context.Context, settings config.Settings) error {
	onDemand, spot := settings.Vcpus()
	for _, quota := range []struct {
		code string
		is   int
	}{
		{capacity.RulesQuota, settings.Quotas.RulesPerGroup},
		{capacity.OnDemandQuota, int(math.Ceil(onDemand))}, {capacity.SpotQuota, int(math.Ceil(spot))},
	} {
		if err := e.post(ctx, "/_sandbox/quota", url.Values{"code": {quota.code}, "value": {strconv.Itoa(quota.is)}}); err != nil {
			return err
		}
	}
	if err := e.learnAuthority(ctx); err != nil || settings.Webserver.CertificateArn == "" {
		return err
	}
	domain := settings.Webserver.Hostname
	if domain == "" {
		domain = unnamed
	}
	return e.post(ctx, "/_sandbox/certificate", url.Values{"arn": {settings.Webserver.CertificateArn}, "domain": {domain}})
}

// roots are where systems keep whom everybody trusts (crypto/x509/root_linux.go).
var roots = []string{
	"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
}

// learnAuthority keeps who has signed the certificates of the account, which on AWS everybody knows, beside whom this
// machine trusts.
func (e *Emulator) learnAuthority(ctx context.Context) error {
	text, err := e.ask(ctx, http.MethodGet, "/_sandbox/authority")
	if err != nil {
		return err
	}
	own := e.Instance.Authority()
	for _, path := range append([]string{os.Getenv(instance.AuthorityVariable)}, roots...) {
		if known, err := os.ReadFile(path); err == nil && path != own {
			text = append(text, known...)
			break
		}
	}
	if err := os.WriteFile(own, text, 0o600); err != nil {
		return fmt.Errorf("keep the authority of the sandbox %s: %w", e.Instance.Name, err)
	}
	return nil
}

func (e *Emulator) post(ctx context.Context, path string, values url.Values) error {
	_, err := e.ask(ctx, http.MethodPost, path+"?"+values.Encode())
	return err
}

// ask asks the emulator for what is no call of AWS's.
func (e *Emulator) ask(ctx context.Context, method, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, e.Instance.Endpoint()+path, nil)
	if err != nil {
		return nil, fmt.Errorf("ask the emulator for %s: %w", path, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the emulator for %s: %w", path, err)
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("read the emulator's answer to %s: %w", path, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the emulator answers %s to %s: %s", response.Status, path, said)
	}
	return said, nil
}
