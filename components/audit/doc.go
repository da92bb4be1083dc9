// Package audit builds the record of who did what: a trail of CloudTrail.
//
// It owns the trail, which takes the account's management events of all regions (those of keys are among them) and the
// reads and writes of the stack's objects, signs its files and encrypts them with a key of its own; the bucket they lie in,
// locked for as long as they are kept; and the role by which the events reach a log group, where alarms look at them. It
// refuses a trail without objects to look at, and a protected bucket that may be emptied.
//
// Logical names of children are API: they begin with <name>-trail, <name>-key and <name>-bucket.
package audit
