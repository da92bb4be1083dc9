// Package monitor builds the Lambda function that looks at Dagster once a minute, from outside of it: functions/monitor.
//
// It owns the function with its role and security group, the schedule, and the archive that the function is made of, which a
// hook compiles and puts into the bucket before the function is made or changed. Previews compile nothing: the archive's name
// has the hash of the source. Who is to be asked lets the group in. It refuses a source that is not there.
//
// Logical names of children are API: <name>-function, <name>-function-role, <name>-function-policy, <name>-function-invoke,
// <name>-function-group with a rule per peer, <name>-schedule, <name>-schedule-target and <name>-schedule-permission.
package monitor
