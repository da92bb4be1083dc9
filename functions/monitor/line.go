package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// The units of metrics, as CloudWatch names them.
const (
	count   = "Count"
	seconds = "Seconds"
	none    = "None"
)

// metric is how the format declares one.
type metric struct {
	Name string `json:"Name"`
	Unit string `json:"Unit"`
}

// line is one line of CloudWatch's embedded metric format: metrics, and beside them what only the log tells
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
//
// The metrics have no dimension: the namespace is the stack's own, and each value of a dimension is another metric to pay.
type line struct {
	at        time.Time
	namespace string
	metrics   []metric
	members   map[string]any
	problems  []string
}

func newLine(at time.Time, namespace string) *line {
	return &line{at: at, namespace: namespace, members: map[string]any{}}
}

// add adds a metric.
func (l *line) add(name, unit string, value float64) {
	l.metrics = append(l.metrics, metric{Name: name, Unit: unit})
	l.members[name] = value
}

// tell adds what a person finds in the log.
func (l *line) tell(name string, value any) { l.members[name] = value }

// problem adds why something could not be asked.
func (l *line) problem(format string, args ...any) {
	l.problems = append(l.problems, fmt.Sprintf(format, args...))
}

// print writes the line.
func (l *line) print(out io.Writer) error {
	l.members["_aws"] = map[string]any{
		"Timestamp": l.at.UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace": l.namespace, "Dimensions": [][]string{{}}, "Metrics": l.metrics,
		}},
	}
	if len(l.problems) > 0 {
		l.members["problems"] = l.problems
	}
	return json.NewEncoder(out).Encode(l.members)
}
