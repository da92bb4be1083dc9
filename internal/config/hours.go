package config

import (
	"errors"

	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Hours are when a development stack is up. Outside of them the webserver and the daemon have no tasks and the database is
// stopped: queued runs wait, runs under way end first, schedules and sensors stand still. An update gets the stack up first.
type Hours struct {
	// Enabled lets the stack sleep outside of its hours. Profile prod refuses it.
	Enabled bool `setting:"enabled"`

	// Timezone is the time zone of start and stop, a name of the IANA time zone database such as Europe/Berlin.
	Timezone string `setting:"timezone"`

	// Weekdays are the days on which the stack is up: mon, tue, wed, thu, fri, sat and sun.
	Weekdays []rules.Weekday `setting:"weekdays"`

	// Start is the time of day at which the stack gets up, which takes about ten minutes. In quotes.
	Start string `setting:"start"`

	// Stop is the time of day at which it goes to sleep, after start. In quotes.
	Stop string `setting:"stop"`
}

func defaultHours() Hours {
	return Hours{
		Timezone: "UTC", Start: "07:00", Stop: "20:00",
		Weekdays: []rules.Weekday{rules.Monday, rules.Tuesday, rules.Wednesday, rules.Thursday, rules.Friday},
	}
}

func (s Settings) validateHours(list *problems.List) {
	h := s.Hours
	list.Take("dagster:hours.timezone", rules.Timezone(h.Timezone))
	list.Take("dagster:hours.weekdays", rules.Weekdays(h.Weekdays))
	list.Take("dagster:hours.start", rules.TimeOfDay(h.Start))
	list.Take("dagster:hours.stop", rules.TimeOfDay(h.Stop))
}

// onlyDevelopmentSleeps checks that a production stack stays up.
func onlyDevelopmentSleeps(s Settings) error {
	if s.Hours.Enabled && s.Profile == ProfileProd {
		return errors.New("true: contradicts dagster:profile prod, which runs schedules at night too; false is allowed with it")
	}
	return nil
}

// stopsAfterStart checks that there are hours. Times of one form compare as texts.
func stopsAfterStart(s Settings) error {
	return unless(s.Hours.Start < s.Hours.Stop, "%q: is not after hours.start, %q; a later time of the same day is allowed", s.Hours.Stop, s.Hours.Start)
}
