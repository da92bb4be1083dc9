// Package capacity is the arithmetic that tells at preview whether a stack's numbers fit each other: the database
// connections that Dagster opens against those that the instance allows. It is pure and knows no resource.
package capacity

import "dagster-ecs/internal/rules"

// What Dagster opens at most (SQLAlchemy's pools: webserver up to 3 of 21 connections; a run up to 10 in bursts).
const (
	perWebserver = 63
	perDaemon    = 60
	perRun       = 10
	spare        = 20
)

// Connections is how many database connections may be open at a time.
func Connections(webservers, runs int) int {
	return perWebserver*webservers + perDaemon + perRun*runs + spare
}

// MaxConnections is what PostgreSQL on RDS allows in an instance class: LEAST(memory / 9531392, 5000), of whose memory a
// tenth goes to the operating system (RDS user guide, maximum number of database connections). It refuses what
// rules.InstanceClass refuses.
func MaxConnections(class string) (int, error) {
	gib, err := rules.InstanceMemoryGiB(class)
	if err != nil {
		return 0, err
	}
	const perConnection = 9531392
	return min(gib<<30*9/10/perConnection, 5000), nil
}

// OverrideLimit is how many characters ECS allows for all the overrides of a RunTask call (API reference, TaskOverride).
const OverrideLimit = 8192
