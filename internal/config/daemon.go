package config

import (
	"dagster-ecs/internal/problems"
)

// Daemon is the one Dagster daemon. There is never a second one: two would start every run twice.
type Daemon struct {
	// CPU is the daemon's CPU in Fargate's units, 1024 to a vCPU.
	CPU int `setting:"cpu"`

	// Memory is the daemon's memory in MiB. Fargate has certain sizes for each cpu.
	Memory int `setting:"memory"`
}

func defaultDaemon() Daemon { return Daemon{CPU: 512, Memory: 1024} }

func (s Settings) validateDaemon(list *problems.List) {
	fargate(list, "dagster:daemon", s.Daemon.CPU, s.Daemon.Memory)
}
