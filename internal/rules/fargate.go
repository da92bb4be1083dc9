package rules

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"dagster-ecs/internal/problems"
)

// fargateMemories are the MiB that Fargate offers for each CPU size on Linux (Amazon ECS developer guide, task CPU and
// memory).
var fargateMemories = map[int][]int{
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

// FargateCPU refuses a size, in units of which a vCPU has 1024, that Fargate does not offer.
func FargateCPU(cpu int) error {
	sizes := slices.Sorted(maps.Keys(fargateMemories))
	if !slices.Contains(sizes, cpu) {
		return fmt.Errorf("%d: Fargate has no such CPU size; %s", cpu, problems.Allowed(sizes...))
	}
	return nil
}

// FargateMemory refuses MiB that Fargate does not offer with a CPU size. With a size that FargateCPU refuses nothing is
// said about the memory.
func FargateMemory(cpu, memory int) error {
	sizes, known := fargateMemories[cpu]
	if known && !slices.Contains(sizes, memory) {
		return fmt.Errorf("%d: Fargate has no such memory with cpu %d; %s", memory, cpu, problems.Allowed(sizes...))
	}
	return nil
}

// StopTimeout refuses seconds between SIGTERM and SIGKILL outside of 2 to 120 (ECS API reference, ContainerDefinition,
// stopTimeout, on Fargate).
func StopTimeout(seconds int) error { return problems.Between(seconds, 2, 120) }

// TaskCount refuses a number of tasks of a service outside of 1 to 5000 (ECS service quotas, tasks per service).
func TaskCount(count int) error { return problems.Between(count, 1, 5000) }

// MinimumPercent refuses a part of the tasks that stays up during a deployment outside of 0 to 100 (ECS API reference,
// DeploymentConfiguration, minimumHealthyPercent).
func MinimumPercent(percent int) error { return problems.Between(percent, 0, 100) }

// MaximumPercent refuses a part of the tasks that may run during a deployment outside of 100 to 200 (ECS API reference,
// DeploymentConfiguration, maximumPercent).
func MaximumPercent(percent int) error { return problems.Between(percent, 100, 200) }

// DeploymentRoom refuses a minimum that leaves no room below the maximum: ECS could neither stop nor start a task (ECS API
// reference, DeploymentConfiguration).
func DeploymentRoom(minimum, maximum int) error {
	if minimum >= maximum {
		return fmt.Errorf("%d: leaves no room for a deployment; less than the maximum of %d is allowed", minimum, maximum)
	}
	return nil
}

// Weight refuses a weight of a capacity provider outside of 0 to 1000 (ECS API reference, CapacityProviderStrategyItem).
func Weight(weight int) error { return problems.Between(weight, 0, 1000) }

// Weights refuses weights of which none is above 0: nothing could be started (ECS API reference,
// CapacityProviderStrategyItem). What Weight refuses is not judged.
func Weights(onDemand, spot int) error {
	if onDemand == 0 && spot == 0 {
		return errors.New("0: leaves no capacity together with the on-demand weight of 0; one of the two above 0 is needed")
	}
	return nil
}

// IdleTimeout refuses seconds after which the load balancer cuts a silent connection outside of 61 to 4000. Up to 4000 is
// the load balancer's (ELB user guide, connection idle timeout); below 61 the UI's websockets, silent for a minute, would
// be cut.
func IdleTimeout(seconds int) error { return problems.Between(seconds, 61, 4000) }
