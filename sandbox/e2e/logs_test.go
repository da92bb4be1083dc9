//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// withoutColors looks for escape sequences in what webserver, daemon and the code they load have logged.
func withoutColors(c *cloud) {
	for _, group := range []string{c.webLogs, c.daemonLogs} {
		page, err := c.logs.FilterLogEvents(c.t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(group)})
		if err != nil {
			c.t.Fatal(err)
		}
		if len(page.Events) == 0 {
			c.t.Errorf("%s is empty", group)
		}
		for _, event := range page.Events {
			if message := aws.ToString(event.Message); strings.Contains(message, "\x1b[") {
				c.t.Errorf("%s has a colored line: %q", group, message)
			}
		}
	}
}

// openedLogs opens what a run printed as the UI does, and by the button "Download", whose links are signed with version 4.
func openedLogs(c *cloud, id string) {
	var shown, downloaded string
	for _, key := range c.logKeys(id) {
		var data struct {
			Logs     struct{ Stdout, Stderr string }                       `json:"capturedLogs"`
			Metadata struct{ StdoutDownloadURL, StderrDownloadURL string } `json:"capturedLogsMetadata"`
		}
		c.query(`query ($key: [String!]!) { capturedLogs(logKey: $key) { stdout stderr }
			capturedLogsMetadata(logKey: $key) { stdoutDownloadUrl stderrDownloadUrl } }`, map[string]any{"key": key}, &data)
		shown += data.Logs.Stdout + data.Logs.Stderr
		for _, link := range []string{data.Metadata.StdoutDownloadURL, data.Metadata.StderrDownloadURL} {
			if link != "" {
				downloaded += c.download(link)
			}
		}
	}
	for _, words := range []string{" stories read", "STEP_SUCCESS"} {
		if !strings.Contains(shown, words) || !strings.Contains(downloaded, words) {
			c.t.Errorf("%q is missing in what the UI shows (%d bytes) or downloads (%d bytes) of the run: %.2000s", words,
				len(shown), len(downloaded), shown)
		}
	}
}

// logKeys are the keys by which the UI asks for what the steps of a run printed.
func (c *cloud) logKeys(id string) (keys [][]string) {
	c.t.Helper()
	var events struct {
		Logs struct{ Events []struct{ FileKey string } } `json:"logsForRun"`
	}
	c.query(`query ($id: ID!) { logsForRun(runId: $id) { ... on EventConnection { events {
		... on LogsCapturedEvent { fileKey } } } } }`, map[string]any{"id": id}, &events)
	for _, event := range events.Logs.Events {
		if event.FileKey != "" {
			keys = append(keys, []string{id, "compute_logs", event.FileKey})
		}
	}
	if len(keys) == 0 {
		c.t.Fatal("the run captured no logs")
	}
	return keys
}

// download opens a link to a compute log as a browser does.
func (c *cloud) download(link string) string {
	c.t.Helper()
	response, err := http.Get(link)
	if err != nil {
		c.t.Fatalf("the link of the compute logs leads nowhere: %v", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(link, "X-Amz-Algorithm=AWS4") {
		c.t.Errorf("%s answers %s (%v): %s", link, response.Status, err, text)
	}
	return string(text)
}

// logged says why no line of a log group holds all the words, or nil.
func (c *cloud) logged(ctx context.Context, group string, words ...string) error {
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(c.logs, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(group)})
	lines := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, event := range page.Events {
			lines++
			lacks := func(word string) bool { return !strings.Contains(aws.ToString(event.Message), word) }
			if !slices.ContainsFunc(words, lacks) {
				return nil
			}
		}
	}
	return fmt.Errorf("none of the %d lines in %s has %q", lines, group, words)
}

// sized asks the saved query that finds a size for jobs about a job that ran.
func sized(c *cloud, job string) {
	saved, err := c.logs.DescribeQueryDefinitions(c.t.Context(), &cloudwatchlogs.DescribeQueryDefinitionsInput{
		QueryDefinitionNamePrefix: aws.String(c.output("dashboardName") + "/CPU and memory of runs by job"),
	})
	if err != nil || len(saved.QueryDefinitions) != 1 {
		c.t.Fatalf("the saved query is %v, %v", saved, err)
	}
	query := saved.QueryDefinitions[0]
	eventually(c.t, time.Minute, func(ctx context.Context) error {
		started, err := c.logs.StartQuery(ctx, &cloudwatchlogs.StartQueryInput{
			QueryString: query.QueryString, LogGroupNames: query.LogGroupNames,
			StartTime: aws.Int64(time.Now().Add(-time.Hour).Unix()), EndTime: aws.Int64(time.Now().Add(12 * time.Hour).Unix()),
		})
		if err != nil {
			return err
		}
		found, err := c.logs.GetQueryResults(ctx, &cloudwatchlogs.GetQueryResultsInput{QueryId: started.QueryId})
		if err != nil {
			return err
		}
		for _, row := range found.Results {
			fields := map[string]string{}
			for _, field := range row {
				fields[aws.ToString(field.Field)] = aws.ToString(field.Value)
			}
			if fields["job"] == job && fields["mostCpu"] != "" && fields["mostMemory"] != "" {
				return nil
			}
		}
		return fmt.Errorf("of %s nothing is known: %v", job, found.Results)
	})
}
