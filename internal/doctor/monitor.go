package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"dagster-ecs/internal/doctor/judge"
)

// window is how far back the newest value of a metric is looked for: the monitor writes each minute.
const window = 5 * time.Minute

// alarms are those that fire, and those on the monitor's numbers (heartbeats, queue, runs, bucket) whose newest value is beyond
// the threshold already: an alarm waits for some minutes.
func (e *examination) alarms(ctx context.Context) (findings []Finding, err error) {
	if e.Dashboard == "" {
		return nil, nil
	}
	var found []types.MetricAlarm
	pages := cloudwatch.NewDescribeAlarmsPaginator(e.cloudwatch, &cloudwatch.DescribeAlarmsInput{
		AlarmNamePrefix: aws.String(e.Dashboard + "-"), AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("describe alarms: %w", err)
		}
		found = append(found, page.MetricAlarms...)
	}
	newest, err := e.newest(ctx, found)
	if err != nil {
		return nil, err
	}
	for i, alarm := range found {
		if strings.HasPrefix(aws.ToString(alarm.AlarmName), e.Dashboard+"-deployed-") {
			continue // others tell the same
		}
		value, known := newest[i]
		findings = append(findings, judge.Alarm(alarm, value, known)...)
	}
	return findings, nil
}

// newest are the newest values of the metrics of alarms on the monitor's numbers, by their place.
func (e *examination) newest(ctx context.Context, alarms []types.MetricAlarm) (map[int]float64, error) {
	var queries []types.MetricDataQuery
	places := map[string]int{}
	for i, alarm := range alarms {
		if aws.ToString(alarm.Namespace) != "Dagster/"+e.Dashboard || aws.ToInt32(alarm.Period) != 60 {
			continue
		}
		id := fmt.Sprintf("m%d", i)
		places[id] = i
		queries = append(queries, types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
			Metric: &types.Metric{Namespace: alarm.Namespace, MetricName: alarm.MetricName, Dimensions: alarm.Dimensions},
			Period: alarm.Period, Stat: aws.String(string(alarm.Statistic)),
		}})
	}
	values := map[int]float64{}
	if len(queries) == 0 {
		return values, nil
	}
	now := time.Now()
	pages := cloudwatch.NewGetMetricDataPaginator(e.cloudwatch, &cloudwatch.GetMetricDataInput{
		MetricDataQueries: queries, StartTime: aws.Time(now.Add(-window)), EndTime: &now, ScanBy: types.ScanByTimestampDescending,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the monitor's metrics: %w", err)
		}
		for _, result := range page.MetricDataResults {
			place := places[aws.ToString(result.Id)]
			if _, known := values[place]; !known && len(result.Values) > 0 {
				values[place] = result.Values[0]
			}
		}
	}
	return values, nil
}
