// Package stacks puts the components together: it turns settings into arguments, hands outputs on, and exports what
// other stacks may rely on. It holds wiring only; what a component does stands in the component.
//
// The logical names given here are API: a change of one replaces everything below it.
package stacks

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/alarms"
	"dagster-ecs/components/alerts"
	"dagster-ecs/components/audit"
	"dagster-ecs/components/cluster"
	"dagster-ecs/components/component"
	"dagster-ecs/components/configuration"
	"dagster-ecs/components/daemon"
	"dagster-ecs/components/gateway"
	"dagster-ecs/components/logs"
	"dagster-ecs/components/maintenance"
	"dagster-ecs/components/migration"
	"dagster-ecs/components/naming"
	"dagster-ecs/components/network"
	"dagster-ecs/components/runlauncher"
	"dagster-ecs/components/secrets"
	"dagster-ecs/components/settings"
	"dagster-ecs/components/storage/bucket"
	"dagster-ecs/components/storage/database"
	"dagster-ecs/components/webserver"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/config"
)

// stack is what the steps hand on to each other.
type stack struct {
	ctx      *pulumi.Context
	settings config.Settings
	names    naming.Names
	location component.Location
	provider providers
	rollouts workload.Rollouts

	network       *network.Network
	cluster       *cluster.Cluster
	logs          *logs.Logs
	bucket        *bucket.Bucket
	gateway       *gateway.Gateway
	database      *database.Database
	secrets       *secrets.Secrets
	platform      workload.Platform
	launcher      *runlauncher.RunLauncher
	configuration *configuration.Configuration
	migration     *migration.Migration
	maintenance   *maintenance.Maintenance
	webserver     *webserver.Webserver
	daemon        *daemon.Daemon
	watching      *alarms.Deployment
	audit         *audit.Audit
	alerts        *alerts.Alerts
	alarms        *alarms.Alarms
}

// Deploy is the program. It refuses wrong settings, all at once, before it registers anything.
func Deploy(ctx *pulumi.Context) error {
	wanted, err := config.Load(ctx, checks...)
	if err != nil {
		return err
	}
	names, err := naming.New(wanted.Prefix, wanted.Stack, wanted.StackInNames)
	if err != nil {
		return fmt.Errorf("make names: %w", err)
	}
	s := &stack{ctx: ctx, settings: wanted, names: names}
	for _, step := range []func() error{
		s.keepSettings, s.warnOfQuotas, s.warnOfName, s.setUpProviders, s.boundRoles, s.wakeUp,
		s.buildNetwork, s.buildCluster, s.buildLogs,
		s.buildBucket, s.buildAudit, s.buildGateway, s.buildDatabase, s.keepSecrets,
		s.preparePlatform, s.buildLauncher, s.buildConfiguration,
		s.buildMigration, s.buildDaemon, s.watchDeployments, s.buildWebserver, s.buildMaintenance,
		s.buildAlerts, s.buildMonitor, s.buildAlarms, s.buildHours,
		s.export,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// keepSettings refuses changes that a deployed stack does not bear, before anything else is registered.
func (s *stack) keepSettings() error {
	_, err := settings.New(s.ctx, "settings", &settings.Args{Texts: s.settings.Texts()})
	return err
}

// keep is how everything with data in it is held on to.
func (s *stack) keep() component.Keep {
	return component.Keep{Protect: s.settings.Protect}
}
