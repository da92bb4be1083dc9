// Package gateway builds the way into a network for who is outside of it: a task definition with roles and a security
// group of its own, of which no task runs until somebody comes.
//
// A task is started by whoever needs it, with ECS Exec, and leads by Session Manager to what its security group reaches:
// nothing in the network is public, and IAM alone decides who comes in. It costs nothing while nobody does; a task that
// was forgotten ends by itself after half a day. Way gives a resource hook that opens the way from the machine on which
// the program runs, and keeps it as long as the program.
//
// Logical names of children are API: those of package workload under <name>.
package gateway
