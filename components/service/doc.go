// Package service is the one place that turns a workload into what ECS needs: an execution role, a task role, a security
// group with its rules, a task definition and, for what runs all the time, a service.
//
// It builds tasks for Fargate only, each container with a read-only root file system, an explicit user that is not root,
// no capabilities, an init process, a stop timeout and awslogs; Dagster's home and /tmp are scratch volumes. A service
// gets a circuit breaker that rolls back. It owns the roles and their policies. It refuses sizes that Fargate does not
// have, and traffic without a name and a reason.
package service
