// Package migration brings Dagster's tables to the schema that the image expects, before a service of that image starts.
//
// It builds a task definition with roles and a security group of its own, whose execution role alone reads the parameters
// of the tables' owner, and a resource hook, the Gate, for the service that is to be the first of a new image. The hook
// runs the task once and waits for its end, however long that takes. Where the schema is an earlier one and there are
// data, it takes a snapshot of the RDS instance before anything is changed. A migration that fails stops the update:
// what runs goes on as it is. A task that still runs, of an update that was canceled, is waited for first.
//
// The snapshots are nobody's: no update and no destroy deletes them.
//
// Logical names of children are API: those of package workload under <name>. The hook is called <name>-gate.
package migration
