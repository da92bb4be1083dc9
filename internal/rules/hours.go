package rules

import (
	"errors"
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // so that every machine knows the same time zones
)

// Weekday is a day of the week by its first three letters.
type Weekday string

// Monday to Friday are the working days.
const (
	Monday    Weekday = "mon"
	Tuesday   Weekday = "tue"
	Wednesday Weekday = "wed"
	Thursday  Weekday = "thu"
	Friday    Weekday = "fri"
	saturday  Weekday = "sat"
	sunday    Weekday = "sun"
)

// Allowed are the days of the week.
func (Weekday) Allowed() []string {
	return []string{
		string(Monday), string(Tuesday), string(Wednesday), string(Thursday), string(Friday), string(saturday), string(sunday),
	}
}

// EveryDay is the whole week.
func EveryDay() []Weekday {
	return []Weekday{Monday, Tuesday, Wednesday, Thursday, Friday, saturday, sunday}
}

// Weekdays refuses days that are unknown or stand twice, and none at all.
func Weekdays(days []Weekday) error {
	if len(days) == 0 {
		return errors.New("names no day; one at least is allowed, of mon, tue, wed, thu, fri, sat, sun")
	}
	for i, day := range days {
		if err := Known(day); err != nil {
			return err
		}
		if slices.Index(days, day) != i {
			return fmt.Errorf("%q: stands twice; each day once is allowed", day)
		}
	}
	return nil
}

// TimeOfDay refuses what is no time of day such as 07:30.
func TimeOfDay(text string) error {
	if at, err := time.Parse("15:04", text); err != nil || at.Format("15:04") != text {
		return refuse(text, "is no time of day; 00:00 to 23:59 are allowed, in quotes")
	}
	return nil
}

// Timezone refuses what the IANA time zone database does not have.
func Timezone(name string) error {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return refuse(name, "is no name of a time zone; one of the IANA time zone database is allowed, such as Europe/Berlin or UTC")
	}
	return nil
}
