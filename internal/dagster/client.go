// Package dagster speaks to a Dagster webserver through GraphQL, as its UI does.
package dagster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Client asks one webserver. URL is its root, such as http://127.0.0.1:3000, without a trailing slash.
type Client struct {
	URL  string
	http *http.Client
}

// New returns a client for the webserver at url whose requests end after 30 seconds.
func New(url string) *Client {
	return &Client{URL: strings.TrimSuffix(url, "/"), http: &http.Client{Timeout: 30 * time.Second}}
}

// Patient is the same client whose requests may take as long as timeout, for a webserver to which the way has to be opened first.
func (c *Client) Patient(timeout time.Duration) *Client {
	return &Client{URL: c.URL, http: &http.Client{Timeout: timeout}}
}

// ServerInfo answers the version fields of GET /server_info, which needs neither database nor code.
func (c *Client) ServerInfo(ctx context.Context) (map[string]any, error) {
	var info map[string]any
	if err := c.do(ctx, http.MethodGet, "/server_info", nil, &info); err != nil {
		return nil, fmt.Errorf("ask for the server's info: %w", err)
	}
	return info, nil
}

// query sends one GraphQL document and decodes the member `data` into out. A GraphQL error is an error.
func (c *Client) query(ctx context.Context, document string, variables map[string]any, out any) error {
	body := map[string]any{"query": document, "variables": variables}
	var answer struct {
		Data   json.RawMessage `json:"data"`
		Errors []struct {
			Message string `json:"message"`
		} `json:"errors"`
	}
	if err := c.do(ctx, http.MethodPost, "/graphql", body, &answer); err != nil {
		return err
	}
	var problems []error
	for _, e := range answer.Errors {
		problems = append(problems, errors.New(e.Message))
	}
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	if err := json.Unmarshal(answer.Data, out); err != nil {
		return fmt.Errorf("decode the answer's data: %w", err)
	}
	return nil
}

func (c *Client) do(ctx context.Context, method, path string, body, out any) error {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encode the request: %w", err)
		}
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.URL+path, reader)
	if err != nil {
		return fmt.Errorf("build the request: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s%s answered %s: %.200s", method, c.URL, path, response.Status, text)
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("decode the answer of %s: %w", path, err)
	}
	return nil
}
