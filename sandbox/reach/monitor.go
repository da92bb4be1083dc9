package reach

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// monitorProbe is the name of the probe that calls the monitor's function.
const monitorProbe = "monitor-function"

// lookMonitor has the monitor look, and gives what it answers where it does not reach all that it looks at.
func lookMonitor(ctx context.Context, client *lambda.Client, function string) (said string, err error) {
	ctx, cancel := context.WithTimeout(ctx, taskPatience)
	defer cancel()
	answer, err := client.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String(function)})
	if err != nil {
		return "", fmt.Errorf("call the function %s: %w", function, err)
	}
	var saw struct{ WebserverAnswers, BucketAnswers float64 }
	if err := json.Unmarshal(answer.Payload, &saw); err != nil {
		return "", fmt.Errorf("read the answer of the function %s: %w", function, err)
	}
	if saw.WebserverAnswers == 1 && saw.BucketAnswers == 1 {
		return "", nil
	}
	return string(answer.Payload), nil
}
