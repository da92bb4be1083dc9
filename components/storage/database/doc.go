// Package database builds the PostgreSQL database that Dagster keeps its runs, events and schedules in.
//
// It builds an RDS instance in the database subnets: its key, parameter and subnet group, log groups, monitoring role,
// security group, copies of its backups in a second region; and, by package roles, the schema and users inside it.
//
// It owns the security group and lets in only the groups it is given; workloads may add rules of their own. It refuses
// versions other than 16 and 17, sizes that RDS refuses, and protection that contradicts itself.
//
// Logical names of children are API.
package database
