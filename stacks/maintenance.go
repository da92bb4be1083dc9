package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/alarms"
	"dagster-ecs/components/maintenance"
	"dagster-ecs/components/storage/database"
	"dagster-ecs/internal/capacity"
)

// maintenanceMemory suffices, in MiB: runs are removed in small parts.
const maintenanceMemory = 1024

// buildMaintenance makes what removes old runs.
func (s *stack) buildMaintenance() (err error) {
	wanted := s.settings.Retention
	if !wanted.Enabled {
		return nil
	}
	spec := s.spec(maintenance.Kind, capacity.MaintenanceCPU, maintenanceMemory)
	spec.Secrets, spec.Reach = s.secrets.List(migrationGroup), s.inward()
	args := &maintenance.Args{
		Spec:      spec,
		OwnerRole: database.Owner,
		Bucket:    s.bucket.Granted(prefixes),
		Rules: maintenance.Rules{
			DryRun: wanted.DryRun, SuccessDays: wanted.SuccessDays, FailureDays: wanted.FailureDays, CanceledDays: wanted.CanceledDays,
			LogDays: s.settings.Bucket.ComputeLogDays,
		},
		Schedule: maintenance.Schedule(s.settings.Maintained()),
		Ready:    []pulumi.Resource{s.daemon},
	}
	for _, tag := range wanted.Tags {
		args.Rules.Tags = append(args.Rules.Tags, maintenance.TagRule(tag))
	}
	s.maintenance, err = maintenance.New(s.ctx, "maintenance", args, s.withAws())
	return err
}

// maintained is what the alarms watch of the maintenance.
func (s *stack) maintained() *alarms.Maintenance {
	if s.maintenance == nil {
		return nil
	}
	return &alarms.Maintenance{
		ScheduleGroup: s.maintenance.ScheduleGroup, Days: 1 + s.settings.Maintained().LongestPause(), Log: s.logs.Groups[maintenance.Kind],
	}
}
