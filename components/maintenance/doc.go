// Package maintenance removes old runs from Dagster, and tends the tables that they lay in, once a day.
//
// It builds a task definition with roles and a security group of its own, whose execution role reads the parameters of the
// tables' owner, and a schedule of EventBridge Scheduler, in a group of its own, that starts the task by a role which may
// do nothing else. What the task does stands in maintain.py: which runs go is told by Rules, and with DryRun none does.
// It refuses rules without days and tags, times and time zones that are none, and a database without an owner.
//
// Logical names of children are API: those of package workload under <name>, <name>-group, <name>-schedule,
// <name>-schedule-role and <name>-schedule-policy.
package maintenance
