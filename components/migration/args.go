package migration

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/workload"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Args describes the migration.
type Args struct {
	// Spec is what every workload of Dagster is given; required. Its secrets are the login that takes on the owner's role.
	Spec workload.Spec
	// Module is the Python module of the code: the image is checked before it migrates anything; required.
	Module string
	// OwnerRole is the PostgreSQL role that owns the tables. Default: the login itself.
	OwnerRole string
	// InstanceID is the identifier of the RDS instance that a snapshot is taken of before data are migrated. Empty: the
	// database is not of this account, and only the backups that its owner takes lead back.
	InstanceID string
}

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Take("Spec", a.Spec.Validate())
	list.Check(len(a.Spec.Secrets) > 0, "Spec.Secrets", "is required")
	list.Required("Module", a.Module)
	if a.InstanceID != "" {
		list.Take("InstanceID", rules.DatabaseIdentifier(a.InstanceID))
	}
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return a.Spec.Inputs()
}
