// Package hours lets an installation sleep outside of its hours: services at none, the database stopped.
//
// It builds a Lambda function that the clock calls once a minute, its role, and two parameters of Systems Manager: what the
// function stands at, and until when somebody wants the installation awake. The function (functions/hours) takes the
// services away in the evening, stops the database when no run needs it any more, and brings both back in the morning. It
// calls AWS and nothing inside of the network, so it has no interface there.
//
// Logical names of children are API: <name>-memory, <name>-awake-until, <name>-function-role, <name>-function-policy and
// those of package components/internal/scheduled.
package hours
