// Package cluster builds the ECS cluster that all tasks run in, on Fargate and Fargate Spot.
//
// It owns the cluster, its capacity providers and the configuration of Container Insights and of ECS Exec. It owns no
// service. It refuses names that ECS does not accept.
//
// Logical names of children are API: `<name>-cluster` and `<name>-capacity`.
package cluster
