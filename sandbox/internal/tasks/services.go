package tasks

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Service is a service as it was deployed: its name, its cluster and the ARN of its task definition.
type Service struct{ Name, Cluster, Definition string }

// RolledBack says which of the services ECS took back to an earlier task definition, one error each, with why the
// deployed one's tasks stopped and where their log is.
func (c *Client) RolledBack(ctx context.Context, services []Service) (problems []error, err error) {
	for _, deployed := range services {
		now, err := c.service(ctx, deployed)
		if err != nil {
			return nil, err
		}
		runs := aws.ToString(now.TaskDefinition)
		if runs == deployed.Definition {
			continue
		}
		problem := fmt.Errorf("the service %s was rolled back: it runs %s again, not %s",
			deployed.Name, afterLast(runs, "/"), afterLast(deployed.Definition, "/"))
		stop, err := c.lastOf(ctx, deployed)
		if err != nil {
			return nil, err
		}
		if stop != nil {
			problem = fmt.Errorf("%w: %s", problem, stop)
			for _, exit := range stop.exits {
				if exit.code != nil && exit.group != "" {
					problem = fmt.Errorf("%w\n      its log: group %s, stream %s", problem, exit.group, exit.stream)
				}
			}
		}
		problems = append(problems, problem)
	}
	return problems, nil
}

// Settling names a service whose deployment has not ended, so that ECS may yet take it back, or is empty. A service's
// first deployment has nothing to be taken back to, and is not waited for: whether its tasks work, Dagster itself says.
func (c *Client) Settling(ctx context.Context, services []Service) (string, error) {
	for _, each := range services {
		now, err := c.service(ctx, each)
		if err != nil {
			return "", err
		}
		for _, deployment := range now.Deployments {
			if deployment.RolloutState != types.DeploymentRolloutStateInProgress {
				continue
			}
			if first, err := c.first(ctx, each); err != nil || !first {
				return each.Name, err
			}
		}
	}
	return "", nil
}

// first says whether a service was deployed only once.
func (c *Client) first(ctx context.Context, s Service) (bool, error) {
	answer, err := c.ecs.ListServiceDeployments(ctx, &ecs.ListServiceDeploymentsInput{
		Cluster: aws.String(s.Cluster), Service: aws.String(s.Name),
	})
	if err != nil {
		return false, fmt.Errorf("list the deployments of the service %s: %w", s.Name, err)
	}
	return len(answer.ServiceDeployments) == 1, nil
}

func (c *Client) service(ctx context.Context, s Service) (types.Service, error) {
	answer, err := c.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: aws.String(s.Cluster), Services: []string{s.Name},
	})
	if err != nil {
		return types.Service{}, fmt.Errorf("describe the service %s: %w", s.Name, err)
	}
	if len(answer.Services) != 1 {
		return types.Service{}, fmt.Errorf("describe the service %s: it is gone", s.Name)
	}
	return answer.Services[0], nil
}
