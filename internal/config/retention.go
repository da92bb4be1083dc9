package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Retention says for how long runs are kept, with their events and compute logs: a task looks once a day. Dagster itself keeps
// them for ever.
type Retention struct {
	// Enabled makes the task, its schedule and their alarms.
	Enabled bool `setting:"enabled"`

	// DryRun leaves everything as it is: the task's log and its metrics say what would go. Nothing that was there before is
	// deleted unasked, so it is the default; false makes it real.
	DryRun bool `setting:"dryRun"`

	// Time is the time of day at which the task runs, in quotes. Default 03:30; with hours.enabled an hour after hours.start, or in
	// the middle of shorter hours, and on hours.weekdays only, since the database sleeps otherwise.
	Time string `setting:"time"`

	// Timezone is the time zone of time, a name of the IANA time zone database. With hours.enabled hours.timezone counts.
	Timezone string `setting:"timezone"`

	// SuccessDays is how many days after its end a run goes that succeeded, 0 to 3650. 0: never. What holds the latest
	// materialization, observation or check of an asset or of a partition stays in any case.
	SuccessDays int `setting:"successDays"`

	// FailureDays is the same for a run that failed.
	FailureDays int `setting:"failureDays"`

	// CanceledDays is the same for a run that was canceled.
	CanceledDays int `setting:"canceledDays"`

	// Tags are other numbers of days for runs with certain tags, however they ended. The first that fits a run counts.
	Tags []TagRetention `setting:"tags"`
}

// TagRetention is for how long runs are kept that carry a tag.
type TagRetention struct {
	// Key is the tag's name. Required.
	Key string `setting:"key" required:"true"`

	// Value is the tag's value. Required.
	Value string `setting:"value" required:"true"`

	// Days is how many days after their end such runs go, 0 to 3650. 0: never. Required.
	Days int `setting:"days" required:"true"`
}

// defaultTime is in the night of most.
const defaultTime = "03:30"

func defaultRetention(profile Profile) Retention {
	retention := Retention{Enabled: true, DryRun: true, Timezone: "UTC", SuccessDays: 30, FailureDays: 60, CanceledDays: 30}
	if profile == ProfileProd {
		retention.SuccessDays, retention.FailureDays, retention.CanceledDays = 180, 365, 180
	}
	return retention
}

func (s Settings) validateRetention(list *problems.List) {
	r := s.Retention
	if r.Time != "" {
		list.Take("dagster:retention.time", rules.TimeOfDay(r.Time))
	}
	list.Take("dagster:retention.timezone", rules.Timezone(r.Timezone))
	list.Take("dagster:retention.successDays", rules.ExpireDays(r.SuccessDays))
	list.Take("dagster:retention.failureDays", rules.ExpireDays(r.FailureDays))
	list.Take("dagster:retention.canceledDays", rules.ExpireDays(r.CanceledDays))
	for i, tag := range r.Tags {
		key := fmt.Sprintf("dagster:retention.tags[%d]", i)
		list.Required(key+".key", tag.Key)
		list.Required(key+".value", tag.Value)
		list.Take(key+".days", rules.ExpireDays(tag.Days))
		for _, each := range []struct{ field, text string }{{".key", tag.Key}, {".value", tag.Value}} {
			list.Check(each.text == strings.TrimSpace(each.text), key+each.field, "%q: has white space around it", each.text)
		}
		first := slices.IndexFunc(r.Tags, func(each TagRetention) bool { return each.Key == tag.Key && each.Value == tag.Value })
		list.Check(first == i || tag.Key == "", key, "has the key and value of [%d], which counts; one number for each is allowed", first)
	}
}

// Maintained is when the task of the retention runs, which the hours bound where there are any.
type Maintained struct {
	// Time is a time of day, Timezone a name of the IANA time zone database.
	Time, Timezone string
	// Weekdays are the days.
	Weekdays []rules.Weekday
}

// LongestPause is how many days lie between two days of the week on which the task runs, at most.
func (m Maintained) LongestPause() (longest int) {
	week := rules.EveryDay()
	pause := 0
	for i := range 2 * len(week) {
		pause++
		if slices.Contains(m.Weekdays, week[i%len(week)]) {
			if i >= len(week) {
				longest = max(longest, pause)
			}
			pause = 0
		}
	}
	return longest
}

// Maintained gives when the task of the retention runs.
func (s Settings) Maintained() Maintained {
	if !s.Hours.Enabled {
		return Maintained{Time: or(s.Retention.Time, defaultTime), Timezone: s.Retention.Timezone, Weekdays: rules.EveryDay()}
	}
	return Maintained{Time: or(s.Retention.Time, s.soonAwake()), Timezone: s.Hours.Timezone, Weekdays: s.Hours.Weekdays}
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// soonAwake is an hour after the start of the hours, or their middle where it comes first.
func (s Settings) soonAwake() string {
	start, stop := minutes(s.Hours.Start), minutes(s.Hours.Stop)
	at := min(start+60, (start+stop)/2)
	return fmt.Sprintf("%02d:%02d", at/60, at%60)
}

// minutes are those since midnight of a time of day that its rule has let pass.
func minutes(text string) int {
	at, _ := time.Parse("15:04", text)
	return at.Hour()*60 + at.Minute()
}

// wakingMinutes are how long a stack may take to get up, and what is left at least before it sleeps again.
const wakingMinutes = 20

// maintainedAwake checks that the task finds a database that is up. One that is under way keeps it up.
func maintainedAwake(s Settings) error {
	r, h := s.Retention, s.Hours
	if !r.Enabled || !h.Enabled || r.Time == "" {
		return nil
	}
	first, last := minutes(h.Start)+wakingMinutes, minutes(h.Stop)-wakingMinutes
	at := minutes(r.Time)
	return unless(first <= at && at <= last, "%q: the stack sleeps then, or is about to (hours.start %q, hours.stop %q); "+
		"%d minutes after the one to %d before the other are allowed, or leave it out", r.Time, h.Start, h.Stop, wakingMinutes, wakingMinutes)
}
