package hours

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/scheduled"
	"dagster-ecs/components/logs"
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Source is what the function is made of, and where its archive lies.
type Source = scheduled.Source

// Args describes the hours and what sleeps.
type Args struct {
	// Names makes the physical names; required.
	Names naming.Names
	// Location is where the function runs; required.
	Location component.Location
	// Source is what the function is made of; required.
	Source Source
	// Calendar is when the installation is awake; required.
	Calendar Calendar
	// Cluster is the name of the cluster; required.
	Cluster string
	// Services are how many tasks each service has when it wakes up; required.
	Services map[string]int
	// Families are the task definitions of all that needs the database; required.
	Families []string
	// Database is the identifier of the instance; required.
	Database string
	// Log is the log group that the function writes to; required.
	Log logs.Group
	// Deployed are the services: the function is not called before they are there.
	Deployed []pulumi.Resource
}

// Calendar is when the installation is awake.
type Calendar struct {
	// Timezone is a name of the IANA time zone database; required.
	Timezone string
	// Days are the days of the week, each by its first three letters; required.
	Days []Weekday
	// Start and Stop are times of day such as 07:00, Stop the later one; required.
	Start, Stop string
}

// Weekday is such as mon.
type Weekday = rules.Weekday

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Required("Names", a.Names.Prefix())
	list.Take("Location", a.Location.Validate())
	list.Take("Source", a.Source.Validate())
	list.Take("Calendar", a.Calendar.validate())
	list.Take("Cluster", rules.ClusterName(a.Cluster))
	list.Check(len(a.Services) > 0, "Services", "is required")
	for name, count := range a.Services {
		list.Take("Services "+name, rules.TaskCount(count))
	}
	list.Check(len(a.Families) > 0, "Families", "is required")
	list.Take("Database", rules.DatabaseIdentifier(a.Database))
	list.Take("Log", a.Log.Validate())
	return list.Err()
}

func (c Calendar) validate() error {
	var list problems.List
	list.Take("Timezone", rules.Timezone(c.Timezone))
	list.Take("Days", rules.Weekdays(c.Days))
	list.Take("Start", rules.TimeOfDay(c.Start))
	list.Take("Stop", rules.TimeOfDay(c.Stop))
	list.Check(c.Start < c.Stop, "Stop", "%q: is not after Start %q", c.Stop, c.Start)
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return pulumi.Map{
		"timezone": pulumi.String(a.Calendar.Timezone), "start": pulumi.String(a.Calendar.Start), "stop": pulumi.String(a.Calendar.Stop),
	}
}
