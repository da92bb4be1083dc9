package grants

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/iamdoc"
)

// Maintenance is what the process calls that removes old runs: it lists and deletes what their steps printed, which it
// need not read. The outputs of assets are none of its business.
func Maintenance(bucket Bucket) []iamdoc.Statement {
	return []iamdoc.Statement{
		{
			Sid:      "DeleteComputeLogs",
			Action:   []string{"s3:DeleteObject"},
			Resource: []any{bucket.objects(bucket.Prefixes.ComputeLogs)},
		},
		bucket.list("ListComputeLogs", bucket.Prefixes.ComputeLogs),
	}
}

// Schedule is what EventBridge Scheduler calls for a schedule: it starts tasks of one family in one cluster with their two
// roles (EventBridge Scheduler user guide, "Set up the execution role"; ECS developer guide, "EventBridge IAM role", which has
// the tags).
func Schedule(tasks Tasks, family string, roles []pulumi.StringInput) []iamdoc.Statement {
	passed := make([]any, len(roles))
	for i, role := range roles {
		passed[i] = role
	}
	return []iamdoc.Statement{
		{
			Sid:       "StartTasks",
			Action:    []string{"ecs:RunTask"},
			Resource:  []any{tasks.Location.ARN("ecs", "task-definition/"+family+":*")},
			Condition: tasks.onCluster(),
		},
		tasks.tagStarted("TagStartedTasks"),
		passToTasks("PassRoles", passed),
	}
}
