package alerts

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/cluster"
	"dagster-ecs/components/component"
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Args describes who is told what.
type Args struct {
	// Names makes the physical names; required.
	Names naming.Names
	// Location is where the topic is; required.
	Location component.Location
	// Emails are addresses that are told everything, each once it has confirmed. Default none.
	Emails []string
	// Slack is a channel that is told everything. Default nil: none.
	Slack *Slack
	// Pagers are HTTPS endpoints, by name, that are told of PagingAlarm alone and confirm by themselves, as PagerDuty's do.
	// They are kept as secrets. Default none.
	Pagers map[string]string
	// PagingAlarm is the name of the alarm that pages; required.
	PagingAlarm string
	// Tasks are whose events are told; required.
	Tasks Tasks
	// Database is the database whose events are told; required.
	Database Database
	// Keep says whether the key is held on to. Nothing is kept under it for longer than it takes to deliver it.
	Keep component.Keep
}

// Database is a database of RDS.
type Database struct {
	// ID is the instance's identifier, known at plan time; required.
	ID string
	// ParameterGroup is the name of its parameter group; required.
	ParameterGroup pulumi.StringInput
}

// Slack is a channel of a workspace that somebody has let in once, in the console (Amazon Q Developer in chat applications).
type Slack struct {
	// Team is the id of the workspace, such as T0123ABCD; required.
	Team string
	// Channel is the id of the channel, such as C0123ABCD; required.
	Channel string
}

// Tasks are the tasks whose events are told.
type Tasks struct {
	// Cluster is where they run; required.
	Cluster cluster.Ref
	// Families are the families of their task definitions; required.
	Families []string
	// Services are the names of the services that are deployed; required.
	Services []string
}

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Required("Names", a.Names.Prefix())
	list.Take("Location", a.Location.Validate())
	list.Take("Emails", rules.Emails(a.Emails))
	if a.Slack != nil {
		list.Take("Slack.Team", rules.SlackTeam(a.Slack.Team))
		list.Take("Slack.Channel", rules.SlackChannel(a.Slack.Channel))
	}
	for _, name := range slices.Sorted(maps.Keys(a.Pagers)) {
		list.Take("Pagers."+name, rules.PagerName(name))
		list.Take("Pagers."+name, rules.HTTPSEndpoint(a.Pagers[name]))
	}
	list.Required("PagingAlarm", a.PagingAlarm)
	list.Take("Tasks.Cluster", a.Tasks.Cluster.Validate())
	list.Check(len(a.Tasks.Families) > 0, "Tasks.Families", "is required")
	list.Check(len(a.Tasks.Services) > 0, "Tasks.Services", "is required")
	list.Take("Database.ID", rules.DatabaseIdentifier(a.Database.ID))
	list.Check(a.Database.ParameterGroup != nil, "Database.ParameterGroup", "is required")
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return pulumi.Map{"subscribers": pulumi.String(fmt.Sprintf("%d by e-mail, %d paged", len(a.Emails), len(a.Pagers)))}
}
