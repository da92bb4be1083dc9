// Package workload is the one place that turns what runs as a task into what ECS needs: an execution role, a task role, a
// security group with its rules, and a task definition. Package service keeps one running.
//
// It builds tasks for Fargate only, each container with a read-only root file system, an explicit user that is not root,
// no capabilities, an init process, a stop timeout and awslogs; Dagster's home and /tmp are scratch volumes. It owns the
// roles and their policies. It refuses sizes that Fargate does not have, traffic without a name and a reason, and, when it
// registers a revision, a family that has revisions of somebody else.
//
// Logical names of children are API: <name>-execution-role, <name>-task-role, their policies, <name>-definition,
// <name>-tasks-group, and a rule per peer under <name>-tasks.
package workload
