// Package capacity is the arithmetic that tells at preview whether a stack's numbers fit each other: the database
// connections that Dagster opens against those that the instance allows. It is pure and knows no resource.
package capacity

import "dagster-ecs/internal/rules"

// PoolOverflow is how many connections each of a webserver's three pools may have beside its one (--db-pool-max-overflow;
// runs, events and schedules have a pool each). Dagster's default of 20 would let one webserver open 63. A request that
// finds none free waits for up to 30 seconds.
const PoolOverflow = 4

// What Dagster opens at most. Daemon and runs have no pool: each thread connects for one operation at a time.
const (
	perWebserver = 3 * (1 + PoolOverflow)
	// perDaemon counts the threads: ten daemons, four workers for schedules and four for sensors, the same eight where the
	// code is evaluated, and some to spare.
	perDaemon = 30
	// spare is for people, the migration, the maintenance, and what a webserver's code is evaluated with.
	spare = 20
	// vCPU is a vCPU in Fargate's units.
	vCPU = 1024
	// fewestStepProcesses is how many steps Dagster's multiprocess executor runs at a time on the smallest task: as many as
	// the machine shows CPUs.
	fewestStepProcesses = 2
)

// Connections is how many database connections may be open at a time, with runs of a CPU size in Fargate's units. It is a
// bound: 30 runs at once, with the UI open, were seen to use 7.
func Connections(webservers, runs, runCPU int) int {
	perRun := 1 + max(fewestStepProcesses, runCPU/vCPU)
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
