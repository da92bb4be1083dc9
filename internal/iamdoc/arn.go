package iamdoc

import (
	"fmt"

	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Scope is where ARNs are made for. All three are known at plan time: the partition comes from the provider
// (aws.GetPartition), so that the program also works in AWS China and GovCloud.
type Scope struct {
	// Partition is aws, aws-cn or aws-us-gov; required.
	Partition string
	// Region is the region of the resources, such as us-west-1; required.
	Region string
	// Account is the account's id, 12 digits; required.
	Account string
}

// Validate reports every part that is missing or has another form than AWS's.
func (s Scope) Validate() error {
	var list problems.List
	list.Required("Partition", s.Partition)
	list.Take("Region", rules.Region(s.Region))
	list.Take("Account", rules.Account(s.Account))
	return list.Err()
}

// ARN gives the ARN of a regional resource, such as ARN("ecs", "cluster/fulcrum-cluster").
func (s Scope) ARN(service, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", s.Partition, service, s.Region, s.Account, resource)
}

// GlobalARN gives the ARN of a resource of the account that belongs to no region, such as GlobalARN("iam", "root").
func (s Scope) GlobalARN(service, resource string) string {
	return fmt.Sprintf("arn:%s:%s::%s:%s", s.Partition, service, s.Account, resource)
}

// BucketARN gives the ARN of a bucket, or of objects in it (name/prefix/*): these carry neither region nor account.
func (s Scope) BucketARN(path string) string {
	return fmt.Sprintf("arn:%s:s3:::%s", s.Partition, path)
}

// Root gives the principal that stands for the whole account, by which a key policy delegates to IAM policies.
func (s Scope) Root() Principal {
	return aws(s.GlobalARN("iam", "root"))
}

// ServiceHost gives the host name of a regional service as it stands in kms:ViaService, such as ssm.us-west-1.amazonaws.com.
// AWS China has a domain of its own.
func (s Scope) ServiceHost(service string) string {
	domain := "amazonaws.com"
	if s.Partition == "aws-cn" {
		domain += ".cn"
	}
	return fmt.Sprintf("%s.%s.%s", service, s.Region, domain)
}
