// Package roles builds what is inside Dagster's database: the schema, its owner, and the users.
//
// The owner cannot log in; migrations run as it through a login of their own. A group without login holds exactly the
// rights that Dagster needs on the owner's tables. Two users in it alternate at a rotation, so that runs started before
// one keep a working password until the next.
//
// It owns the roles, the schema and the default privileges, not the database itself, and the provider through which it
// reaches the server. An administrator with CREATEROLE is enough, as RDS gives it; it uses only what the upstream
// provider's versions 1.7.1 and 1.26 both have. It refuses rotations below 1.
//
// Logical names of children and the roles' names in the database (dagster_owner, dagster_migrator, dagster_dml,
// dagster_a, dagster_b) are API. PUBLIC keeps what PostgreSQL gives it on a database, CONNECT and TEMPORARY: neither
// version can hold a revocation from it.
package roles
