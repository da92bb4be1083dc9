// Package awsapi gives resource hooks AWS's own SDK, for what no Pulumi resource does: to look whether something is there
// already, to run a task once, to wait for a deployment.
//
// Credentials come from where Pulumi's provider takes them, the SDK's default chain: environment, shared files, role of
// the machine.
package awsapi

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

// attempts is how often a request is sent at most, throttled ones included: hooks wait long and poll seldom.
const attempts = 10

// Load is the SDK's configuration for one region. It fails where the environment or the shared files are malformed;
// missing credentials show with the first request.
func Load(ctx context.Context, region string) (aws.Config, error) {
	loaded, err := config.LoadDefaultConfig(ctx, config.WithRegion(region), config.WithRetryMaxAttempts(attempts))
	if err != nil {
		return aws.Config{}, fmt.Errorf("load the configuration of AWS's SDK: %w", err)
	}
	return loaded, nil
}
