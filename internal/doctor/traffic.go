package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// targets looks whether the load balancer has somebody to ask.
func (e *examination) targets(ctx context.Context) ([]Finding, error) {
	pages := elasticloadbalancingv2.NewDescribeLoadBalancersPaginator(e.balancing, &elasticloadbalancingv2.DescribeLoadBalancersInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("describe load balancers: %w", err)
		}
		for _, balancer := range page.LoadBalancers {
			if aws.ToString(balancer.DNSName) == e.Balancer {
				return e.targetsOf(ctx, aws.ToString(balancer.LoadBalancerArn))
			}
		}
	}
	return []Finding{{
		"The load balancer is not there", "ELB has none called " + e.Balancer, again, "operations.md#recover",
	}}, nil
}

func (e *examination) targetsOf(ctx context.Context, balancer string) (findings []Finding, err error) {
	groups, err := e.balancing.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{LoadBalancerArn: &balancer})
	if err != nil {
		return nil, fmt.Errorf("describe the target groups of %s: %w", balancer, err)
	}
	for _, group := range groups.TargetGroups {
		health, err := e.balancing.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: group.TargetGroupArn})
		if err != nil {
			return findings, fmt.Errorf("describe the targets of %s: %w", aws.ToString(group.TargetGroupName), err)
		}
		findings = append(findings, judgeTargets(aws.ToString(group.TargetGroupName), health.TargetHealthDescriptions)...)
	}
	return findings, nil
}

// judgeTargets judges the targets of a group: one of them has to be healthy, and none unhealthy. Those that come and go are
// neither.
func judgeTargets(group string, targets []types.TargetHealthDescription) (findings []Finding) {
	const section = "operations.md#webserver-targets"
	healthy := 0
	var seen []string
	for _, target := range targets {
		said := fmt.Sprintf("%s is %s %s", aws.ToString(target.Target.Id), target.TargetHealth.State, target.TargetHealth.Reason)
		seen = append(seen, strings.TrimSpace(said))
		switch target.TargetHealth.State {
		case types.TargetHealthStateEnumHealthy:
			healthy++
		case types.TargetHealthStateEnumUnhealthy:
			findings = append(findings, Finding{
				"A webserver of " + group + " is unhealthy", fmt.Sprintf("%s: %s", said, aws.ToString(target.TargetHealth.Description)),
				"its log, asset-manager/web, says why", section,
			})
		}
	}
	if healthy == 0 {
		evidence := "none is registered"
		if len(seen) > 0 {
			evidence = strings.Join(seen, ", ")
		}
		findings = append(findings, Finding{
			"No webserver of " + group + " is healthy: people see 503", evidence, "see why the service's tasks do not start", section,
		})
	}
	return findings
}

// alarms are those that fire: the monitor's numbers and the thresholds of the settings are in them.
func (e *examination) alarms(ctx context.Context) (findings []Finding, err error) {
	if e.Dashboard == "" {
		return nil, nil
	}
	pages := cloudwatch.NewDescribeAlarmsPaginator(e.cloudwatch, &cloudwatch.DescribeAlarmsInput{
		AlarmNamePrefix: aws.String(e.Dashboard + "-"), StateValue: cloudwatchtypes.StateValueAlarm,
		AlarmTypes: []cloudwatchtypes.AlarmType{cloudwatchtypes.AlarmTypeMetricAlarm},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return findings, fmt.Errorf("describe alarms: %w", err)
		}
		for _, alarm := range page.MetricAlarms {
			findings = append(findings, judgeAlarm(alarm))
		}
	}
	return findings, nil
}

// judgeAlarm reads an alarm's description, which ends with its section of the runbook.
func judgeAlarm(alarm cloudwatchtypes.MetricAlarm) Finding {
	what, section, _ := strings.Cut(aws.ToString(alarm.AlarmDescription), ". What to do: docs/")
	return Finding{
		fmt.Sprintf("The alarm %s fires: %s", aws.ToString(alarm.AlarmName), what), aws.ToString(alarm.StateReason),
		"what the runbook says", section,
	}
}
