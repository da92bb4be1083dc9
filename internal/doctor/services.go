package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/internal/taskstop"
)

const (
	again    = "pulumi refresh --preview-only --diff shows what is missing; pulumi up --refresh makes it anew"
	denied   = "troubleshooting.md#s3-or-kms-says-accessdenied"
	starting = "troubleshooting.md#a-run-stays-in-starting-or-fails-before-its-first-step"
)

// services looks whether both services run what they were given.
func (e *examination) services(ctx context.Context) ([]Finding, error) {
	found, err := e.describeServices(ctx)
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for _, name := range []string{e.Webserver, e.Daemon} {
		i := slices.IndexFunc(found.Services, func(s types.Service) bool { return aws.ToString(s.ServiceName) == name })
		if i < 0 {
			findings = append(findings, Finding{
				What: fmt.Sprintf("The service %s is not there", name), Evidence: "ECS does not know it in cluster " + e.Cluster,
				Do: again, Section: "operations.md#recover",
			})
			continue
		}
		judged := judgeService(found.Services[i], name == e.Daemon)
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

// judgeService judges a service of which there may be any number of tasks, or one alone.
func judgeService(service types.Service, alone bool) []Finding {
	name, section := aws.ToString(service.ServiceName), "operations.md#webserver-targets"
	if alone {
		section = "operations.md#daemon-heartbeats"
	}
	evidence := ""
	if len(service.Events) > 0 {
		evidence = aws.ToString(service.Events[0].Message)
	}
	failed := slices.IndexFunc(service.Deployments, func(d types.Deployment) bool {
		return d.RolloutState == types.DeploymentRolloutStateFailed
	})
	switch {
	case aws.ToString(service.Status) != "ACTIVE":
		return []Finding{{fmt.Sprintf("The service %s is %s", name, aws.ToString(service.Status)), evidence, again, "operations.md#recover"}}
	case service.DesiredCount == 0:
		return []Finding{{fmt.Sprintf("The service %s is set to no tasks", name), evidence, "somebody did so by hand: " + again, section}}
	case alone && service.DesiredCount > 1:
		return []Finding{{
			fmt.Sprintf("The service %s is set to %d tasks: two daemons start every run twice", name, service.DesiredCount), evidence,
			"aws ecs update-service --desired-count 1", "operations.md#daemon-doubled",
		}}
	case failed >= 0:
		return []Finding{{
			fmt.Sprintf("A deployment of %s failed", name), aws.ToString(service.Deployments[failed].RolloutStateReason),
			"mend what its last task says, then pulumi up", "operations.md#when-a-deployment-fails",
		}}
	case service.RunningCount < service.DesiredCount:
		return []Finding{{
			fmt.Sprintf("The service %s runs %d of %d tasks", name, service.RunningCount, service.DesiredCount), evidence,
			"mend why its last task stopped", section,
		}}
	}
	return nil
}

// runs looks for runs whose tasks ended otherwise than they were meant to, within the hour that ECS tells of.
func (e *examination) runs(ctx context.Context) ([]Finding, error) {
	family, _, _ := strings.Cut(e.RunDefinition[strings.LastIndex(e.RunDefinition, "/")+1:], ":")
	stop, err := e.lastStop(ctx, &ecs.ListTasksInput{Cluster: &e.Cluster, Family: &family, DesiredStatus: types.DesiredStatusStopped})
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
