// Package logline makes lines of the log groups readable in a terminal.
package logline

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

var escape = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

// Readable is a line without colors. One that webserver or daemon wrote as JSON (dagster's option --log-format) becomes
// its time, level, logger and event, and the stack of an exception below.
func Readable(message string) string {
	text := strings.TrimRight(escape.ReplaceAllString(message, ""), " \r\n")
	var line struct{ Event, Level, Logger, Timestamp, Exception string }
	if json.Unmarshal([]byte(text), &line) != nil || line.Event == "" {
		return text
	}
	text = fmt.Sprintf("%s %s %s: %s", line.Timestamp, strings.ToUpper(line.Level), line.Logger, line.Event)
	if line.Exception != "" {
		text += "\n" + line.Exception
	}
	return text
}
