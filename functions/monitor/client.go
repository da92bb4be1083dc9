package main

import (
	"bytes"
	"context"
	"crypto/tls"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// mostBytes bounds an answer: more is none of Dagster's.
const mostBytes = 8 << 20

//go:embed health.graphql
var document string

// client asks one webserver.
type client struct {
	url  string
	http *http.Client
	// until is how long the certificate of the last answer is valid; zero without one.
	until time.Time
}

// newClient gives a client of the webserver at a URL, whose certificate is for host. Each look connects anew, so that it
// sees the addresses and the certificate of now.
func newClient(url, host string) *client {
	c := &client{url: strings.TrimSuffix(url, "/")}
	c.http = &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{
			ServerName: host,
			// An expired certificate is to be told, not to hide all else. No secret is sent, and only what the security groups
			// let through answers.
			InsecureSkipVerify: true,
			VerifyConnection:   c.remember,
		},
	}}
	return c
}

// remember keeps until when the served certificate is valid.
func (c *client) remember(state tls.ConnectionState) error {
	if len(state.PeerCertificates) > 0 {
		c.until = state.PeerCertificates[0].NotAfter
	}
	return nil
}

// certificateDays is for how many days the certificate of the last look is valid, negative once it has expired. It is not
// known where nothing answered by TLS.
func (c *client) certificateDays(now time.Time) (float64, bool) {
	if c.until.IsZero() {
		return 0, false
	}
	days := c.until.Sub(now).Hours() / 24
	c.until = time.Time{}
	return days, true
}

// ask sends an operation of the document and decodes the data of its answer.
func (c *client) ask(ctx context.Context, operation string, variables map[string]any, into any) error {
	body, err := json.Marshal(map[string]any{"query": document, "operationName": operation, "variables": variables})
	if err != nil {
		return fmt.Errorf("write the query %s: %w", operation, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("write the request: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, mostBytes))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	var answer struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	// Dagster answers errors of GraphQL with 400 and 500, and says in the body which; any other path with the UI's page.
	if err := json.Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("%s: the answer is none of GraphQL: %.100q", response.Status, text)
	}
	if len(answer.Errors) > 0 {
		return fmt.Errorf("%s: %.300s", response.Status, answer.Errors[0].Message)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %.100q", response.Status, text)
	}
	if err := json.Unmarshal(answer.Data, into); err != nil {
		return fmt.Errorf("read the answer's data: %w", err)
	}
	return nil
}
