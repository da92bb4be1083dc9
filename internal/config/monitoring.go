package config

import (
	"fmt"
	"maps"
	"slices"

	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Monitoring is what is measured, and from where on something is wrong: an alarm each, with a section in docs/operations.md.
type Monitoring struct {
	// Enabled makes the monitor's function, the alarms, the dashboard and the topic. Together they cost about 13 USD a month.
	Enabled bool `setting:"enabled"`

	// Architecture is the machine of the monitor's function. It is compiled by pulumi up, which needs Go for it.
	Architecture rules.Architecture `setting:"architecture"`

	// FailurePercent is the share of failed runs, in percent of those that ended within an hour, above which the alarm
	// failure-rate fires.
	FailurePercent int `setting:"failurePercent"`

	// FailureRuns is how many runs must have ended within an hour for failurePercent to count: of two runs one is half.
	FailureRuns int `setting:"failureRuns"`

	// QueuedRuns is the number of waiting runs above which queue-depth fires.
	QueuedRuns int `setting:"queuedRuns"`

	// QueuedMinutes is how long a run may wait before queue-age fires.
	QueuedMinutes int `setting:"queuedMinutes"`

	// BackfillMinutes is how old a backfill without a run under way may be before backfills-stuck fires.
	BackfillMinutes int `setting:"backfillMinutes"`

	// HeartbeatMinutes is how old a daemon's last heartbeat may be before daemon-heartbeats fires, 4 at least: a deployment
	// takes the daemon away for that long. It pages.
	HeartbeatMinutes int `setting:"heartbeatMinutes"`

	// WebErrors is the number of server errors within five minutes above which webserver-errors fires.
	WebErrors int `setting:"webErrors"`

	// CPUPercent is how much of its CPU the webserver, the daemon or the database may use for a quarter of an hour.
	CPUPercent int `setting:"cpuPercent"`

	// MemoryPercent is how much of its memory the webserver, the daemon or a run may use for a quarter of an hour.
	MemoryPercent int `setting:"memoryPercent"`

	// ConnectionsPercent is how many of the connections that database.instanceClass allows may be open, in percent.
	ConnectionsPercent int `setting:"connectionsPercent"`

	// FreeStorageGiB is how much of the database's disk must be free, less than storageGiB. A disk that grows by itself does so
	// when a tenth of it is left.
	FreeStorageGiB int `setting:"freeStorageGiB"`

	// Rollback lets ECS take the webserver back to what ran before when within four minutes of its deployment a code location
	// does not load. Each deployment takes those minutes longer. Default off
	// where regions lie in another partition than aws, in which ECS refused it when it came.
	Rollback bool `setting:"rollback"`

	// CertificateDays is for how many days the certificate must be valid. ACM renews its own 60 days before the end.
	CertificateDays int `setting:"certificateDays"`
}

func defaultMonitoring(profile Profile) Monitoring {
	monitoring := Monitoring{
		Enabled: true, Architecture: rules.Arm64, FailurePercent: 10, FailureRuns: 5, QueuedRuns: 25, QueuedMinutes: 60, BackfillMinutes: 30,
		HeartbeatMinutes: 10, WebErrors: 10, CPUPercent: 80, MemoryPercent: 80, ConnectionsPercent: 80, FreeStorageGiB: 2, CertificateDays: 21,
	}
	if profile == ProfileProd {
		monitoring.Rollback = true
		monitoring.FailureRuns, monitoring.QueuedRuns, monitoring.FreeStorageGiB = 10, 100, 5
	}
	return monitoring
}

// fewestHeartbeatMinutes is for how long a deployment may take the daemon away.
const fewestHeartbeatMinutes = 4

func (s Settings) validateMonitoring(list *problems.List) {
	m := s.Monitoring
	list.Take("dagster:monitoring.failurePercent", rules.Percent(m.FailurePercent))
	list.Take("dagster:monitoring.failureRuns", rules.AlarmCount(m.FailureRuns))
	list.Take("dagster:monitoring.queuedRuns", rules.AlarmCount(m.QueuedRuns))
	list.Take("dagster:monitoring.queuedMinutes", rules.AlarmMinutes(m.QueuedMinutes))
	list.Take("dagster:monitoring.backfillMinutes", rules.AlarmMinutes(m.BackfillMinutes))
	list.Between("dagster:monitoring.heartbeatMinutes", m.HeartbeatMinutes, fewestHeartbeatMinutes, 24*60)
	list.Take("dagster:monitoring.webErrors", rules.AlarmCount(m.WebErrors))
	list.Take("dagster:monitoring.cpuPercent", rules.Percent(m.CPUPercent))
	list.Take("dagster:monitoring.memoryPercent", rules.Percent(m.MemoryPercent))
	list.Take("dagster:monitoring.connectionsPercent", rules.Percent(m.ConnectionsPercent))
	list.Take("dagster:monitoring.freeStorageGiB", rules.FreeStorageGiB(m.FreeStorageGiB))
	list.Take("dagster:monitoring.certificateDays", rules.CertificateDays(m.CertificateDays))
}

// monitorGoesOut checks that the monitor reaches the load balancer, of which only public addresses are known where it faces
// the internet.
func monitorGoesOut(s Settings) error {
	return unless(!s.Monitoring.Enabled || s.Webserver.Access == rules.AccessInternal || s.Network.Existing() || s.Network.Nat != rules.NatNone,
		"true: the monitor does not reach a load balancer with webserver.access internet-facing, since with network.nat none nothing leads "+
			"to the internet; false is allowed with both")
}

// enoughFree checks that the disk has more than must be free.
func enoughFree(s Settings) error {
	return unless(s.Monitoring.FreeStorageGiB < s.Database.StorageGiB,
		"%d: the database's disk has %d GiB (database.storageGiB), so the alarm would always fire; less is allowed",
		s.Monitoring.FreeStorageGiB, s.Database.StorageGiB)
}

// Alerts is who is told of alarms and of what AWS does: tasks that stop with an error, Spot capacity that is taken, failed
// deployments, events of the database and AWS's own trouble.
type Alerts struct {
	// Emails are addresses that are told everything. Each has to confirm by the link that AWS sends.
	Emails []string `setting:"emails"`

	// SlackTeam is the id of a Slack workspace, such as T0123ABCD, that somebody has let in once in the console of Amazon Q
	// Developer in chat applications. With it slackChannel is required.
	SlackTeam string `setting:"slackTeam"`

	// SlackChannel is the id of the channel, such as C0123ABCD, that is told everything.
	SlackChannel string `setting:"slackChannel"`
}

func (s Settings) validateAlerts(list *problems.List) {
	a := s.Alerts
	list.Take("dagster:alerts.emails", rules.Emails(a.Emails))
	for _, name := range slices.Sorted(maps.Keys(s.Pagers)) {
		key := "dagster:pagers." + name
		list.Take(key, rules.PagerName(name))
		list.Take(key, rules.HTTPSEndpoint(s.Pagers[name].Reveal()))
	}
	if a.SlackTeam != "" {
		list.Take("dagster:alerts.slackTeam", rules.SlackTeam(a.SlackTeam))
	}
	if a.SlackChannel != "" {
		list.Take("dagster:alerts.slackChannel", rules.SlackChannel(a.SlackChannel))
	}
}

// bothOfSlack checks that a channel has its workspace.
func bothOfSlack(s Settings) error {
	if (s.Alerts.SlackTeam == "") == (s.Alerts.SlackChannel == "") {
		return nil
	}
	return fmt.Errorf("%q: slackTeam and slackChannel go together; both or none are allowed", s.Alerts.SlackChannel)
}
