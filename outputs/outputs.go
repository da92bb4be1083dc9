// Package outputs reads what a deployed Dagster stack gives to the stacks of other teams (docs/outputs.md), with types, for
// Pulumi programs in Go:
//
//	dagster, err := outputs.Read(ctx, "organization/dagster/prod")
//
// What is here stays: an output that goes, or gets another type, raises Version and stands in the changelog.
package outputs

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Version is the version of the contract. A stack of another one is refused.
const Version = 1

// Dagster are the outputs. Those tagged optional are empty where the stack has no such thing.
type Dagster struct {
	// Version is that of the contract which the stack keeps.
	Version int `output:"outputsVersion"`
	// URL is where the UI and the GraphQL API answer.
	URL string `output:"url"`
	// LoadBalancerDNSName is the load balancer's own name, for a DNS record.
	LoadBalancerDNSName string `output:"loadBalancerDnsName"`
	// ClusterName is the ECS cluster of all tasks.
	ClusterName string `output:"clusterName"`
	// WebserverServiceName and DaemonServiceName are the ECS services.
	WebserverServiceName string `output:"webserverServiceName"`
	DaemonServiceName    string `output:"daemonServiceName"`
	// RunTaskDefinitionArn is the task definition of runs, with its revision.
	RunTaskDefinitionArn string `output:"runTaskDefinitionArn"`
	// RunSecurityGroupID is the group of runs: let it in where runs are to call your service.
	RunSecurityGroupID string `output:"runSecurityGroupId"`
	// BucketName is the bucket with logs and outputs, ReplicaBucketName its copy in the second region.
	BucketName        string `output:"bucketName"`
	ReplicaBucketName string `output:"replicaBucketName,optional"`
	// BucketKeyArn is the key of what is in the bucket: who reads from it needs the key as well.
	BucketKeyArn string `output:"bucketKeyArn"`
	// LogGroups are the log groups by kind: web, daemon, runs and maintenance.
	LogGroups map[string]string `output:"logGroups"`
	// DatabaseEndpoint is host:port of PostgreSQL, DatabaseName the database inside it.
	DatabaseEndpoint string `output:"databaseEndpoint"`
	DatabaseName     string `output:"databaseName"`
	// DatabaseSecurityGroupID is the group of the database.
	DatabaseSecurityGroupID string `output:"databaseSecurityGroupId"`
	// GatewayTaskDefinitionArn, GatewaySecurityGroupID and DatabaseLocalPort belong to the way in.
	GatewayTaskDefinitionArn string `output:"gatewayTaskDefinitionArn,optional"`
	GatewaySecurityGroupID   string `output:"gatewaySecurityGroupId,optional"`
	DatabaseLocalPort        int    `output:"databaseLocalPort,optional"`
	// AlertsTopicArn is the encrypted topic by which people are told, DashboardName the dashboard in CloudWatch.
	AlertsTopicArn string `output:"alertsTopicArn,optional"`
	DashboardName  string `output:"dashboardName,optional"`
	// TrailArn is the stack's own trail in CloudTrail.
	TrailArn string `output:"trailArn,optional"`
	// ParameterPath is the path of the SSM parameters; below ParameterPath/outputs are these outputs.
	ParameterPath string `output:"parameterPath"`
	// VpcID and PrivateSubnetIDs are the network of the tasks.
	VpcID            string   `output:"vpcId"`
	PrivateSubnetIDs []string `output:"privateSubnetIds"`
	// FargateVcpus are the vCPUs that the stack takes at most at a time: onDemand and spot.
	FargateVcpus map[string]float64 `output:"fargateVcpus"`
}

// Read reads the outputs of a stack by its name as a stack reference takes it. Its error names every output that is missing or
// of another type. A stack that is not deployed is an error too.
func Read(ctx *pulumi.Context, stack string, opts ...pulumi.ResourceOption) (*Dagster, error) {
	reference, err := pulumi.NewStackReference(ctx, stack, nil, opts...)
	if err != nil {
		return nil, fmt.Errorf("refer to the stack %s: %w", stack, err)
	}
	return decode(stack, func(name string) (any, error) {
		details, err := reference.GetOutputDetails(name)
		if err != nil {
			return nil, err
		}
		if details.SecretValue != nil {
			return details.SecretValue, nil
		}
		return details.Value, nil
	})
}

// decode fills the outputs; get answers nil for one that is not there.
func decode(stack string, get func(name string) (any, error)) (*Dagster, error) {
	found := &Dagster{}
	var problems []error
	for _, each := range fields {
		value, err := get(each.name)
		switch {
		case err != nil:
			problems = append(problems, fmt.Errorf("%s: %w", each.name, err))
		case value == nil && !each.optional:
			problems = append(problems, fmt.Errorf("%s: is missing", each.name))
		case value != nil:
			if err := each.set(found, value); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", each.name, err))
			}
		}
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("the stack %s gives no outputs of version %d:\n%w", stack, Version, errors.Join(problems...))
	}
	if found.Version != Version {
		return nil, fmt.Errorf("the stack %s gives outputs of version %d; version %d is read here", stack, found.Version, Version)
	}
	return found, nil
}

// set puts a value into its field.
func (f field) set(into *Dagster, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("write what it is: %w", err)
	}
	if err := json.Unmarshal(text, reflect.ValueOf(into).Elem().Field(f.index).Addr().Interface()); err != nil {
		return fmt.Errorf("is %s; %s is wanted", text, f.kind)
	}
	return nil
}
