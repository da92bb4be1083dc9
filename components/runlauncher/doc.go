// Package runlauncher builds what Dagster's EcsRunLauncher starts runs with: the run task definition, its roles, and its
// security group.
//
// A run is a task of its own, not a service. Its task definition carries the whole environment, since in the launcher's
// ARN mode only the command, CPU and memory are overridden per run. Its entry point gives a run the instance that the
// daemon has, and writes every line of the console as a JSON object. It owns the run's roles, which may do nothing with
// ECS. It refuses to run without a bucket.
//
// Logical names of children are API: those of package workload under <name>.
package runlauncher
