package deployaccess

import (
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/iamdoc"
)

// schedules are the group of schedules and what is in it.
func (s *stack) schedules() []any {
	group := s.names.Scoped(naming.ScheduleLimit)
	return []any{s.here.ARN("scheduler", "schedule-group/"+group), s.here.ARN("scheduler", "schedule/"+group+"/"+maintenance)}
}

func (s *stack) readSchedules() []iamdoc.Statement {
	return []iamdoc.Statement{{
		Sid: "ReadSchedules", Action: []string{"scheduler:GetSchedule", "scheduler:GetScheduleGroup", "scheduler:ListTagsForResource"},
		Resource: s.schedules(),
	}}
}

func (s *stack) changeSchedules() []iamdoc.Statement {
	return []iamdoc.Statement{
		pass("PassToScheduler", "scheduler", s.scheduleRole()),
		{
			Sid: "KeepSchedules",
			Action: []string{
				"scheduler:CreateSchedule", "scheduler:CreateScheduleGroup", "scheduler:DeleteSchedule", "scheduler:DeleteScheduleGroup",
				"scheduler:TagResource", "scheduler:UntagResource", "scheduler:UpdateSchedule",
			},
			Resource: s.schedules(),
		},
	}
}
