// Package logs builds the log groups of the workloads.
//
// It owns their names (<prefix>/<kind>), how long they keep what is written, and the one key that all are encrypted
// with, whose policy lets CloudWatch Logs use it for these groups only. It refuses a retention that CloudWatch does not
// offer, and groups that keep everything for ever.
//
// Logical names of children are API: <name>-key, <name>-key-alias and <name>-<kind>.
package logs
