package alarms

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// query is a saved query of Logs Insights.
type query struct {
	// key ends its logical name, title its name in the console, below the stack's own.
	key, title string
	groups     []pulumi.StringInput
	text       string
}

// queries are asked again and again by whoever looks for a cause.
func (b *builder) queries() []query {
	runs := b.args.Logs.Runs.Name
	all := []query{
		{"failed-runs", "Failed runs by job", []pulumi.StringInput{runs},
			"fields @timestamp, job, run\n| filter type = \"RUN_FAILURE\"\n| stats count(*) as failed, latest(run) as last by job\n| sort failed desc"},
		{"run-sizes", "CPU and memory of runs by job", []pulumi.StringInput{runs},
			"fields @timestamp, job, cpu, memory\n| filter type = \"RUN_USAGE\"\n" +
				"| stats count(*) as runs, avg(cpu) as averageCpu, max(cpu) as mostCpu, max(memory) as mostMemory, max(seconds) as longest by job\n" +
				"| sort mostMemory desc"},
		{"slowest-steps", "Slowest steps", []pulumi.StringInput{runs},
			"fields @timestamp, job, step, run, event\n| filter type = \"STEP_SUCCESS\"\n" +
				"| parse event /in (?<minutes>\\d+)m(?<rest>\\d+)s/\n| parse event /in (?<seconds>[\\d.]+)s\\./\n| parse event /in (?<milliseconds>[\\d.]+)ms/\n" +
				"| stats max(coalesce(minutes * 60 + rest, seconds, milliseconds / 1000)) as slowest, count(*) as times by job, step\n| sort slowest desc"},
		// RDS begins each line with the time, the client, its user and database, and the process.
		{"refused-connections", "Connections that the database refused, by client", []pulumi.StringInput{pulumi.String(b.args.Logs.Database)},
			"fields @timestamp, @message\n| filter @message like /FATAL/\n" +
				"| parse @message \"* UTC:*(*):*@*:[*]:FATAL:  *\" as at, client, port, user, database, process, reason\n" +
				"| stats count(*) as refused by client, user, reason\n| sort refused desc"},
		{"monitor", "What the monitor could not ask", []pulumi.StringInput{b.args.Logs.Monitor.Name},
			"fields @timestamp, problems.0, problems.1, failedLocations.0, stuckBackfills.0\n" +
				"| filter ispresent(problems.0) or CodeLocationsFailed > 0 or BackfillsStuck > 0\n| sort @timestamp desc\n| limit 50"},
	}
	if of := b.args.Maintenance; of != nil {
		all = append(all, query{"maintenance", "Removed runs, and what tables and indexes take", []pulumi.StringInput{of.Log.Name},
			"fields @timestamp, event, RunsRemoved, RunsToRemove, RunsHeld, table, rows, dead, bytes, indexBytes, indexBytesPerRow\n" +
				"| filter ispresent(MaintenanceSucceeded) or ispresent(MaintenanceFailed) or bytes > 1000000\n| sort @timestamp desc\n| limit 100"})
	}
	return all
}

func (b *builder) saveQueries() error {
	for _, each := range b.queries() {
		groups := pulumi.StringArray{}
		for _, group := range each.groups {
			groups = append(groups, group)
		}
		if _, err := cloudwatch.NewQueryDefinition(b.Ctx, b.Child("query-"+each.key), &cloudwatch.QueryDefinitionArgs{
			Name:          pulumi.String(b.args.Names.Base() + "/" + each.title),
			LogGroupNames: groups,
			QueryString:   pulumi.String(each.text),
		}, b.Options()...); err != nil {
			return fmt.Errorf("save query %s: %w", each.key, err)
		}
	}
	return nil
}
