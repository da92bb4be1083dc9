package config

import "testing"

func TestRefusalsOfHours(t *testing.T) {
	refused(t, ProfileDev, []refusal{
		{in("hours", values{"timezone": "Berlin"}), `dagster:hours.timezone: "Berlin": is no name of a time zone; ` +
			"one of the IANA time zone database is allowed, such as Europe/Berlin or UTC"},
		{in("hours", values{"weekdays": []string{}}), "dagster:hours.weekdays: names no day; one at least is allowed, of mon, tue, wed, thu, fri, sat, sun"},
		{in("hours", values{"weekdays": []string{"mon", "mon"}}), `dagster:hours.weekdays: "mon": stands twice; each day once is allowed`},
		{in("hours", values{"start": "7:00"}), `dagster:hours.start: "7:00": is no time of day; 00:00 to 23:59 are allowed, in quotes`},
		{in("hours", values{"stop": "24:00"}), `dagster:hours.stop: "24:00": is no time of day; 00:00 to 23:59 are allowed, in quotes`},
		{in("hours", values{"stop": "06:00"}), `dagster:hours.stop: "06:00": is not after hours.start, "07:00"; a later time of the same day is allowed`},
	})
	refused(t, ProfileProd, []refusal{
		{in("hours", values{"enabled": true}),
			"dagster:hours.enabled: true: contradicts dagster:profile prod, which runs schedules at night too; false is allowed with it"},
	})
}
