// Package logline makes lines of the log groups readable in a terminal.
package logline

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var escape = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

// Readable is a line without colors. One that is a JSON object of Dagster's becomes its time, level, logger and event, and
// the stack of an exception below. In a run's line the job, the step and the kind of event stand before the event.
func Readable(message string) string {
	text := strings.TrimRight(escape.ReplaceAllString(message, ""), " \r\n")
	var line struct{ Event, Level, Logger, Timestamp, Exception, Job, Step, Type string }
	if json.Unmarshal([]byte(text), &line) != nil || line.Event == "" {
		return text
	}
	said := slices.DeleteFunc([]string{line.Job, line.Step, line.Type, line.Event}, func(part string) bool { return part == "" })
	text = fmt.Sprintf("%s %s %s: %s", line.Timestamp, strings.ToUpper(line.Level), line.Logger, strings.Join(said, " - "))
	if line.Exception != "" {
		text += "\n" + line.Exception
	}
	return text
}
