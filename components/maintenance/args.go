package maintenance

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/workload"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Args describes the maintenance.
type Args struct {
	// Spec is what every workload of Dagster is given; required. Its secrets are the login that takes on the owner's role.
	Spec workload.Spec
	// OwnerRole is the PostgreSQL role that owns the tables, as which VACUUM is allowed; required.
	OwnerRole string
	// Bucket is the bucket with the compute logs; required.
	Bucket grants.Bucket
	// Rules say which runs go; required.
	Rules Rules
	// Schedule is when the task runs; required.
	Schedule Schedule
	// Ready are resources that are there before the first call, such as the daemon's service, before which the tables are made.
	Ready []pulumi.Resource
}

// Rules say how many days after their end runs go. 0: never.
type Rules struct {
	// DryRun leaves everything as it is and says what would go. Default false.
	DryRun bool `json:"dryRun"`
	// SuccessDays, FailureDays and CanceledDays are for runs that ended so.
	SuccessDays  int `json:"successDays"`
	FailureDays  int `json:"failureDays"`
	CanceledDays int `json:"canceledDays"`
	// Tags are for runs that carry a tag, however they ended; the first that fits counts. Default none.
	Tags []TagRule `json:"tags"`
	// LogDays is after how many days the bucket itself drops compute logs. 0: it does not.
	LogDays int `json:"logDays"`
}

// TagRule is for runs that carry a tag.
type TagRule struct {
	// Key and Value are the tag; required.
	Key   string `json:"key"`
	Value string `json:"value"`
	// Days is how many days after their end such runs go. 0: never.
	Days int `json:"days"`
}

// Schedule is when the task runs.
type Schedule struct {
	// Time is a time of day such as 03:30, in the time zone; required.
	Time string
	// Timezone is a name of the IANA time zone database; required.
	Timezone string
	// Weekdays are the days; required.
	Weekdays []rules.Weekday
}

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Take("Spec", a.Spec.Validate())
	list.Check(len(a.Spec.Secrets) > 0, "Spec.Secrets", "is required")
	list.Required("OwnerRole", a.OwnerRole)
	list.Take("Bucket", a.Bucket.Validate())
	list.Take("Rules", a.Rules.validate())
	list.Take("Schedule", a.Schedule.validate())
	return list.Err()
}

func (r Rules) validate() error {
	var list problems.List
	list.Take("SuccessDays", rules.ExpireDays(r.SuccessDays))
	list.Take("FailureDays", rules.ExpireDays(r.FailureDays))
	list.Take("CanceledDays", rules.ExpireDays(r.CanceledDays))
	list.Take("LogDays", rules.ExpireDays(r.LogDays))
	for i, tag := range r.Tags {
		at := fmt.Sprintf("Tags[%d]", i)
		list.Required(at+".Key", tag.Key)
		list.Required(at+".Value", tag.Value)
		list.Take(at+".Days", rules.ExpireDays(tag.Days))
	}
	return list.Err()
}

func (s Schedule) validate() error {
	var list problems.List
	list.Take("Time", rules.TimeOfDay(s.Time))
	list.Take("Timezone", rules.Timezone(s.Timezone))
	list.Take("Weekdays", rules.Weekdays(s.Weekdays))
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	inputs := a.Spec.Inputs()
	inputs["dryRun"] = pulumi.Bool(a.Rules.DryRun)
	return inputs
}
