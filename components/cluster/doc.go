// Package cluster builds the ECS cluster that all tasks run in, on Fargate and Fargate Spot.
//
// It owns the cluster, its capacity providers and the configuration of Container Insights. It owns no
// service. Or it uses an existing cluster, of which it changes nothing. It refuses names that ECS does not accept, a new
// cluster in the place of one that is there, and an existing one that tasks cannot run in.
//
// Logical names of children are API: `<name>-cluster` and `<name>-capacity`.
package cluster
