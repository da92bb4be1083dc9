package judge

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	balancing "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Service judges a service of which there may be any number of tasks, or one alone, and of whose task definition the
// newest revision is known.
func Service(service types.Service, alone bool, newest int32) []Finding {
	name, event := aws.ToString(service.ServiceName), ""
	if len(service.Events) > 0 {
		event = aws.ToString(service.Events[0].Message)
	}
	if wrong, found := count(service, alone, event); found {
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
			Again, "operations.md#daemon-doubled",
		}}
	}
	return nil
}

// count judges how many tasks a service has.
func count(service types.Service, alone bool, event string) (wrong Finding, found bool) {
	name, section := aws.ToString(service.ServiceName), targetless
	if alone {
		section = "operations.md#daemon-heartbeats"
	}
	switch {
	case aws.ToString(service.Status) != "ACTIVE":
		return Finding{fmt.Sprintf("The service %s is %s", name, aws.ToString(service.Status)), event, Again, "operations.md#recover"}, true
	case service.DesiredCount == 0:
		return Finding{fmt.Sprintf("The service %s is set to no tasks", name), event, "somebody did so by hand: " + Again, section}, true
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

// Targets judges the targets of a service: one of them has to be healthy, and none unhealthy. Those that come and go are
// neither; all are unused where the load balancer or its listener is gone.
func Targets(service string, targets []balancing.TargetHealthDescription) (findings []Finding) {
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
