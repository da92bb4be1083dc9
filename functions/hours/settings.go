package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // Lambda's machines have no time zones
)

// settings are what the function is told by its environment.
type settings struct {
	// namespace is the metrics' namespace in CloudWatch.
	namespace string
	// memory and until are the parameters that keep what the function stands at, and until when somebody wants it awake.
	memory, until string
	// cluster is the cluster, database the identifier of the instance.
	cluster, database string
	// families are the task definitions that need the database.
	families []string
	// services are how many tasks a service has when it wakes up.
	services map[string]int32
	calendar calendar
}

// calendar is when the installation is awake.
type calendar struct {
	zone *time.Location
	days map[time.Weekday]bool
	// start and stop are minutes of a day.
	start, stop int
}

// open tells whether a moment lies within the hours. Where the clocks change, what they show counts.
func (c calendar) open(at time.Time) bool {
	local := at.In(c.zone)
	minute := 60*local.Hour() + local.Minute()
	return c.days[local.Weekday()] && c.start <= minute && minute < c.stop
}

// read reads the settings, and tells of every one that is wrong.
func read(variable func(string) string) (settings, error) {
	s := settings{services: map[string]int32{}, calendar: calendar{days: map[time.Weekday]bool{}}}
	var all []error
	for name, take := range map[string]func(string) error{
		"NAMESPACE":        text(&s.namespace),
		"MEMORY_PARAMETER": text(&s.memory),
		"AWAKE_PARAMETER":  text(&s.until),
		"CLUSTER":          text(&s.cluster),
		"DATABASE":         text(&s.database),
		"START":            minutes(&s.calendar.start),
		"STOP":             minutes(&s.calendar.stop),
		"FAMILIES":         func(given string) error { s.families = strings.Split(given, ","); return nil },
		"SERVICES":         s.takeServices,
		"DAYS":             s.calendar.takeDays,
		"TIMEZONE": func(given string) (err error) {
			s.calendar.zone, err = time.LoadLocation(given)
			return err
		},
	} {
		given := variable(name)
		if given == "" {
			all = append(all, fmt.Errorf("%s is missing in the environment", name))
		} else if err := take(given); err != nil {
			all = append(all, fmt.Errorf("%s: %q: %w", name, given, err))
		}
	}
	return s, errors.Join(all...)
}

func text(into *string) func(string) error {
	return func(given string) error { *into = given; return nil }
}

// minutes reads a time of day such as 07:30.
func minutes(into *int) func(string) error {
	return func(given string) error {
		at, err := time.Parse("15:04", given)
		*into = 60*at.Hour() + at.Minute()
		return err
	}
}

// takeDays reads days such as mon,tue.
func (c *calendar) takeDays(given string) error {
	for _, name := range strings.Split(given, ",") {
		for day := time.Sunday; day <= time.Saturday; day++ {
			if strings.HasPrefix(strings.ToLower(day.String()), name) {
				c.days[day] = true
			}
		}
	}
	if len(c.days) == 0 {
		return errors.New("names no day")
	}
	return nil
}

// takeServices reads services with their tasks, such as web=1,daemon=1.
func (s *settings) takeServices(given string) error {
	for _, each := range strings.Split(given, ",") {
		name, count, _ := strings.Cut(each, "=")
		tasks, err := strconv.ParseInt(count, 10, 32)
		if err != nil {
			return err
		}
		s.services[name] = int32(tasks)
	}
	return nil
}
