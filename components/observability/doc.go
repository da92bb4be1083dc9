// Package observability builds the log groups of the workloads.
//
// It owns their names (<prefix>/<kind>), how long they keep what is written, and the one key that all are encrypted
// with, whose policy lets CloudWatch Logs use it for these groups only. It refuses a retention that CloudWatch does not
// offer, and groups that keep everything for ever.
package observability
