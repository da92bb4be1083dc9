package dashboard_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"dagster-ecs/sandbox/dashboard"
)

const page = `{"widgets": [
	{"type": "alarm", "width": 24, "height": 4, "properties": {"title": "Alarms", "alarms": ["arn:down"]}},
	{"type": "text", "y": 4, "width": 24, "height": 1, "properties": {"markdown": "## Is it up?"}},
	{"type": "metric", "y": 5, "width": 6, "height": 6, "properties": {"title": "Healthy", "period": 60,
		"metrics": [["AWS/ECS", "CPUUtilization", "ServiceName", "web", {"stat": "Average", "label": "webserver"}]]}}]}`

// account has one dashboard, alarms of it and of others, and a metric.
type account struct {
	page    string
	refused error
	asked   *cloudwatch.GetMetricDataInput
}

func (a *account) GetDashboard(
	context.Context, *cloudwatch.GetDashboardInput, ...func(*cloudwatch.Options),
) (*cloudwatch.GetDashboardOutput, error) {
	return &cloudwatch.GetDashboardOutput{DashboardBody: &a.page}, nil
}

func (*account) DescribeAlarms(
	context.Context, *cloudwatch.DescribeAlarmsInput, ...func(*cloudwatch.Options),
) (*cloudwatch.DescribeAlarmsOutput, error) {
	return &cloudwatch.DescribeAlarmsOutput{MetricAlarms: []types.MetricAlarm{
		{AlarmArn: aws.String("arn:down"), AlarmName: aws.String("is-down"), StateValue: types.StateValueAlarm},
		{AlarmArn: aws.String("arn:other"), AlarmName: aws.String("somebody-else"), StateValue: types.StateValueOk},
	}}, nil
}

func (a *account) GetMetricData(
	_ context.Context, in *cloudwatch.GetMetricDataInput, _ ...func(*cloudwatch.Options),
) (*cloudwatch.GetMetricDataOutput, error) {
	a.asked = in
	return &cloudwatch.GetMetricDataOutput{MetricDataResults: []types.MetricDataResult{
		{Timestamps: []time.Time{in.StartTime.Add(time.Minute), in.EndTime.Add(-time.Minute)}, Values: []float64{1, 3}},
	}}, a.refused
}

func TestThePictureHasTheQuestionsTheAlarmsOfTheDashboardAndItsMetrics(t *testing.T) {
	found := &account{page: page}
	var picture strings.Builder
	if err := dashboard.Draw(t.Context(), found, "mine", time.Hour, &picture); err != nil {
		t.Fatal(err)
	}
	for _, each := range []string{"Is it up?", "ALARM is-down", "Healthy", "webserver"} {
		if !strings.Contains(picture.String(), ">"+each+"<") {
			t.Errorf("%q is not in the picture", each)
		}
	}
	if strings.Contains(picture.String(), "somebody-else") {
		t.Error("an alarm that is not the dashboard's is in the picture")
	}
	asked := found.asked.MetricDataQueries[0].MetricStat
	if *asked.Metric.Namespace != "AWS/ECS" || *asked.Metric.Dimensions[0].Value != "web" || *asked.Stat != "Average" || *asked.Period != 60 {
		t.Errorf("asked for %+v", asked)
	}
}

func TestADashboardThatCannotBeDrawnIsNamed(t *testing.T) {
	refused := errors.New("not allowed")
	for name, of := range map[string]*account{
		"mine": {page: `{"widgets": 1}`}, "Healthy": {page: page, refused: refused}, "is no metric": {page: strings.Replace(page, `"CPUUtilization", `, "", 1)},
	} {
		if err := dashboard.Draw(t.Context(), of, "mine", time.Hour, &strings.Builder{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, wanted words of %s", err, name)
		}
	}
}
