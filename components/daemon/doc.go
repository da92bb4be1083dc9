// Package daemon builds the Dagster daemon: schedules, sensors, the run queue and run monitoring.
//
// There is exactly one. Nothing in Dagster keeps two daemons from launching every run twice, so a deployment stops the
// old one before it starts the new one, and ECS may not start a second one to even out zones. Before it starts, an init
// container fetches its configuration. ECS replaces it when its heartbeats in the database stop, not when some are late. It also
// replaces one that came second: who sets the service's count to two sees the second daemon unhealthy, the first goes on.
// It refuses to be scaled: there is no setting for it.
//
// Logical names of children are API: those of package service under <name>.
package daemon
