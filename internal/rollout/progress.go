package rollout

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/internal/awsapi"
)

// progress tells of what has changed since the last look.
type progress struct {
	tell  func(string)
	since time.Time
	said  string
	told  map[string]bool
	// failed is how many tasks had failed at the last look.
	failed int32
}

// worrying are the events that say that a service does not come up: that it cannot start or place a task, that a target is
// unhealthy, that a deployment failed or was rolled back
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html).
var worrying = regexp.MustCompile(`unable to|fail|unhealthy|roll(ing|ed) back`)

// tellOf tells of the followed deployment's tasks and of the service's worrying events, each once, and answers whether
// one more task has failed.
func (p *progress) tellOf(service types.Service, followed string) (failed bool) {
	if p.told == nil {
		p.told = map[string]bool{}
	}
	for _, event := range slices.Backward(service.Events) { // the newest comes first
		id, text := aws.ToString(event.Id), aws.ToString(event.Message)
		// ECS's times may be whole seconds.
		if fresh := !aws.ToTime(event.CreatedAt).Before(p.since.Truncate(time.Second)); fresh && !p.told[id] && worrying.MatchString(text) {
			p.told[id] = true
			p.tell(text)
		}
	}
	deployment, shown := find(service, followed)
	if !shown || deployment.RolloutState != types.DeploymentRolloutStateInProgress {
		return false
	}
	text := fmt.Sprintf("%s: %d of %d tasks running, %d starting, %d failed", awsapi.ShortName(aws.ToString(deployment.TaskDefinition)),
		deployment.RunningCount, deployment.DesiredCount, deployment.PendingCount, deployment.FailedTasks)
	if text != p.said {
		p.said = text
		p.tell(text)
	}
	failed, p.failed = deployment.FailedTasks > p.failed, deployment.FailedTasks
	return failed
}
