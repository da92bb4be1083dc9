package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/daemon"
	"dagster-ecs/components/hours"
	"dagster-ecs/components/runlauncher"
	"dagster-ecs/components/webserver"
	"dagster-ecs/internal/wakeup"
)

// wakeUp gets a stack up that sleeps, before anything in it is changed, and keeps it up. A preview only says so.
func (s *stack) wakeUp() error {
	if !s.settings.Hours.Enabled {
		return nil
	}
	caller, err := wakeup.Open(s.ctx.Context(), s.settings.Region, wakeup.ParametersOf(s.names))
	if err != nil {
		return err
	}
	if !s.ctx.DryRun() {
		return caller.Up(s.ctx.Context(), func(text string) {
			// What cannot be told is no reason to fail.
			_ = s.ctx.Log.Info(text, nil)
		})
	}
	sleeps, err := caller.Sleeps(s.ctx.Context())
	if err != nil || !sleeps {
		return err
	}
	return s.ctx.Log.Warn("the stack sleeps outside of its hours (dagster:hours): pulumi up gets it up first, which takes about ten minutes, "+
		"and lets it sleep two hours later", nil)
}

// buildHours makes the function that lets the stack sleep.
func (s *stack) buildHours() error {
	wanted := s.settings.Hours
	if !wanted.Enabled {
		return nil
	}
	web, only := s.names.Workload(webserver.Kind), s.names.Workload(daemon.Kind)
	families := []string{web, only, s.names.Workload(runlauncher.Kind)}
	if s.maintenance != nil {
		families = append(families, s.maintenance.Family)
	}
	_, err := hours.New(s.ctx, "hours", &hours.Args{
		Names:    s.names,
		Location: s.location,
		Source:   s.function(hours.Kind),
		Calendar: hours.Calendar{Timezone: wanted.Timezone, Days: wanted.Weekdays, Start: wanted.Start, Stop: wanted.Stop},
		Cluster:  s.cluster.Ref.Name,
		Services: map[string]int{web: s.settings.Webserver.MinInstances, only: 1},
		Families: families,
		Database: s.database.InstanceID,
		Log:      s.logs.Groups[hours.Kind],
		Deployed: []pulumi.Resource{s.webserver, s.daemon},
	}, s.withAws())
	return err
}
