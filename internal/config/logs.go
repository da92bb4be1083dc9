package config

import (
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Logs says how long logs are kept.
type Logs struct {
	// RetentionDays is the number of days for which CloudWatch keeps the logs: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180,
	// 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653.
	RetentionDays int `setting:"retentionDays"`

	// TickDays is the number of days, 1 to 3650, for which Dagster keeps the ticks of schedules and sensors. For runs and their
	// events there is dagster:retention.
	TickDays int `setting:"tickDays"`
}

func defaultLogs(profile Profile) Logs {
	if profile == ProfileProd {
		return Logs{RetentionDays: 365, TickDays: 30}
	}
	return Logs{RetentionDays: 7, TickDays: 7}
}

func (s Settings) validateLogs(list *problems.List) {
	list.Take("dagster:logs.retentionDays", rules.LogRetention(s.Logs.RetentionDays))
	list.Between("dagster:logs.tickDays", s.Logs.TickDays, 1, 3650)
}
