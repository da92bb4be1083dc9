package emulator

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/config"
)

// unnamed is the domain of a certificate where the stack file names no host.
const unnamed = "dagster.example.com"

// Give tells the emulated account what the stack file takes for granted: that its certificate is there, and how many
// rules a security group may have. On AWS people see to both before they deploy.
func (e *Emulator) Give(ctx context.Context, settings config.Settings) error {
	quota := url.Values{"code": {capacity.RulesQuota}, "value": {strconv.Itoa(settings.Quotas.RulesPerGroup)}}
	if err := e.post(ctx, "/_sandbox/quota", quota); err != nil {
		return err
	}
	if settings.Webserver.CertificateArn == "" {
		return nil
	}
	domain := settings.Webserver.Hostname
	if domain == "" {
		domain = unnamed
	}
	return e.post(ctx, "/_sandbox/certificate", url.Values{"arn": {settings.Webserver.CertificateArn}, "domain": {domain}})
}

func (e *Emulator) post(ctx context.Context, path string, values url.Values) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.Instance.Endpoint()+path+"?"+values.Encode(), nil)
	if err != nil {
		return fmt.Errorf("ask the emulator for %s: %w", path, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask the emulator for %s: %w", path, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(response.Body)
		return fmt.Errorf("the emulator answers %s to %s: %s", response.Status, path, said)
	}
	return nil
}
