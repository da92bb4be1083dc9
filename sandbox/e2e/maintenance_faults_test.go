//go:build e2e && alarms

package e2e

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// refusedMaintenance is a schedule that is called each minute and may not start anything.
var refusedMaintenance = trouble{
	what: "the schedule's role may not start the task", alarms: []string{"maintenance"},
	strike: func(p *pager) func() {
		shell := p.terminal()
		paste := func(lines string) string {
			out, err := shell.paste(p.cloud, lines)
			if err != nil {
				p.t.Fatal(err)
			}
			return out
		}
		of := " --policy-name schedule --role-name " + strings.TrimSuffix(p.daemon, "-daemon") + "-maintenance-schedule"
		policy := paste("aws iam get-role-policy" + of + " --query PolicyDocument --output json")
		paste("aws iam delete-role-policy" + of)
		restore := p.reschedule("cron(* * * * ? *)")
		return func() {
			restore()
			paste("aws iam put-role-policy" + of + " --policy-document '" + policy + "'")
		}
	},
}

// missedMaintenance is told as the metrics of two days: the clock takes long for them.
var missedMaintenance = trouble{
	what: "two days pass in which the monitor looks and nothing removes runs", alarms: []string{"maintenance-missed"},
	strike: func(p *pager) func() {
		measured := func(metric string, ago time.Duration) {
			if _, err := p.metrics.PutMetricData(p.t.Context(), &cloudwatch.PutMetricDataInput{
				Namespace: &p.namespace, MetricData: []types.MetricDatum{{
					MetricName: &metric, Value: aws.Float64(1), Unit: types.StandardUnitNone, Timestamp: aws.Time(p.move(0).Add(-ago)),
				}},
			}); err != nil {
				p.t.Fatal(err)
			}
		}
		measured("WebserverAnswers", 20*time.Hour)
		measured("WebserverAnswers", 44*time.Hour)
		return func() { measured("MaintenanceSucceeded", 0) }
	},
}
