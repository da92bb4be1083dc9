// Package service keeps a workload running: an ECS service on top of package workload.
//
// A deployment that fails is rolled back by the circuit breaker, or by alarms. It owns the service and its workload. It refuses
// percentages that leave no room to roll, and a load balancer's target group without a port.
//
// Logical names of children are API: <name>-service, and those of package workload under <name>.
package service
