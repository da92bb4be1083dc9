// Package webserver builds Dagster's UI and GraphQL API behind an application load balancer.
//
// It builds the load balancer with its security group and listeners, the target group that asks whether the process
// serves (/server_info), the service whose container is asked whether it answers queries, and its autoscaling. Dagster has no login of its own, so it refuses to face the internet without both a
// certificate and a list of the addresses that may come in. With a certificate it serves HTTPS with a policy that
// AWS recommends and redirects plain HTTP; without one it serves plain HTTP, for inside a network only.
//
// Logical names of children are API: <name>-balancer, <name>-targets, <name>-https, <name>-http, <name>-capacity,
// <name>-cpu, <name>-balancer-group with a rule per allowed range, and those of package service under <name>.
package webserver
