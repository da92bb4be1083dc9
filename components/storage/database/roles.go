package database

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-postgresql/sdk/v3/go/postgresql"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The roles inside the database beside Owner. Their names are API.
const (
	// migrator logs in for migrations and may become the owner.
	migrator = "dagster_migrator"
	// dml holds the rights that Dagster needs on the owner's tables; it cannot log in.
	dml = "dagster_dml"
	// userA and userB log in for everything else and alternate at a rotation.
	userA = "dagster_a"
	userB = "dagster_b"
)

// The rights that Dagster needs, when it does not create its tables itself.
var (
	tableRights    = []string{"DELETE", "INSERT", "SELECT", "UPDATE"}
	sequenceRights = []string{"SELECT", "USAGE"}
)

// roles is what the steps hand on to each other.
type roles struct {
	owner            *postgresql.Role
	group            *postgresql.Role
	active           string
	activePassword   pulumi.StringOutput
	migratorPassword pulumi.StringOutput
	// rights are what has to be there before a password is of use
	rights []any
}

// connect makes the provider for what is inside the instance. RDS gives its master CREATEROLE and CREATEDB, no more.
func (b *builder) connect() (err error) {
	host := b.instance.Address
	if b.args.Connection.Host != "" {
		host = pulumi.String(b.args.Connection.Host).ToStringOutput()
	}
	reached := port
	if b.args.Connection.Port != 0 {
		reached = b.args.Connection.Port
	}
	b.server, err = postgresql.NewProvider(b.Ctx, b.Child("server"), &postgresql.ProviderArgs{
		Host:           host,
		Port:           pulumi.Int(reached),
		Database:       pulumi.String(b.args.name()),
		Username:       pulumi.String(masterUser),
		Password:       b.master.Result,
		Sslmode:        pulumi.String("require"),
		Superuser:      pulumi.Bool(false),
		ConnectTimeout: pulumi.Int(30),
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("set up the connection to %s: %w", b.args.Identifier, err)
	}
	return nil
}

// inside are the options of what is inside the instance.
func (b *builder) inside() []pulumi.ResourceOption {
	return b.Options(pulumi.Provider(b.server))
}

// createOwner makes the roles that cannot log in, and the migrations' login. A login is given its memberships when it is
// made: the master may pass on the roles it made itself.
func (b *builder) createOwner() (err error) {
	if b.roles.owner, err = b.role(Owner, &postgresql.RoleArgs{Login: pulumi.Bool(false)}); err != nil {
		return err
	}
	if b.roles.group, err = b.role(dml, &postgresql.RoleArgs{Login: pulumi.Bool(false)}); err != nil {
		return err
	}
	b.roles.migratorPassword, err = b.login(migrator, b.roles.owner, b.args.Rotation)
	return err
}

// createUsers makes the two users. The odd rotations are the first one's, the even ones the second's; each keeps its
// password until it is its turn again.
func (b *builder) createUsers() error {
	rotation := b.args.Rotation
	first, err := b.login(userA, b.roles.group, (rotation+1)/2)
	if err != nil {
		return err
	}
	second, err := b.login(userB, b.roles.group, rotation/2)
	if err != nil {
		return err
	}
	b.roles.active, b.roles.activePassword = userA, first
	if rotation%2 == 0 {
		b.roles.active, b.roles.activePassword = userB, second
	}
	return nil
}

// login makes a user in a group; its password is made anew when its generation changes. What is returned is the
// password as the role has it, so that whoever uses it waits for the role.
func (b *builder) login(name string, group *postgresql.Role, generation int) (pulumi.StringOutput, error) {
	password, err := b.password(name, pulumi.StringMap{"generation": pulumi.String(strconv.Itoa(generation))})
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	role, err := b.role(name, &postgresql.RoleArgs{
		Login:       pulumi.Bool(true),
		Password:    password.Result,
		Roles:       pulumi.StringArray{group.Name},
		SearchPaths: pulumi.ToStringArray([]string{Schema}),
	})
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return role.Password.Elem(), nil
}

func (b *builder) role(name string, args *postgresql.RoleArgs) (*postgresql.Role, error) {
	args.Name = pulumi.String(name)
	role, err := postgresql.NewRole(b.Ctx, b.Child(name), args, b.inside()...)
	if err != nil {
		return nil, fmt.Errorf("create role %s: %w", name, err)
	}
	return role, nil
}

// createSchema makes the schema and what the group may do with tables and sequences that the owner will create in it.
// Default privileges act on new objects only, so they come before the first migration.
func (b *builder) createSchema() error {
	schema, err := postgresql.NewSchema(b.Ctx, b.Child("schema"), &postgresql.SchemaArgs{
		Name:     pulumi.String(Schema),
		Database: pulumi.String(b.args.name()),
		Owner:    b.roles.owner.Name,
		Policies: postgresql.SchemaPolicyArray{
			&postgresql.SchemaPolicyArgs{Role: b.roles.group.Name, Usage: pulumi.Bool(true)},
		},
		// tables go with the schema only where the instance goes anyway
		DropCascade: pulumi.Bool(!b.args.Protection.Keep.Protect),
	}, b.Stateful(b.args.Protection.Keep, pulumi.Provider(b.server))...)
	if err != nil {
		return fmt.Errorf("create schema %s: %w", Schema, err)
	}
	for _, each := range []struct {
		kind   string
		rights []string
	}{{"table", tableRights}, {"sequence", sequenceRights}} {
		rights, err := postgresql.NewDefaultPrivileges(b.Ctx, b.Child(each.kind+"-rights"), &postgresql.DefaultPrivilegesArgs{
			Database:   pulumi.String(b.args.name()),
			Schema:     schema.Name,
			Owner:      b.roles.owner.Name,
			Role:       b.roles.group.Name,
			ObjectType: pulumi.String(each.kind),
			Privileges: pulumi.ToStringArray(each.rights),
		}, b.inside()...)
		if err != nil {
			return fmt.Errorf("give rights on %ss: %w", each.kind, err)
		}
		b.roles.rights = append(b.roles.rights, rights.ID())
	}
	return nil
}
