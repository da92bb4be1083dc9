//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

var (
	console = regexp.MustCompile("(?ms)^[ ]*```console\n(.*?)^[ ]*```")
	// command begins with a prompt and goes on in lines that have none.
	command = regexp.MustCompile(`(?m)^[ ]*\$ (.*(?:\n[ ]*[^$ \n].*)*)`)
	// looks are commands that change nothing.
	looks = regexp.MustCompile(`^(aws \S+ (describe|list|get|head|tail)|psql -c ['"]select|pulumi stack output)`)
	// place is where a person puts a name of their own.
	place = regexp.MustCompile(`\b(ARN|NAME|TASK|RUN|HASH|KEY|ID|PID|BUCKET|REVISION)\b`)
	// logged are the lines that a healthy start leaves in a log group.
	logged = regexp.MustCompile("(?ms)^### Log: `([^`]+)`\n.*?^```text\n(.*?)^```")
)

// runbooks are the documents whose commands a person on call pastes.
var runbooks = []string{"docs/operations.md", "docs/troubleshooting.md"}

// stacks are the names of prod, for which documents are written, and dev's.
var stacks = strings.NewReplacer(
	"fulcrum-cluster", "fulcrum-cluster-dev", "asset-manager-prod", "asset-manager-dev", "/asset-manager/prod", "/asset-manager/dev",
	"dagster-prod.yaml", "dagster-dev.yaml", "asset-manager/", "asset-manager-dev/", "asset-manager-", "asset-manager-dev-", "-stack prod", "-stack dev",
)

func (c *cloud) document(name string) string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.session.Repo, name))
	if err != nil {
		c.t.Fatal(err)
	}
	return stacks.Replace(string(text))
}

// runbook pastes each command of the runbooks that only looks, and looks for the lines of a healthy start.
func runbook(c *cloud) {
	var commands []string
	for _, name := range runbooks {
		for _, block := range console.FindAllStringSubmatch(c.document(name), -1) {
			for _, found := range command.FindAllStringSubmatch(block[1], -1) {
				if looks.MatchString(found[1]) && !place.MatchString(found[1]) && !slices.Contains(commands, found[1]) {
					commands = append(commands, found[1])
				}
			}
		}
	}
	if len(commands) < 40 {
		c.t.Errorf("of the runbooks' commands only %d are tried", len(commands))
	}
	shell := c.terminal()
	var group sync.WaitGroup
	places := make(chan struct{}, 3)
	for _, each := range commands {
		group.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			pasted := each
			if strings.Contains(each, "--follow") {
				pasted = "timeout 5 " + each + " || [ $? = 124 ]"
			}
			if out, err := shell.paste(c, pasted); err != nil {
				c.t.Errorf("%s\nends with %v", each, err)
			} else {
				c.t.Logf("%s\n%.300s", each, out)
			}
		})
	}
	group.Wait()
	healthyStart(c)
}

// healthyStart looks for the lines that the runbook shows of each log group; "…" stands for what differs.
func healthyStart(c *cloud) {
	groups := logged.FindAllStringSubmatch(c.document("docs/operations.md"), -1)
	if len(groups) < 4 {
		c.t.Errorf("the runbook shows %d log groups", len(groups))
	}
	for _, group := range groups {
		var said []string
		pages := cloudwatchlogs.NewFilterLogEventsPaginator(c.logs, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(group[1])})
		for pages.HasMorePages() {
			page, err := pages.NextPage(c.t.Context())
			if err != nil {
				c.t.Fatal(err)
			}
			for _, event := range page.Events {
				said = append(said, strings.TrimSpace(aws.ToString(event.Message)))
			}
		}
		for _, line := range strings.Split(strings.TrimSpace(group[2]), "\n") {
			like := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*") + "$")
			if !slices.ContainsFunc(said, like.MatchString) {
				c.t.Errorf("%s has no line like %s", group[1], line)
			}
		}
	}
}
