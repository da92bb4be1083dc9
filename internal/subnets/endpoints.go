package subnets

import (
	"slices"

	"dagster-ecs/internal/rules"
)

// taskServices are the AWS services that tasks of Dagster on Fargate call, by their endpoint names: what interface
// endpoints are made for where there is no other way out (Amazon ECS developer guide, interface VPC endpoints). KMS is
// called by S3 and Parameter Store for them, and STS by nobody: ECS gives tasks their credentials.
var taskServices = []string{"ecr.api", "ecr.dkr", "ecs", "logs", "ssm", "ssmmessages"}

// Endpoints are the services that get an interface endpoint, which takes an address of each private subnet, sorted:
// further ones, and what tasks call where there is no NAT gateway.
func Endpoints(nat rules.NatMode, further []string) []string {
	services := slices.Clone(further)
	if nat == rules.NatNone {
		services = append(services, taskServices...)
	}
	slices.Sort(services)
	return slices.Compact(services)
}
