// Package dashboard draws a stack's dashboard as CloudWatch's console shows it, from the metrics that the account has.
package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// body is a dashboard's (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html).
type body struct {
	Widgets []widget `json:"widgets"`
}

// widget has its place in a grid of 24 columns.
type widget struct {
	Type                string
	X, Y, Width, Height int
	Properties          struct {
		Title, Markdown string
		Alarms          []string
		// Metrics are lists: namespace, name, then names and values of dimensions, and options.
		Metrics [][]any
		Period  int32
	}
}

// Metrics are CloudWatch's calls that a drawing needs; *cloudwatch.Client makes them.
type Metrics interface {
	cloudwatch.DescribeAlarmsAPIClient
	cloudwatch.GetMetricDataAPIClient
	GetDashboard(context.Context, *cloudwatch.GetDashboardInput, ...func(*cloudwatch.Options)) (*cloudwatch.GetDashboardOutput, error)
}

// series is one metric in time.
type series struct {
	name   string
	times  []time.Time
	values []float64
}

// Draw writes a picture, as SVG, of the last hours of a dashboard.
func Draw(ctx context.Context, client Metrics, name string, last time.Duration, out io.Writer) error {
	found, err := client.GetDashboard(ctx, &cloudwatch.GetDashboardInput{DashboardName: &name})
	if err != nil {
		return fmt.Errorf("read the dashboard %s: %w", name, err)
	}
	var page body
	if err := json.Unmarshal([]byte(aws.ToString(found.DashboardBody)), &page); err != nil {
		return fmt.Errorf("read the dashboard %s: %w", name, err)
	}
	sheet := newSheet(page)
	until := time.Now()
	for _, each := range page.Widgets {
		switch each.Type {
		case "text":
			sheet.heading(each, strings.TrimLeft(each.Properties.Markdown, "# "))
		case "alarm":
			states, err := alarmStates(ctx, client, each.Properties.Alarms)
			if err != nil {
				return err
			}
			sheet.alarms(each, states)
		case "metric":
			lines, err := read(ctx, client, each, until.Add(-last), until)
			if err != nil {
				return err
			}
			if err := sheet.graph(each, lines, until.Add(-last), until); err != nil {
				return err
			}
		}
	}
	return sheet.write(out)
}

// alarmStates are the states of alarms, by name.
func alarmStates(ctx context.Context, client Metrics, arns []string) (map[string]types.StateValue, error) {
	states := map[string]types.StateValue{}
	pages := cloudwatch.NewDescribeAlarmsPaginator(client, &cloudwatch.DescribeAlarmsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the alarms: %w", err)
		}
		for _, each := range page.MetricAlarms {
			if slices.Contains(arns, aws.ToString(each.AlarmArn)) {
				states[aws.ToString(each.AlarmName)] = each.StateValue
			}
		}
	}
	return states, nil
}

// read asks for the metrics of a widget.
func read(ctx context.Context, client Metrics, w widget, from, until time.Time) (lines []series, err error) {
	var queries []types.MetricDataQuery
	for i, line := range w.Properties.Metrics {
		query, err := ask(line, w.Properties.Period)
		if err != nil {
			return nil, fmt.Errorf("read %q: %w", w.Properties.Title, err)
		}
		query.Id = aws.String(fmt.Sprintf("m%d", i))
		queries = append(queries, query)
		lines = append(lines, series{name: label(line)})
	}
	answer, err := client.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
		MetricDataQueries: queries, StartTime: &from, EndTime: &until, ScanBy: types.ScanByTimestampAscending,
	})
	if err != nil {
		return nil, fmt.Errorf("read the metrics of %q: %w", w.Properties.Title, err)
	}
	for i, each := range answer.MetricDataResults {
		lines[i].times, lines[i].values = each.Timestamps, each.Values
	}
	return lines, nil
}

// ask is a widget's line as a query.
func ask(line []any, period int32) (types.MetricDataQuery, error) {
	texts, options := split(line)
	if len(texts) < 2 || len(texts)%2 != 0 {
		return types.MetricDataQuery{}, fmt.Errorf("%v is no metric", line)
	}
	metric := &types.Metric{Namespace: &texts[0], MetricName: &texts[1]}
	for i := 2; i < len(texts); i += 2 {
		metric.Dimensions = append(metric.Dimensions, types.Dimension{Name: &texts[i], Value: &texts[i+1]})
	}
	statistic, _ := options["stat"].(string)
	return types.MetricDataQuery{MetricStat: &types.MetricStat{Metric: metric, Period: &period, Stat: &statistic}}, nil
}

// split parts the texts of a line from its options, which come last.
func split(line []any) (texts []string, options map[string]any) {
	for _, each := range line {
		switch value := each.(type) {
		case string:
			texts = append(texts, value)
		case map[string]any:
			options = value
		}
	}
	return texts, options
}

// label is what a metric is called in its widget: by its options, or by its name.
func label(line []any) string {
	texts, options := split(line)
	if label, given := options["label"].(string); given {
		return label
	}
	return texts[1]
}
