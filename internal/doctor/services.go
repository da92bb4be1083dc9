package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"dagster-ecs/internal/doctor/judge"
	"dagster-ecs/internal/taskstop"
)

// services looks whether both services run what they were given.
func (e *examination) services(ctx context.Context) (findings []Finding, err error) {
	for _, name := range []string{e.Webserver, e.Daemon} {
		kind := e.kind(name)
		each, there := e.of(kind)
		if !there {
			findings = append(findings, judge.Found(
				fmt.Sprintf("The service %s is not there", name), "ECS does not know it in cluster "+e.Cluster, judge.Again, "operations.md#recover",
			))
			continue
		}
		newest, err := e.define(ctx, each.definition.Family)
		if err != nil {
			return findings, err
		}
		judged := judge.Service(*each.service, kind == daemon, newest.Revision)
		if len(judged) > 0 {
			stop, err := e.lastStop(ctx, &ecs.ListTasksInput{Cluster: &e.Cluster, ServiceName: &name, DesiredStatus: types.DesiredStatusStopped})
			if err != nil {
				return findings, err
			}
			judged[0].Evidence = strings.Trim(judged[0].Evidence+"; "+stop, "; ")
		}
		findings = append(findings, judged...)
	}
	return findings, nil
}

// tasks looks for runs whose tasks ended otherwise than they were meant to, within the hour that ECS tells of.
func (e *examination) tasks(ctx context.Context) ([]Finding, error) {
	run, _ := e.of(runs)
	stop, err := e.lastStop(ctx, &ecs.ListTasksInput{Cluster: &e.Cluster, Family: run.definition.Family, DesiredStatus: types.DesiredStatusStopped})
	if err != nil || stop == "" {
		return nil, err
	}
	section := "troubleshooting.md#a-run-ends-in-the-middle"
	if strings.Contains(stop, string(types.TaskStopCodeTaskFailedToStart)) {
		section = judge.Starting
	}
	return []Finding{judge.Found("Tasks of runs ended before their runs did", stop, "the runbook's table goes by the reason", section)}, nil
}

// lastStop is why the last of the tasks stopped that should not have, with how many there were, empty without any.
func (e *examination) lastStop(ctx context.Context, which *ecs.ListTasksInput) (string, error) {
	listed, err := e.ecs.ListTasks(ctx, which)
	if err != nil {
		return "", fmt.Errorf("list stopped tasks: %w", err)
	}
	if len(listed.TaskArns) == 0 {
		return "", nil
	}
	described, err := e.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &e.Cluster, Tasks: listed.TaskArns})
	if err != nil {
		return "", fmt.Errorf("describe stopped tasks: %w", err)
	}
	stopped := slices.DeleteFunc(described.Tasks, func(t types.Task) bool { return !taskstop.Failed(t) })
	if len(stopped) == 0 {
		return "", nil
	}
	last := slices.MaxFunc(stopped, func(a, b types.Task) int { return aws.ToTime(a.StoppedAt).Compare(aws.ToTime(b.StoppedAt)) })
	return fmt.Sprintf("%d stopped within the hour, the last: %s (%s)", len(stopped), e.stops.Of(ctx, last).Line(), last.StopCode), nil
}

// targets looks whether the load balancer has somebody to ask.
func (e *examination) targets(ctx context.Context) (findings []Finding, err error) {
	from, there := e.of(web)
	if !there {
		return nil, nil
	}
	for _, group := range from.service.LoadBalancers {
		health, err := e.balancing.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: group.TargetGroupArn})
		if is(err, "TargetGroupNotFound") {
			findings = append(findings, judge.Found("The target group of the webserver is not there", err.Error(), judge.Again, "operations.md#recover"))
			continue
		}
		if err != nil {
			return findings, err
		}
		findings = append(findings, judge.Targets(e.Webserver, health.TargetHealthDescriptions)...)
	}
	return findings, nil
}
