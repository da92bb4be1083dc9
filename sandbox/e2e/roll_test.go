//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/internal/dagster"
)

// rolledWebserver rolls the webserver while pages are polled and the log of a run is watched.
func rolledWebserver(c *cloud) { roll(c, 2) }

// rolled is what people saw of a roll.
type rolled struct {
	requests, reconnects int
	slowest              time.Duration
}

// roll replaces the webserver's task while people poll pages and watch the log of a run by websockets: no request fails, and
// no watcher misses a line or sees one twice.
func roll(c *cloud, watchers int) (seen rolled) {
	id := c.launch("long_running_job")
	c.follow(id, runWithin, dagster.Started)
	ctx, stop := context.WithCancel(c.t.Context())
	defer stop()
	var group sync.WaitGroup
	polls, logs := make([]poll, 3), make([]watcher, watchers)
	for i := range polls {
		group.Go(func() { polls[i].run(ctx, c, i) })
	}
	watching, done := context.WithTimeout(c.t.Context(), runWithin)
	defer done()
	for i := range logs {
		group.Go(func() { logs[i].run(watching, c.dagster.URL, id) })
	}
	c.redeploy(c.web)
	stop()
	c.terminate(id) // which ends what the watchers watch
	group.Wait()
	for _, p := range polls {
		seen.requests += p.requests
		seen.slowest = max(seen.slowest, p.slowest)
		for _, err := range p.failed {
			c.t.Errorf("a request failed while the webserver was rolled: %v", err)
		}
	}
	for _, w := range logs {
		seen.reconnects += w.reconnects
		if w.err != nil {
			c.t.Errorf("a websocket failed while the webserver was rolled: %v", w.err)
		}
		if !slices.Equal(w.lines, logs[0].lines) || len(w.lines) == 0 {
			c.t.Errorf("a watcher saw %v, another one %v", w.lines, logs[0].lines)
		}
		if w.reconnects == 0 {
			c.t.Error("a websocket outlived its webserver")
		}
	}
	return seen
}

// redeploy has ECS replace the tasks of a service, and waits until the last of the old ones has stopped.
func (c *cloud) redeploy(service string) {
	c.t.Helper()
	before, err := c.serviceTask(c.t.Context(), service)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.ecs.UpdateService(c.t.Context(), &ecs.UpdateServiceInput{
		Cluster: &c.cluster, Service: &service, ForceNewDeployment: true,
	}); err != nil {
		c.t.Fatal(err)
	}
	eventually(c.t, 5*time.Minute, func(ctx context.Context) error {
		described, err := c.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &c.cluster, Services: []string{service}})
		if err != nil {
			return err
		}
		for _, deployment := range described.Services[0].Deployments {
			if deployment.RolloutState != ecstypes.DeploymentRolloutStateCompleted {
				return fmt.Errorf("the deployment is %s", deployment.RolloutState)
			}
		}
		if old := c.describe(before); aws.ToString(old.LastStatus) != "STOPPED" {
			return fmt.Errorf("the task of before is %s", aws.ToString(old.LastStatus))
		}
		return nil
	})
}

// poll asks for pages again and again.
type poll struct {
	requests int
	slowest  time.Duration
	failed   []error
}

func (p *poll) run(ctx context.Context, c *cloud, which int) {
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{}}
	for ctx.Err() == nil {
		began := time.Now()
		if err := pollOnce(ctx, client, c.dagster.URL, which); err != nil && ctx.Err() == nil {
			p.failed = append(p.failed, err)
		}
		p.requests++
		p.slowest = max(p.slowest, time.Since(began))
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// pollOnce asks one of the pages: what the balancer asks for, the UI's page, a query as the UI's polls are.
func pollOnce(ctx context.Context, client *http.Client, url string, which int) error {
	method, path, body := http.MethodGet, []string{"/server_info", "/", "/graphql"}[which], ""
	if path == "/graphql" {
		method, body = http.MethodPost, `{"query": "{ runsOrError(limit: 5) { ... on Runs { results { id status } } } }"}`
	}
	request, err := http.NewRequestWithContext(ctx, method, url+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s is answered by %s: %.100s", path, response.Status, text)
	}
	return nil
}

// watcher reads the log of a run as the UI does: by a subscription on a websocket, and where that is closed by another one
// from the place where it was.
type watcher struct {
	lines      []string
	cursor     *string
	ended      bool
	reconnects int
	err        error
}

func (w *watcher) run(ctx context.Context, url, runID string) {
	for {
		closed, err := w.watch(ctx, url, runID)
		switch {
		case w.ended:
			return
		case !closed:
			w.err = err
			return
		}
		w.reconnects++
	}
}

// watch reads until the run has ended, or the server closes the websocket in good order.
func (w *watcher) watch(ctx context.Context, url, runID string) (closed bool, err error) {
	socket, err := dialWebsocket(ctx, url+"/graphql", "graphql-ws")
	if err != nil {
		return false, fmt.Errorf("open it: %w", err)
	}
	defer socket.stream.Close()
	end := context.AfterFunc(ctx, func() { socket.stream.Close() })
	defer end()
	for _, message := range []map[string]any{
		{"type": "connection_init", "payload": map[string]any{}},
		{"id": "1", "type": "start", "payload": map[string]any{"variables": map[string]any{"id": runID, "cursor": w.cursor}, "query": `
			subscription ($id: ID!, $cursor: String) { pipelineRunLogs(runId: $id, cursor: $cursor) { ... on PipelineRunLogsSubscriptionSuccess {
			cursor messages { ... on MessageEvent { message eventType } } } } }`}},
	} {
		if err := socket.send(message); err != nil {
			return false, fmt.Errorf("subscribe: %w", err)
		}
	}
	for !w.ended {
		text, err := socket.receive()
		if errors.Is(err, errClosed) {
			return true, err
		}
		if err != nil {
			return false, fmt.Errorf("after %d lines: %w", len(w.lines), err)
		}
		if err := w.take(text); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (w *watcher) take(text []byte) error {
	var message struct {
		Type    string
		Payload struct {
			Data struct {
				Logs struct {
					Cursor   *string
					Messages []struct{ Message, EventType string }
				} `json:"pipelineRunLogs"`
			}
			Message string
		}
	}
	if err := json.Unmarshal(text, &message); err != nil {
		return fmt.Errorf("read %.200s: %w", text, err)
	}
	if message.Type == "error" || message.Payload.Message != "" {
		return fmt.Errorf("the subscription answers %s", text)
	}
	logs := message.Payload.Data.Logs
	if logs.Cursor != nil {
		w.cursor = logs.Cursor
	}
	for _, each := range logs.Messages {
		w.lines = append(w.lines, each.Message)
		w.ended = w.ended || each.EventType == "RUN_CANCELED"
	}
	return nil
}
