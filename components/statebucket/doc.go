// Package statebucket makes the place where Pulumi keeps the state of stacks: a bucket with versions that nobody deletes, and
// a key for the secrets of each stack, so that who may open those of one stack opens those of no other.
//
// Logical names below a component named state:
//
//	state-data-key, -alias         the key of the bucket's objects
//	state-data and what belongs to it the bucket
//	state-logs and what belongs to it the records of accesses to it
//	state-secrets-STACK, -alias    the key of a stack's secrets
package statebucket
