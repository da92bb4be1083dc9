package rules

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"dagster-ecs/internal/problems"
)

// family is a kind of instance class: how much memory a vCPU has and which sizes there are.
type family struct {
	gibPerCPU int
	sizes     []string
}

var (
	upTo16 = []string{"large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"}
	upTo24 = append(slices.Clone(upTo16), "24xlarge")
	upTo32 = append(slices.Clone(upTo24), "32xlarge")
	upTo48 = append(slices.Clone(upTo24), "48xlarge")
)

// families are those that RDS offers for instances of PostgreSQL 16 and 17 (RDS
// DescribeOrderableDBInstanceOptions, as cfn-lint 1.58.0 recorded it; RDS user guide, hardware specifications for DB instance
// classes). The families for clusters only (c6gd) are left out.
var families = map[string]family{
	"m5": {4, upTo24}, "m5d": {4, upTo24}, "m6g": {4, upTo16}, "m6gd": {4, upTo16}, "m6i": {4, upTo32}, "m6id": {4, upTo32},
	"m6idn": {4, upTo32}, "m6in": {4, upTo32}, "m7g": {4, upTo16}, "m7i": {4, upTo48}, "m8a": {4, upTo48},
	"m8g": {4, upTo48}, "m8gd": {4, upTo48}, "m9g": {4, upTo48},
	"r5": {8, upTo24}, "r5b": {8, upTo24}, "r5d": {8, upTo24}, "r6g": {8, upTo16}, "r6gd": {8, upTo16}, "r6i": {8, upTo32},
	"r6id": {8, upTo32}, "r6idn": {8, upTo32}, "r6in": {8, upTo32}, "r7g": {8, upTo16}, "r7i": {8, upTo48},
	"r8a": {8, upTo48}, "r8g": {8, upTo48}, "r8gd": {8, upTo48},
	"x2g":    {16, upTo16},
	"x2idn":  {16, []string{"16xlarge", "24xlarge", "32xlarge"}},
	"x2iedn": {32, []string{"xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge", "24xlarge", "32xlarge"}},
	"t3":     {4, burstable}, "t4g": {4, burstable},
}

// burstable are the sizes of families whose smaller sizes have less memory per vCPU.
var (
	burstable       = []string{"micro", "small", "medium", "large", "xlarge", "2xlarge"}
	burstableMemory = map[string]int{"micro": 1, "small": 2, "medium": 4}
)

// InstanceClass refuses a class of which RDS offers no instance of PostgreSQL, such as db.t2.medium.
func InstanceClass(class string) error {
	_, err := InstanceMemoryGiB(class)
	return err
}

// InstanceMemoryGiB is the memory of an instance of the class. It refuses what InstanceClass refuses.
func InstanceMemoryGiB(class string) (int, error) {
	if class == "" {
		return 0, errRequired
	}
	parts := strings.Split(class, ".")
	if len(parts) != 3 || parts[0] != "db" {
		return 0, refuse(class, "has another form than instance classes have; a class is such as db.t4g.small")
	}
	kind, known := families[parts[1]]
	if !known {
		return 0, refuse(class, fmt.Sprintf("RDS has no family %q for PostgreSQL 16 and 17; %s",
			parts[1], problems.Allowed(slices.Sorted(maps.Keys(families))...)))
	}
	size := parts[2]
	if !slices.Contains(kind.sizes, size) {
		return 0, refuse(class, fmt.Sprintf("the family %s has no size %q; %s", parts[1], size, problems.Allowed(kind.sizes...)))
	}
	if memory, small := burstableMemory[size]; small {
		return memory, nil
	}
	return kind.gibPerCPU * cpus(size), nil
}

// cpus is how many vCPUs a size has: 2 large, 4 xlarge, and that many times 4 before xlarge.
func cpus(size string) int {
	if size == "large" {
		return 2
	}
	times, err := strconv.Atoi(strings.TrimSuffix(size, "xlarge"))
	if err != nil { // plain xlarge
		times = 1
	}
	return 4 * times
}
