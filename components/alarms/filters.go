package alarms

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/logs"
)

// filter counts lines of a log.
type filter struct {
	// metric is the name of the metric.
	metric string
	// words are what a line of Dagster 1.13 or AWS's SDK has, all of them; testdata/test_words.py looks for them there.
	words []string
	// kinds are the kinds of groups that are looked at.
	kinds []string
}

// The kinds of log groups.
const (
	web    = "web"
	daemon = "daemon"
	runs   = "runs"
)

// filters are what only the logs tell. Words in quotes are found in lines of JSON as in others: what a driver prints is no JSON.
var filters = []filter{
	{"DaemonsDoubled", []string{"daemon is still sending heartbeats"}, []string{daemon}},
	{"DaemonErrors", []string{"Caught error"}, []string{daemon}},
	{"LaunchFailures", []string{"Caught an error dequeuing run"}, []string{daemon}},
	{"RunsNotStarted", []string{"Run timed out due to taking longer than", "seconds to start"}, []string{daemon}},
	{"RunsCrashed", []string{"Detected run worker status"}, []string{daemon}},
	{"DatabaseRetries", []string{"Retrying failed database connection"}, []string{web, daemon, runs}},
	{"AccessDenied", []string{"AccessDenied"}, []string{web, daemon, runs}},
}

// countLines makes the filters.
func (b *builder) countLines() error {
	groups := map[string]logs.Group{web: b.args.Logs.Web, daemon: b.args.Logs.Daemon, runs: b.args.Logs.Runs}
	for _, each := range filters {
		for _, kind := range each.kinds {
			if err := b.count(each.metric, `"`+strings.Join(each.words, `" "`)+`"`, kind, groups[kind]); err != nil {
				return err
			}
		}
	}
	if b.args.Logs.Trail == nil {
		return nil
	}
	for _, each := range deeds {
		if err := b.count(each.metric, each.pattern, "trail", *b.args.Logs.Trail); err != nil {
			return err
		}
	}
	return nil
}

// count counts the lines of a group that match a pattern.
func (b *builder) count(metric, pattern, kind string, group logs.Group) error {
	if _, err := cloudwatch.NewLogMetricFilter(b.Ctx, b.Child("filter-"+kind+"-"+metric), &cloudwatch.LogMetricFilterArgs{
		Name:         pulumi.String(metric),
		LogGroupName: group.Name,
		Pattern:      pulumi.String(pattern),
		MetricTransformation: &cloudwatch.LogMetricFilterMetricTransformationArgs{
			Namespace: pulumi.String(b.args.Names.Metrics()), Name: pulumi.String(metric),
			Value: pulumi.String("1"), Unit: pulumi.String("Count"),
		},
	}, b.Options()...); err != nil {
		return fmt.Errorf("count %s in the log of %s: %w", pattern, kind, err)
	}
	return nil
}
