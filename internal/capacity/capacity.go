// Package capacity is the arithmetic that tells at preview whether a stack's numbers fit each other: sizes that Fargate
// has, database connections against the instance's memory, runs against free addresses, and the length of a launch
// command. It is pure and knows no resource.
package capacity

import (
	"fmt"
	"slices"
	"strings"
)

// memories are the MiB that Fargate offers for each CPU size on Linux (Amazon ECS developer guide, task CPU and memory).
var memories = map[int][]int{
	256:   {512, 1024, 2048},
	512:   steps(1024, 4096, 1024),
	1024:  steps(2048, 8192, 1024),
	2048:  steps(4096, 16384, 1024),
	4096:  steps(8192, 30720, 1024),
	8192:  steps(16384, 61440, 4096),
	16384: steps(32768, 122880, 8192),
}

func steps(low, high, step int) []int {
	var list []int
	for value := low; value <= high; value += step {
		list = append(list, value)
	}
	return list
}

// CPUs are the CPU sizes of Fargate, ascending.
func CPUs() []int {
	sizes := make([]int, 0, len(memories))
	for size := range memories {
		sizes = append(sizes, size)
	}
	slices.Sort(sizes)
	return sizes
}

// Memories are the memory sizes in MiB that go with a CPU size; none when Fargate has no such size.
func Memories(cpu int) []int {
	return slices.Clone(memories[cpu])
}

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

// instanceGiB is the memory of the sizes within a class (RDS user guide, DB instance classes).
var instanceGiB = map[string]map[string]int{
	"burstable": {"micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16, "2xlarge": 32},
	"general":   {"large": 8, "xlarge": 16, "2xlarge": 32, "4xlarge": 64, "8xlarge": 128, "12xlarge": 192, "16xlarge": 256},
	"memory":    {"large": 16, "xlarge": 32, "2xlarge": 64, "4xlarge": 128, "8xlarge": 256, "12xlarge": 384, "16xlarge": 512},
}

// MaxConnections is what PostgreSQL on RDS allows in an instance class: LEAST(memory / 9531392, 5000), of whose memory a
// tenth goes to the operating system. It refuses a class whose memory it does not know.
func MaxConnections(class string) (int, error) {
	parts := strings.Split(class, ".")
	if len(parts) != 3 || parts[0] != "db" || parts[1] == "" {
		return 0, fmt.Errorf("%q is no instance class such as db.t4g.small", class)
	}
	family := map[byte]string{'t': "burstable", 'm': "general", 'r': "memory"}[parts[1][0]]
	gib, known := instanceGiB[family][parts[2]]
	if !known {
		return 0, fmt.Errorf("%q: the memory of this class is not known here (known are db.t*, db.m* and db.r* sizes)", class)
	}
	const perConnection = 9531392
	return min(gib<<30*9/10/perConnection, 5000), nil
}

// OverrideLimit is how many characters ECS allows for all the overrides of a RunTask call (API reference, TaskOverride).
const OverrideLimit = 8192
