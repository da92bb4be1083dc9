package judge

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Alarm judges an alarm by its state and the newest value, where there is one. Its description ends with its section of
// the runbook.
func Alarm(alarm types.MetricAlarm, newest float64, known bool) []Finding {
	what, section, _ := strings.Cut(aws.ToString(alarm.AlarmDescription), ". What to do: docs/")
	name, threshold := aws.ToString(alarm.AlarmName), aws.ToFloat64(alarm.Threshold)
	beyond := known && (alarm.ComparisonOperator == types.ComparisonOperatorGreaterThanThreshold && newest > threshold ||
		alarm.ComparisonOperator == types.ComparisonOperatorLessThanThreshold && newest < threshold)
	switch {
	case alarm.StateValue == types.StateValueAlarm:
		return []Finding{{fmt.Sprintf("The alarm %s fires: %s", name, what), aws.ToString(alarm.StateReason), "what the runbook says", section}}
	case beyond:
		return []Finding{{
			fmt.Sprintf("%s. The alarm %s does not fire yet", what, name),
			fmt.Sprintf("%s was %g in the last minute, the threshold is %g", aws.ToString(alarm.MetricName), newest, threshold),
			"what the runbook says", section,
		}}
	}
	return nil
}

// Quota judges a quota of vCPUs.
func Quota(code string, has, needed float64) []Finding {
	if needed <= has {
		return nil
	}
	return []Finding{{
		fmt.Sprintf("The account has too few vCPUs of Fargate: with all runs in progress some will not start, nor may a deployment (%s)", code),
		fmt.Sprintf("%g are allowed, the stack may take %g", has, needed),
		"ask Service Quotas for more, or lower runs.maxConcurrent", "deploy.md#what-you-need",
	}}
}
