package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/internal/iamdoc"
)

// Stack is what a stack gives out of itself (docs/outputs.md).
type Stack struct {
	Cluster       string `json:"clusterName"`
	Webserver     string `json:"webserverServiceName"`
	Daemon        string `json:"daemonServiceName"`
	RunDefinition string `json:"runTaskDefinitionArn"`
	Bucket        string `json:"bucketName"`
	Parameters    string `json:"parameterPath"`
	Database      string `json:"databaseEndpoint"`
	Balancer      string `json:"loadBalancerDnsName"`
	// Dashboard is the beginning of the alarms' names, too; empty without monitoring.
	Dashboard string `json:"dashboardName"`
}

// Parse reads the outputs of a stack. It refuses those of one that is not deployed.
func Parse(outputs []byte) (Stack, error) {
	var s Stack
	if err := json.Unmarshal(outputs, &s); err != nil {
		return s, fmt.Errorf("read the outputs of the stack: %w", err)
	}
	if s.Cluster == "" || len(strings.Split(s.RunDefinition, ":")) != 7 {
		return s, errors.New("the stack gives out neither clusterName nor runTaskDefinitionArn: it is not deployed yet")
	}
	return s, nil
}

// Region is the region of the stack. arn:aws:ecs:REGION:ACCOUNT:task-definition/FAMILY:REVISION.
func (s Stack) Region() string { return s.here().Region }

// here is where the stack is.
func (s Stack) here() iamdoc.Scope {
	parts := strings.Split(s.RunDefinition, ":")
	return iamdoc.Scope{Partition: parts[1], Region: parts[3], Account: parts[4]}
}

// workload is what tasks are started from.
type workload struct {
	// kind is its short name: web, daemon or runs.
	kind       string
	definition *types.TaskDefinition
}

// readWorkloads reads the task definitions that the services were given last, and that of runs. A service that is gone has
// none, which the check of the services tells.
func (e *examination) readWorkloads(ctx context.Context) error {
	found, err := e.describeServices(ctx)
	if err != nil {
		return err
	}
	named := map[string]string{"runs": e.RunDefinition}
	for _, service := range found.Services {
		kind := "web"
		if aws.ToString(service.ServiceName) == e.Daemon {
			kind = "daemon"
		}
		named[kind] = aws.ToString(service.TaskDefinition)
	}
	for _, kind := range []string{"daemon", "runs", "web"} {
		if named[kind] == "" {
			continue
		}
		answer, err := e.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(named[kind])})
		if err != nil {
			return fmt.Errorf("describe task definition %s: %w", named[kind], err)
		}
		e.workloads = append(e.workloads, workload{kind, answer.TaskDefinition})
	}
	return nil
}

func (e *examination) describeServices(ctx context.Context) (*ecs.DescribeServicesOutput, error) {
	found, err := e.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: &e.Cluster, Services: []string{e.Webserver, e.Daemon},
	})
	if err != nil {
		return nil, fmt.Errorf("describe the services of cluster %s: %w", e.Cluster, err)
	}
	return found, nil
}
