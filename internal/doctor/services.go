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
	balancing "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"dagster-ecs/internal/taskstop"
)

const (
	again       = "pulumi refresh --preview-only --diff shows what is missing; pulumi up --refresh makes it anew"
	denied      = "troubleshooting.md#s3-or-kms-says-accessdenied"
	starting    = "troubleshooting.md#a-run-stays-in-starting-or-fails-before-its-first-step"
	unreachable = "troubleshooting.md#the-database-cannot-be-reached"
	targetless  = "operations.md#webserver-targets"
	takenBack   = "operations.md#when-a-deployment-fails"
)

// services looks whether both services run what they were given.
func (e *examination) services(ctx context.Context) (findings []Finding, err error) {
	for _, name := range []string{e.Webserver, e.Daemon} {
		kind := e.kind(name)
		each, there := e.of(kind)
		if !there {
			findings = append(findings, Finding{
				fmt.Sprintf("The service %s is not there", name), "ECS does not know it in cluster " + e.Cluster, again, "operations.md#recover",
			})
			continue
		}
		newest, err := e.define(ctx, each.definition.Family)
		if err != nil {
			return findings, err
		}
		judged := judgeService(*each.service, kind == daemon, newest.Revision)
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

// judgeService judges a service of which there may be any number of tasks, or one alone, and of whose task definition the
// newest revision is known.
func judgeService(service types.Service, alone bool, newest int32) []Finding {
	name, event := aws.ToString(service.ServiceName), ""
	if len(service.Events) > 0 {
		event = aws.ToString(service.Events[0].Message)
	}
	if wrong, found := judgeCount(service, alone, event); found {
		return []Finding{wrong}
	}
	for _, each := range service.Deployments {
		if each.RolloutState == types.DeploymentRolloutStateFailed || each.FailedTasks > 0 {
			return []Finding{{
				fmt.Sprintf("A deployment of %s fails", name), fmt.Sprintf("%s, %d tasks failed: %s", each.RolloutState, each.FailedTasks,
					aws.ToString(each.RolloutStateReason)), "mend what its last task says, then pulumi up", takenBack,
			}}
		}
	}
	definition := aws.ToString(service.TaskDefinition)
	if !strings.HasSuffix(definition, fmt.Sprintf(":%d", newest)) {
		return []Finding{{
			fmt.Sprintf("The service %s does not run its newest revision: a deployment was taken back, or somebody changed it", name),
			fmt.Sprintf("it runs %s, of which there is revision %d", definition, newest), "pulumi up", takenBack,
		}}
	}
	if most := service.DeploymentConfiguration; alone && most != nil && aws.ToInt32(most.MaximumPercent) > 100 {
		return []Finding{{
			fmt.Sprintf("A deployment of %s runs two daemons at a time", name), fmt.Sprintf("its maximumPercent is %d", *most.MaximumPercent),
			again, "operations.md#daemon-doubled",
		}}
	}
	return nil
}

// judgeCount judges how many tasks a service has.
func judgeCount(service types.Service, alone bool, event string) (wrong Finding, found bool) {
	name, section := aws.ToString(service.ServiceName), targetless
	if alone {
		section = "operations.md#daemon-heartbeats"
	}
	switch {
	case aws.ToString(service.Status) != "ACTIVE":
		return Finding{fmt.Sprintf("The service %s is %s", name, aws.ToString(service.Status)), event, again, "operations.md#recover"}, true
	case service.DesiredCount == 0:
		return Finding{fmt.Sprintf("The service %s is set to no tasks", name), event, "somebody did so by hand: " + again, section}, true
	case alone && service.DesiredCount > 1:
		return Finding{
			fmt.Sprintf("The service %s is set to %d tasks: two daemons start every run twice", name, service.DesiredCount), event,
			"aws ecs update-service --desired-count 1", "operations.md#daemon-doubled",
		}, true
	case service.RunningCount < service.DesiredCount:
		return Finding{
			fmt.Sprintf("The service %s runs %d of %d tasks", name, service.RunningCount, service.DesiredCount), event,
			"mend why its last task stopped", section,
		}, true
	}
	return Finding{}, false
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
		section = starting
	}
	return []Finding{{"Tasks of runs ended before their runs did", stop, "the runbook's table goes by the reason", section}}, nil
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
			findings = append(findings, Finding{"The target group of the webserver is not there", err.Error(), again, "operations.md#recover"})
			continue
		}
		if err != nil {
			return findings, err
		}
		findings = append(findings, judgeTargets(e.Webserver, health.TargetHealthDescriptions)...)
	}
	return findings, nil
}

// judgeTargets judges the targets of a service: one of them has to be healthy, and none unhealthy. Those that come and go are
// neither; all are unused where the load balancer or its listener is gone.
func judgeTargets(service string, targets []balancing.TargetHealthDescription) (findings []Finding) {
	healthy, seen := 0, []string{"none is registered"}
	for i, target := range targets {
		seen = append(seen[:min(i, len(seen))], strings.TrimSpace(fmt.Sprintf("%s is %s %s", aws.ToString(target.Target.Id), target.TargetHealth.State, target.TargetHealth.Reason)))
		switch target.TargetHealth.State {
		case balancing.TargetHealthStateEnumHealthy:
			healthy++
		case balancing.TargetHealthStateEnumUnhealthy:
			findings = append(findings, Finding{
				"A webserver of " + service + " is unhealthy", fmt.Sprintf("%s: %s", seen[i], aws.ToString(target.TargetHealth.Description)),
				"its log says why", targetless,
			})
		}
	}
	if healthy == 0 {
		findings = append(findings, Finding{
			"No webserver of " + service + " is healthy: people see 503", strings.Join(seen, ", "), "see why the service's tasks do not start", targetless,
		})
	}
	return findings
}
