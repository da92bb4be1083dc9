// Package alarms builds what tells that something is wrong with Dagster, and the place to look at it.
//
// It owns the metric filters over the logs, the alarms with their thresholds, the one alarm that pages because Dagster is
// down, a dashboard and the saved queries of Logs Insights. The metrics come from the monitor's function, the filters and
// AWS; who is told is the topic's business. Each alarm names its section of the runbook, says when all is well again, and
// says what it makes of missing data. It refuses thresholds that can never be reached.
//
// Logical names of children are API: <name>-<alarm> for each alarm (see catalog.go), <name>-down, <name>-filter-<kind>-<metric>,
// <name>-dashboard and <name>-query-<query>. Of NewDeployment it is <name>-deployed-code.
package alarms
