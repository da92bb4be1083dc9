package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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
	RunGroup      string `json:"runSecurityGroupId"`
	Bucket        string `json:"bucketName"`
	Parameters    string `json:"parameterPath"`
	Database      string `json:"databaseEndpoint"`
	DatabaseGroup string `json:"databaseSecurityGroupId"`
	// Vcpus is how many vCPUs of Fargate it may take at a time.
	Vcpus struct {
		OnDemand float64 `json:"onDemand"`
		Spot     float64 `json:"spot"`
	} `json:"fargateVcpus"`
	// GatewayGroup is empty where people come to the database in another way.
	GatewayGroup string `json:"gatewaySecurityGroupId"`
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

// The kinds of workloads.
const (
	web    = "web"
	daemon = "daemon"
	runs   = "runs"
)

// workload is what tasks are started from.
type workload struct {
	kind       string
	definition *types.TaskDefinition
	// service is nil for runs.
	service *types.Service
}

// readWorkloads reads the services, the task definitions that they were given last, and that of runs. A service that is
// gone has none, which the check of the services tells.
func (e *examination) readWorkloads(ctx context.Context) error {
	found, err := e.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &e.Cluster, Services: []string{e.Webserver, e.Daemon}})
	if err != nil {
		return fmt.Errorf("describe the services of cluster %s: %w", e.Cluster, err)
	}
	if err := e.add(ctx, runs, &e.RunDefinition, nil); err != nil {
		return err
	}
	for _, service := range found.Services {
		if err := e.add(ctx, e.kind(aws.ToString(service.ServiceName)), service.TaskDefinition, &service); err != nil {
			return err
		}
	}
	return nil
}

// kind is that of a service.
func (s Stack) kind(service string) string {
	if service == s.Daemon {
		return daemon
	}
	return web
}

// add reads the task definition of a workload.
func (e *examination) add(ctx context.Context, kind string, definition *string, service *types.Service) error {
	found, err := e.define(ctx, definition)
	e.workloads = append(e.workloads, workload{kind, found, service})
	return err
}

// define reads a task definition by its ARN, or the newest of a family.
func (e *examination) define(ctx context.Context, name *string) (*types.TaskDefinition, error) {
	answer, err := e.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: name})
	if err != nil {
		return nil, fmt.Errorf("describe task definition %s: %w", aws.ToString(name), err)
	}
	return answer.TaskDefinition, nil
}

// of is the workload of a kind.
func (e *examination) of(kind string) (workload, bool) {
	i := slices.IndexFunc(e.workloads, func(w workload) bool { return w.kind == kind })
	if i < 0 {
		return workload{}, false
	}
	return e.workloads[i], true
}

// all are what containers of all workloads name, each once.
func (e *examination) all(named func(workload) []string) (names []string) {
	for _, each := range e.workloads {
		names = append(names, named(each)...)
	}
	return once(names)
}

func once(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// secrets are the ARNs of the parameters that the containers of a workload are given.
func secrets(w workload) (arns []string) {
	for _, container := range w.definition.ContainerDefinitions {
		for _, secret := range container.Secrets {
			arns = append(arns, aws.ToString(secret.ValueFrom))
		}
	}
	return once(arns)
}

// logGroups are the log groups that the containers of a workload write to.
func logGroups(w workload) (names []string) {
	for _, container := range w.definition.ContainerDefinitions {
		if container.LogConfiguration != nil {
			names = append(names, container.LogConfiguration.Options["awslogs-group"])
		}
	}
	return once(names)
}

// images are those of a workload's containers.
func images(w workload) (names []string) {
	for _, container := range w.definition.ContainerDefinitions {
		names = append(names, aws.ToString(container.Image))
	}
	return once(names)
}
