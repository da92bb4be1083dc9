package rollout

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/internal/awsapi"
	"dagster-ecs/internal/taskstop"
)

// Failure is a deployment that failed: which one, why, where its log is and what can be done.
type Failure struct{ text string }

func (f *Failure) Error() string { return f.text }

// failure says of a deployment that failed what ECS says, why its last task stopped, and what can be done.
func (w *Watch) failure(ctx context.Context, service Service, now types.Service, followed string) *Failure {
	text := fmt.Sprintf("service %s: the deployment of %s failed", service.Name, awsapi.ShortName(service.Definition))
	reason := reasonOf(now, followed)
	if reason != "" {
		text += " (" + reason + ")"
	}
	again := "`pulumi up --refresh`"
	if primary := primaryOf(now); aws.ToString(primary.Id) != followed {
		text += fmt.Sprintf("; ECS took the service back to %s", awsapi.ShortName(aws.ToString(primary.TaskDefinition)))
	} else {
		text += "; there is no earlier one to go back to"
		again = fmt.Sprintf("`aws ecs update-service --cluster %s --service %s --force-new-deployment`, then `pulumi up`",
			service.Cluster, service.Name)
	}
	stop, err := w.lastStop(ctx, service, now, followed)
	switch {
	case strings.Contains(reason, "alarm") && now.DeploymentConfiguration != nil && now.DeploymentConfiguration.Alarms != nil:
		text += fmt.Sprintf("\n  One of its alarms fired (%s): docs/operations.md#when-a-deployment-fails",
			strings.Join(now.DeploymentConfiguration.Alarms.AlarmNames, ", "))
	case err != nil:
		text += fmt.Sprintf("\n  Why its tasks stopped is not known: %v", err)
	case stop != nil:
		text += "\n  " + stop.String()
	default:
		text += "\n  ECS shows no stopped task of it any more, which it does for an hour: see the log, and the service's events"
	}
	return &Failure{text: fmt.Sprintf("%s\n  Mend it and run `pulumi up`; to try the same again: %s", text, again)}
}

// reasonOf is what ECS says of a failed deployment: with it, and in an event once it is shown no more.
func reasonOf(now types.Service, followed string) string {
	if deployment, _ := find(now, followed); deployment.RolloutState == types.DeploymentRolloutStateFailed {
		return aws.ToString(deployment.RolloutStateReason)
	}
	for _, event := range now.Events {
		_, reason, failed := strings.Cut(aws.ToString(event.Message), "(deployment "+followed+") deployment failed: ")
		if failed {
			return strings.TrimSuffix(reason, ".")
		}
	}
	return ""
}

// lastStop is the last task of a deployment that failed; nil where ECS shows none any more.
func (w *Watch) lastStop(ctx context.Context, service Service, now types.Service, followed string) (*taskstop.Stop, error) {
	list, err := w.ecs.ListTasks(ctx, &ecs.ListTasksInput{
		Cluster: now.ClusterArn, ServiceName: aws.String(service.Name), DesiredStatus: types.DesiredStatusStopped,
	})
	if err != nil {
		return nil, fmt.Errorf("list the stopped tasks of %s: %w", service.Name, err)
	}
	if len(list.TaskArns) == 0 {
		return nil, nil
	}
	described, err := w.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: now.ClusterArn, Tasks: list.TaskArns})
	if err != nil {
		return nil, fmt.Errorf("describe the stopped tasks of %s: %w", service.Name, err)
	}
	ended := slices.DeleteFunc(described.Tasks, func(task types.Task) bool {
		ofDeployment := aws.ToString(task.StartedBy) == followed ||
			followed == "" && aws.ToString(task.TaskDefinitionArn) == service.Definition
		return !ofDeployment || task.StopCode == "" || !taskstop.Failed(task)
	})
	if len(ended) == 0 {
		return nil, nil
	}
	last := slices.MaxFunc(ended, func(a, b types.Task) int { return aws.ToTime(a.CreatedAt).Compare(aws.ToTime(b.CreatedAt)) })
	stop := w.stops.Of(ctx, last)
	return &stop, nil
}
