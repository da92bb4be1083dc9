package config

import (
	"reflect"
	"testing"

	"dagster-ecs/internal/rules"
)

func TestRefusalsOfTheRetention(t *testing.T) {
	tags := func(tags ...values) values { return in("retention", values{"tags": tags}) }
	refused(t, ProfileDev, []refusal{
		{in("retention", values{"time": "3:30"}), `dagster:retention.time: "3:30": is no time of day; 00:00 to 23:59 are allowed, in quotes`},
		{in("retention", values{"timezone": "Berlin"}), `dagster:retention.timezone: "Berlin": is no name of a time zone; ` +
			"one of the IANA time zone database is allowed, such as Europe/Berlin or UTC"},
		{in("retention", values{"successDays": -1, "failureDays": 3651, "canceledDays": -2}),
			"dagster:retention.successDays: -1: too small; 0 to 3650 is allowed\n" +
				"dagster:retention.failureDays: 3651: too large; 0 to 3650 is allowed\n" +
				"dagster:retention.canceledDays: -2: too small; 0 to 3650 is allowed"},
		{tags(values{"key": "team"}), "dagster:retention.tags[0].value: is required\ndagster:retention.tags[0].days: is required"},
		{tags(values{"key": " team", "value": "core ", "days": 3651}),
			"dagster:retention.tags[0].days: 3651: too large; 0 to 3650 is allowed\n" +
				`dagster:retention.tags[0].key: " team": has white space around it` + "\n" +
				`dagster:retention.tags[0].value: "core ": has white space around it`},
		{tags(values{"key": "team", "value": "core", "days": 1}, values{"key": "team", "value": "core", "days": 2}),
			"dagster:retention.tags[1]: has the key and value of [0], which counts; one number for each is allowed"},
		{in("retention", values{"days": 3}), "dagster:retention.days: is unknown; canceledDays, dryRun, " +
			"enabled, failureDays, successDays, tags, time and timezone are allowed"},
	})
}

func TestAStackThatSleepsIsMaintainedWhileItIsUp(t *testing.T) {
	asleep := func(hours, retention values) values {
		return in("hours", hours.with(values{"enabled": true})).with(in("retention", retention))
	}
	const says = `the stack sleeps then, or is about to (hours.start "07:00", hours.stop "20:00"); ` +
		"20 minutes after the one to 20 before the other are allowed, or leave it out"
	refused(t, ProfileDev, []refusal{
		{asleep(values{}, values{"time": "03:30"}), `dagster:retention.time: "03:30": ` + says},
		{asleep(values{}, values{"time": "07:19"}), `dagster:retention.time: "07:19": ` + says},
		{asleep(values{}, values{"time": "19:41"}), `dagster:retention.time: "19:41": ` + says},
		{asleep(values{}, values{"timezone": "UTC"}),
			`dagster:retention.timezone: "UTC": has no effect with dagster:hours.enabled, whose time zone counts; leave it out`},
	})
	for _, c := range []struct {
		set  values
		want Maintained
	}{
		{values{}, Maintained{"03:30", "UTC", rules.EveryDay()}},
		{in("retention", values{"time": "22:00", "timezone": "Asia/Tokyo"}), Maintained{"22:00", "Asia/Tokyo", rules.EveryDay()}},
		{asleep(values{"weekdays": []string{"mon"}, "timezone": "Europe/Berlin"}, values{}),
			Maintained{"08:00", "Europe/Berlin", []rules.Weekday{rules.Monday}}},
		{asleep(values{"start": "09:00", "stop": "10:00", "weekdays": []string{"mon"}}, values{}),
			Maintained{"09:30", "UTC", []rules.Weekday{rules.Monday}}},
		{asleep(values{"weekdays": []string{"mon"}}, values{"time": "12:00"}), Maintained{"12:00", "UTC", []rules.Weekday{rules.Monday}}},
	} {
		settings, err := Parse(least(ProfileDev).with(c.set).source(), "one")
		if err != nil {
			t.Fatal(err)
		}
		if got := settings.Maintained(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: is maintained at %v, want %v", c.set, got, c.want)
		}
	}
}
