// Package database builds the PostgreSQL database that Dagster keeps its runs, events and schedules in.
//
// It builds an RDS instance in the database subnets (its key, parameter and subnet group, log groups, monitoring role,
// security group, copies of its backups in a second region) and in it the schema and the roles: an owner without login
// for migrations, a group with exactly the rights that Dagster needs, and two login users that alternate at a rotation,
// so that runs started before one keep a working password until the next.
//
// It owns the security group and lets in only the groups it is given; workloads may add rules of their own. It refuses
// versions other than 16 and 17, sizes that RDS refuses, and protection that contradicts itself.
//
// Logical names of children are API. The roles' names in the database are too: dagster_owner, dagster_migrator,
// dagster_dml, dagster_a, dagster_b.
package database
