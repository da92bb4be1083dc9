package alarms

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/logs"
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Args describes what is watched.
type Args struct {
	// Names makes the physical names, and the namespace of the monitor's metrics; required.
	Names naming.Names
	// Location is where the alarms are; required.
	Location component.Location
	// TopicArn is who is told; required.
	TopicArn pulumi.StringInput
	// Cluster is the name of the cluster; required.
	Cluster string
	// Webserver and Daemon are the services; required.
	Webserver Webserver
	Daemon    Service
	// Sleeps says that the installation sleeps outside of its hours, in which nobody is told that it is down. Default false.
	Sleeps bool
	// Runs are the runs; required.
	Runs Runs
	// Maintenance is what removes old runs. Default nil: nothing does.
	Maintenance *Maintenance
	// Database is the database; required.
	Database Database
	// Logs are the log groups; required.
	Logs Logs
	// Thresholds are from where on something is wrong; all are required.
	Thresholds Thresholds
}

// Service is a service of ECS.
type Service struct {
	// Name is its name, known at plan time; required.
	Name string
}

// Webserver is the service behind its load balancer.
type Webserver struct {
	Service
	// Balancer and Targets are the load balancer and its target group, as metrics name them (app/NAME/ID, targetgroup/NAME/ID);
	// required.
	Balancer, Targets pulumi.StringInput
	// Certificate says that the load balancer has a certificate, which can expire. Default false.
	Certificate bool
}

// Runs are the runs.
type Runs struct {
	// Family is the family of their task definition; required.
	Family string
	// StartSeconds is how long a run may take to start before Dagster gives it up; required.
	StartSeconds int
	// Insights says that Container Insights measures them. Default false: no alarm on their memory.
	Insights bool
}

// Maintenance is a task that a schedule of EventBridge Scheduler starts once a day.
type Maintenance struct {
	// ScheduleGroup is the name of the schedule's group; required.
	ScheduleGroup string
	// Days are after how many without one that succeeded something is wrong, 2 to 7; what is more counts as 7, the most that
	// CloudWatch looks back.
	Days int
	// Log is its log group; required.
	Log logs.Group
}

// Database is the database.
type Database struct {
	// ID is the instance's identifier; required.
	ID string
	// Connections is how many connections its class allows; required.
	Connections int
}

// Logs are the log groups.
type Logs struct {
	// Web, Daemon, Runs and Monitor are the groups of the workloads; Database is where PostgreSQL's log is. All are required.
	Web, Daemon, Runs, Monitor logs.Group
	Database                   string
	// Trail is the group of a trail of CloudTrail. Default nil: none, and no alarms on what is done in the account.
	Trail *logs.Group
}

// Thresholds are from where on something is wrong.
type Thresholds struct {
	// FailurePercent is the share of failed runs among those that ended within an hour, of FailureRuns at least.
	FailurePercent, FailureRuns int
	// QueuedRuns is how many runs may wait, QueuedMinutes how long the first of them.
	QueuedRuns, QueuedMinutes int
	// BackfillMinutes is how long a backfill may have no run under way, which the monitor judges.
	BackfillMinutes int
	// HeartbeatMinutes is how old the oldest heartbeat of a daemon may be.
	HeartbeatMinutes int
	// WebErrors is how many answers within five minutes may be errors of the server.
	WebErrors int
	// CPUPercent and MemoryPercent are how much of its CPU and memory a service, or the database, may use for long.
	CPUPercent, MemoryPercent int
	// ConnectionsPercent is how much of the connections that the database's class allows may be open.
	ConnectionsPercent int
	// FreeStorageGiB is how much of the database's disk has to be free.
	FreeStorageGiB int
	// CertificateDays is for how many days the certificate has to be valid.
	CertificateDays int
}

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Required("Names", a.Names.Prefix())
	list.Take("Location", a.Location.Validate())
	list.Check(a.TopicArn != nil, "TopicArn", "is required")
	list.Take("Cluster", rules.ClusterName(a.Cluster))
	list.Required("Webserver.Name", a.Webserver.Name)
	list.Check(a.Webserver.Balancer != nil, "Webserver.Balancer", "is required")
	list.Check(a.Webserver.Targets != nil, "Webserver.Targets", "is required")
	list.Required("Daemon.Name", a.Daemon.Name)
	list.Required("Runs.Family", a.Runs.Family)
	list.Between("Runs.StartSeconds", a.Runs.StartSeconds, 1, 24*3600)
	if a.Maintenance != nil {
		list.Required("Maintenance.ScheduleGroup", a.Maintenance.ScheduleGroup)
		list.Check(a.Maintenance.Days > 1, "Maintenance.Days", "%d is not above 1", a.Maintenance.Days)
		list.Take("Maintenance.Log", a.Maintenance.Log.Validate())
	}
	list.Take("Database.ID", rules.DatabaseIdentifier(a.Database.ID))
	list.Check(a.Database.Connections > 0, "Database.Connections", "is required")
	list.Take("Logs.Web", a.Logs.Web.Validate())
	list.Take("Logs.Daemon", a.Logs.Daemon.Validate())
	list.Take("Logs.Runs", a.Logs.Runs.Validate())
	list.Take("Logs.Monitor", a.Logs.Monitor.Validate())
	list.Required("Logs.Database", a.Logs.Database)
	if a.Logs.Trail != nil {
		list.Take("Logs.Trail", a.Logs.Trail.Validate())
	}
	list.Take("Thresholds", a.Thresholds.validate())
	return list.Err()
}

func (t Thresholds) validate() error {
	var list problems.List
	list.Take("FailurePercent", rules.Percent(t.FailurePercent))
	list.Take("FailureRuns", rules.AlarmCount(t.FailureRuns))
	list.Take("QueuedRuns", rules.AlarmCount(t.QueuedRuns))
	list.Take("QueuedMinutes", rules.AlarmMinutes(t.QueuedMinutes))
	list.Take("BackfillMinutes", rules.AlarmMinutes(t.BackfillMinutes))
	list.Take("HeartbeatMinutes", rules.AlarmMinutes(t.HeartbeatMinutes))
	list.Take("WebErrors", rules.AlarmCount(t.WebErrors))
	list.Take("CPUPercent", rules.Percent(t.CPUPercent))
	list.Take("MemoryPercent", rules.Percent(t.MemoryPercent))
	list.Take("ConnectionsPercent", rules.Percent(t.ConnectionsPercent))
	list.Take("FreeStorageGiB", rules.FreeStorageGiB(t.FreeStorageGiB))
	list.Take("CertificateDays", rules.CertificateDays(t.CertificateDays))
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return pulumi.Map{"namespace": pulumi.String(a.Names.Metrics())}
}
