package alarms

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The grid of a dashboard: 24 columns, in which four graphs stand side by side.
const (
	columns   = 24
	perRow    = 4
	rowHeight = 6
)

// dashboard is a dashboard's body
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html).
type dashboard struct {
	Widgets []widget `json:"widgets"`
}

type widget struct {
	Type       string         `json:"type"`
	X          int            `json:"x"`
	Y          int            `json:"y"`
	Width      int            `json:"width"`
	Height     int            `json:"height"`
	Properties map[string]any `json:"properties"`
}

// line is a metric in a graph, and what it is called there.
type line struct {
	label string
	of    metric
}

// graph is a graph of metrics over time.
type graph struct {
	title string
	lines []line
}

// row is a question and the graphs that answer it.
type row struct {
	question string
	graphs   []graph
}

// rows are what a person looks for at a glance, the worst first.
func (b *builder) rows() []row {
	services := func(name string) []line {
		return []line{{"webserver", b.service(name, b.args.Webserver.Service)}, {"daemon", b.service(name, b.args.Daemon)}}
	}
	return []row{
		{"Is it up?", []graph{
			{"Answers: 1 is yes", []line{{"webserver", b.own("WebserverAnswers", minimum)}, {"bucket", b.own("BucketAnswers", minimum)}}},
			{"Healthy webservers", []line{{"targets", b.targets("HealthyHostCount", maximum)}}},
			{"Oldest heartbeat, seconds", []line{{"daemon", b.own("DaemonHeartbeatAge", maximum)}}},
			{"Errors of the server", []line{
				{"load balancer", b.balancer("HTTPCode_ELB_5XX_Count", sum)}, {"webserver", b.targets("HTTPCode_Target_5XX_Count", sum)},
			}},
		}},
		{"Is work flowing?", []graph{
			{"Runs", []line{
				{"queued", b.own("RunsQueued", average)}, {"starting", b.own("RunsStarting", average)}, {"started", b.own("RunsStarted", average)},
			}},
			{"Oldest run, seconds", []line{
				{"queued", b.own("OldestQueuedAge", maximum)}, {"starting", b.own("OldestStartingAge", maximum)},
				{"started", b.own("OldestStartedAge", maximum)},
			}},
			{"Ended in the last hour", []line{{"all", b.own("RunsFinishedLastHour", average)}, {"failed", b.own("RunsFailedLastHour", average)}}},
			{"What goes wrong", []line{
				{"launches", b.own("LaunchFailures", sum)}, {"starts", b.own("RunsNotStarted", sum)}, {"containers", b.own("RunsCrashed", sum)},
				{"daemon", b.own("DaemonErrors", sum)}, {"code locations", b.own("CodeLocationsFailed", maximum)},
				{"backfills", b.own("BackfillsStuck", maximum)},
			}},
		}},
		{"What is full?", []graph{
			{"CPU, percent", append(services("CPUUtilization"), line{"database", b.database("CPUUtilization", average)})},
			{"Memory, percent", services("MemoryUtilization")},
			{fmt.Sprintf("Connections, of %d", b.args.Database.Connections), []line{{"database", b.database("DatabaseConnections", maximum)}}},
			{"Free disk, bytes", []line{{"database", b.database("FreeStorageSpace", minimum)}}},
		}},
	}
}

func (b *builder) createDashboard() error {
	var arns []any
	for _, each := range b.catalog() {
		arns = append(arns, b.made[each.key].Arn)
	}
	page := dashboard{Widgets: []widget{{
		Type: "alarm", Width: columns, Height: 4, Properties: map[string]any{"title": "Alarms of " + b.args.Names.Base(), "alarms": arns},
	}}}
	y := 4
	for _, row := range b.rows() {
		page.Widgets = append(page.Widgets, widget{
			Type: "text", Y: y, Width: columns, Height: 1, Properties: map[string]any{"markdown": "## " + row.question},
		})
		for i, graph := range row.graphs {
			page.Widgets = append(page.Widgets, widget{
				Type: "metric", X: i * columns / perRow, Y: y + 1, Width: columns / perRow, Height: rowHeight, Properties: b.properties(graph),
			})
		}
		y += 1 + rowHeight
	}
	if _, err := cloudwatch.NewDashboard(b.Ctx, b.Child("dashboard"), &cloudwatch.DashboardArgs{
		DashboardName: pulumi.String(b.DashboardName), DashboardBody: pulumi.JSONMarshal(page),
	}, b.Options()...); err != nil {
		return fmt.Errorf("create dashboard %s: %w", b.DashboardName, err)
	}
	return nil
}

// properties are those of a graph.
func (b *builder) properties(of graph) map[string]any {
	var metrics []any
	for _, each := range of.lines {
		entry := []any{each.of.namespace, each.of.name}
		for _, name := range sortedKeys(each.of.dimensions) {
			entry = append(entry, name, each.of.dimensions[name])
		}
		metrics = append(metrics, append(entry, map[string]any{"stat": each.of.statistic, "label": each.label}))
	}
	return map[string]any{
		"title": of.title, "metrics": metrics, "region": b.args.Location.Region, "period": minute, "view": "timeSeries",
		"yAxis": map[string]any{"left": map[string]any{"min": 0}},
	}
}
