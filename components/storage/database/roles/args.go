package roles

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Args say where the roles are made and which rotation it is.
type Args struct {
	// Host is where the program reaches the server; required.
	Host pulumi.StringInput
	// Port is the server's TCP port; required.
	Port int
	// Version is the server's major version of PostgreSQL; required. Unless it is said, a provider connects to ask for it as
	// soon as it is set up, in previews too.
	Version rules.PostgresVersion
	// Database is the database for Dagster; required.
	Database string
	// Administrator is a login with CREATEROLE, owner of the database; required.
	Administrator string
	// Password is the administrator's; required.
	Password pulumi.StringInput
	// Rotation counts password rotations from 1; required. Adding one gives the idle user a new password and makes it
	// the active one.
	Rotation int
	// Keep says whether the schema, and with it Dagster's tables, is held on to.
	Keep component.Keep
	// Way is what leads to the server. Default: it is reached without further ado.
	Way Way
	// Server is what goes with all that is in it: where it is deleted, nothing is deleted inside of it before, which would
	// take a connection. Default nil: everything is deleted by itself.
	Server pulumi.Resource
}

// Way is what leads to the server.
type Way struct {
	// Ready are what has to be there before the way can be opened. Default none.
	Ready []pulumi.Resource
	// Open is called before each thing is made or changed on the server, and opens the way. Default nil.
	Open *pulumi.ResourceHook
}

// Validate reports everything that is wrong.
func (a *Args) Validate() error {
	var p problems.List
	p.Check(a.Host != nil, "Host", "is required")
	p.Take("Port", rules.Port(a.Port))
	p.Take("Version", rules.Known(a.Version))
	p.Required("Database", a.Database)
	p.Required("Administrator", a.Administrator)
	p.Check(a.Password != nil, "Password", "is required")
	p.Take("Rotation", rules.Rotation(a.Rotation))
	return p.Err()
}

// Inputs are the facts recorded in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return pulumi.Map{"database": pulumi.String(a.Database), "rotation": pulumi.Int(a.Rotation)}
}
