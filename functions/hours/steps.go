package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
)

// The states of an instance in which it does not serve or is not to be stopped
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html).
const (
	available = "available"
	stopped   = "stopped"
)

var onTheWay = []string{"starting", "stopping"}

// sleep takes the services away, waits for what still needs the database, and stops it. AWS starts one that has been stopped for
// seven days: it is stopped again.
func (h hours) sleep(ctx context.Context) (did string, err error) {
	services, err := h.describe(ctx)
	if err != nil {
		return "", err
	}
	for _, each := range services {
		if each.DesiredCount > 0 {
			if err := h.scale(ctx, aws.ToString(each.ServiceName), 0); err != nil {
				return "", err
			}
			did = "took the services away"
		}
	}
	if did != "" {
		return did, nil
	}
	if needing, err := h.needing(ctx); err != nil || needing > 0 {
		return fmt.Sprintf("waits for %d tasks that need the database", needing), err
	}
	status, err := h.status(ctx)
	if err != nil || status != available {
		return "nothing: the database is " + status, err
	}
	if _, err := h.databases.StopDBInstance(ctx, &rds.StopDBInstanceInput{DBInstanceIdentifier: &h.database}); err != nil {
		return "", fmt.Errorf("stop database %s: %w", h.database, err)
	}
	return "stopped the database", nil
}

// wake starts the database and, when it serves, the services.
func (h hours) wake(ctx context.Context) (did string, up bool, err error) {
	status, err := h.status(ctx)
	switch {
	case err != nil:
		return "", false, err
	case slices.Contains(onTheWay, status):
		return "waits for the database, which is " + status, false, nil
	case status == stopped:
		if _, err := h.databases.StartDBInstance(ctx, &rds.StartDBInstanceInput{DBInstanceIdentifier: &h.database}); err != nil {
			return "", false, fmt.Errorf("start database %s: %w", h.database, err)
		}
		return "started the database", false, nil
	}
	services, err := h.describe(ctx)
	if err != nil {
		return "", false, err
	}
	did, up = "waits for the services", true
	for _, each := range services {
		name := aws.ToString(each.ServiceName)
		if each.DesiredCount == 0 {
			if err := h.scale(ctx, name, h.services[name]); err != nil {
				return "", false, err
			}
			did = "started the services"
		}
		up = up && each.RunningCount > 0
	}
	if up {
		did = "everything is up"
	}
	return did, up, nil
}

func (h hours) status(ctx context.Context) (string, error) {
	found, err := h.databases.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &h.database})
	if err != nil {
		return "", fmt.Errorf("look at database %s: %w", h.database, err)
	}
	return aws.ToString(found.DBInstances[0].DBInstanceStatus), nil
}

func (h hours) describe(ctx context.Context) ([]ecstypes.Service, error) {
	found, err := h.tasks.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: &h.cluster, Services: slices.Sorted(maps.Keys(h.services)),
	})
	if err != nil {
		return nil, fmt.Errorf("look at the services: %w", err)
	}
	return slices.DeleteFunc(found.Services, func(each ecstypes.Service) bool { return aws.ToString(each.Status) != "ACTIVE" }), nil
}

func (h hours) scale(ctx context.Context, service string, count int32) error {
	if _, err := h.tasks.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &h.cluster, Service: &service, DesiredCount: &count}); err != nil {
		return fmt.Errorf("give service %s %d tasks: %w", service, count, err)
	}
	return nil
}

// needing counts the tasks that have not stopped. One that is told to stop writes to the database until it has.
func (h hours) needing(ctx context.Context) (count int, err error) {
	for _, family := range h.families {
		for _, desired := range []ecstypes.DesiredStatus{ecstypes.DesiredStatusRunning, ecstypes.DesiredStatusStopped} {
			pages := ecs.NewListTasksPaginator(h.tasks, &ecs.ListTasksInput{Cluster: &h.cluster, Family: &family, DesiredStatus: desired})
			for pages.HasMorePages() {
				page, err := pages.NextPage(ctx)
				if err != nil {
					return 0, fmt.Errorf("list the tasks of %s: %w", family, err)
				}
				alive, err := h.alive(ctx, page.TaskArns)
				if err != nil {
					return 0, err
				}
				count += alive
			}
		}
	}
	return count, nil
}

func (h hours) alive(ctx context.Context, arns []string) (count int, err error) {
	if len(arns) == 0 {
		return 0, nil
	}
	found, err := h.tasks.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &h.cluster, Tasks: arns})
	if err != nil {
		return 0, fmt.Errorf("look at %d tasks: %w", len(arns), err)
	}
	for _, task := range found.Tasks {
		if aws.ToString(task.LastStatus) != "STOPPED" {
			count++
		}
	}
	return count, nil
}
