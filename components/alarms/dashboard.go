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

// graph is a graph of metrics over time.
type graph struct {
	title string
	of    []metric
}

// row is a question and the graphs that answer it.
type row struct {
	question string
	graphs   []graph
}

// rows are what a person looks for at a glance, the worst first.
func (b *builder) rows() []row {
	return []row{
		{"Is it up?", []graph{
			{"Webserver and bucket answer (1)", []metric{b.own("WebserverAnswers", minimum), b.own("BucketAnswers", minimum)}},
			{"Healthy webservers", []metric{b.targets("HealthyHostCount", maximum)}},
			{"Oldest heartbeat, seconds", []metric{b.own("DaemonHeartbeatAge", maximum)}},
			{"Errors of the server", []metric{b.balancer("HTTPCode_ELB_5XX_Count", sum), b.targets("HTTPCode_Target_5XX_Count", sum)}},
		}},
		{"Is work flowing?", []graph{
			{"Runs", []metric{b.own("RunsQueued", average), b.own("RunsStarting", average), b.own("RunsStarted", average)}},
			{"Oldest run by state, seconds", []metric{b.own("OldestQueuedAge", maximum), b.own("OldestStartingAge", maximum), b.own("OldestStartedAge", maximum)}},
			{"Ended in the last hour", []metric{b.own("RunsFinishedLastHour", average), b.own("RunsFailedLastHour", average)}},
			{"What goes wrong", []metric{
				b.own("LaunchFailures", sum), b.own("RunsNotStarted", sum), b.own("RunsCrashed", sum), b.own("DaemonErrors", sum),
				b.own("CodeLocationsFailed", maximum), b.own("BackfillsStuck", maximum),
			}},
		}},
		{"What is full?", []graph{
			{"CPU of the services, percent", []metric{b.service("CPUUtilization", b.args.Webserver.Service), b.service("CPUUtilization", b.args.Daemon)}},
			{"Memory of the services, percent", []metric{b.service("MemoryUtilization", b.args.Webserver.Service), b.service("MemoryUtilization", b.args.Daemon)}},
			{fmt.Sprintf("Connections of %d", b.args.Database.Connections), []metric{b.database("DatabaseConnections", maximum)}},
			{"Free disk of the database", []metric{b.database("FreeStorageSpace", minimum)}},
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
	for _, each := range of.of {
		line := []any{each.namespace, each.name}
		for _, name := range sortedKeys(each.dimensions) {
			line = append(line, name, each.dimensions[name])
		}
		metrics = append(metrics, append(line, map[string]any{"stat": each.statistic}))
	}
	return map[string]any{
		"title": of.title, "metrics": metrics, "region": b.args.Location.Region, "period": minute, "view": "timeSeries",
		"yAxis": map[string]any{"left": map[string]any{"min": 0}},
	}
}
