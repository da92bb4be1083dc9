package roles

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-postgresql/sdk/v3/go/postgresql"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/password"
)

// TypeToken is the component's type in Pulumi's state.
const TypeToken = "dagster-ecs:roles:Roles"

// Owner is the role that owns the schema; migrations run as it (PGOPTIONS=-c role=dagster_owner).
const Owner = "dagster_owner"

// schemaName is where Dagster's tables are.
const schemaName = "dagster"

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

// Roles are the users of Dagster's database. The passwords are there once the rights are: a task that started earlier
// would meet closed tables.
type Roles struct {
	pulumi.ResourceState

	// User is the user that is active at this rotation, known at plan time: it changes whenever the password does.
	User string
	// Password is the active user's; secret.
	Password pulumi.StringOutput
	// Migrator is the login for migrations, known at plan time.
	Migrator string
	// MigratorPassword is the migrations' login's; secret.
	MigratorPassword pulumi.StringOutput
}

type builder struct {
	*component.Scope
	*Roles
	args   *Args
	server *postgresql.Provider
	owner  *postgresql.Role
	group  *postgresql.Role
	rights []pulumi.CustomResource
}

// New builds the roles. The component wants a provider for random; the one for the server it makes itself.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Roles, error) {
	roles := &Roles{}
	scope, err := component.Open(ctx, TypeToken, name, roles, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Roles: roles, args: args}
	if err := scope.Run(b.connect, b.createGroups, b.createSchema, b.createMigrator, b.createUsers); err != nil {
		return nil, err
	}
	return roles, scope.Close(pulumi.Map{
		"user":             pulumi.String(roles.User),
		"password":         roles.Password,
		"migrator":         pulumi.String(roles.Migrator),
		"migratorPassword": roles.MigratorPassword,
	})
}

// connect makes the provider. RDS gives its master CREATEROLE and CREATEDB, no more.
func (b *builder) connect() (err error) {
	b.server, err = postgresql.NewProvider(b.Ctx, b.Child("server"), &postgresql.ProviderArgs{
		Host:      b.args.Host.ToStringOutput(),
		Port:      pulumi.Int(b.args.Port),
		Database:  pulumi.String(b.args.Database),
		Username:  pulumi.String(b.args.Administrator),
		Password:  b.args.Password.ToStringOutput(),
		Sslmode:   pulumi.String("require"),
		Superuser: pulumi.Bool(false),
		// A semantic version; no feature depends on more than its first part.
		ExpectedVersion: pulumi.String(string(b.args.Version) + ".0.0"),
		ConnectTimeout:  pulumi.Int(30),
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("set up the connection to database %s: %w", b.args.Database, err)
	}
	return nil
}

// inside are the options of what is made on the server.
func (b *builder) inside() []pulumi.ResourceOption {
	options := []pulumi.ResourceOption{pulumi.Provider(b.server), pulumi.DependsOn(b.args.Way.Ready)}
	if b.args.Way.Open != nil {
		hooks := []*pulumi.ResourceHook{b.args.Way.Open}
		// A hook before deletion would make `pulumi destroy` run the program; what is inside goes with the server.
		options = append(options, pulumi.ResourceHooks(&pulumi.ResourceHookBinding{BeforeCreate: hooks, BeforeUpdate: hooks}))
	}
	if b.args.Server != nil {
		options = append(options, pulumi.DeletedWith(b.args.Server))
	}
	return options
}

// createGroups makes the roles that cannot log in.
func (b *builder) createGroups() (err error) {
	if b.owner, err = b.role(Owner, &postgresql.RoleArgs{Login: pulumi.Bool(false)}); err != nil {
		return err
	}
	b.group, err = b.role(dml, &postgresql.RoleArgs{Login: pulumi.Bool(false)})
	return err
}

func (b *builder) createMigrator() (err error) {
	b.Migrator = migrator
	b.MigratorPassword, err = b.login(migrator, b.owner, b.args.Rotation)
	return err
}

// createUsers makes the two users. The odd rotations are the first one's, the even ones the second's; each keeps its
// password until it is its turn again.
func (b *builder) createUsers() error {
	first, err := b.login(userA, b.group, (b.args.Rotation+1)/2)
	if err != nil {
		return err
	}
	second, err := b.login(userB, b.group, b.args.Rotation/2)
	if err != nil {
		return err
	}
	b.User, b.Password = userA, first
	if b.args.Rotation%2 == 0 {
		b.User, b.Password = userB, second
	}
	return nil
}

// login makes a user in a group; its password is made anew when its generation changes. It is given its membership when
// it is made: the administrator may pass on the roles it made itself.
func (b *builder) login(name string, group *postgresql.Role, generation int) (pulumi.StringOutput, error) {
	secret, err := password.New(b.Scope, name, strconv.Itoa(generation))
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	role, err := b.role(name, &postgresql.RoleArgs{
		Login:       pulumi.Bool(true),
		Password:    secret,
		Roles:       pulumi.StringArray{group.Name},
		SearchPaths: pulumi.ToStringArray([]string{schemaName}),
	})
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return component.After(secret, append([]pulumi.CustomResource{role}, b.rights...)...), nil
}

func (b *builder) role(name string, args *postgresql.RoleArgs) (*postgresql.Role, error) {
	args.Name = pulumi.String(name)
	role, err := postgresql.NewRole(b.Ctx, b.Child(name), args, b.Options(b.inside()...)...)
	if err != nil {
		return nil, fmt.Errorf("create role %s: %w", name, err)
	}
	return role, nil
}

// createSchema makes the schema and what the group may do with tables and sequences that the owner will create in it.
// Default privileges act on new objects only, so they come before the first migration.
func (b *builder) createSchema() error {
	schema, err := postgresql.NewSchema(b.Ctx, b.Child("schema"), &postgresql.SchemaArgs{
		Name:     pulumi.String(schemaName),
		Database: pulumi.String(b.args.Database),
		Owner:    b.owner.Name,
		Policies: postgresql.SchemaPolicyArray{
			&postgresql.SchemaPolicyArgs{Role: b.group.Name, Usage: pulumi.Bool(true)},
		},
		// tables go with the schema only where the database goes anyway
		DropCascade: pulumi.Bool(!b.args.Keep.Protect),
	}, b.Stateful(b.args.Keep, b.inside()...)...)
	if err != nil {
		return fmt.Errorf("create schema %s: %w", schemaName, err)
	}
	for _, each := range []struct {
		kind   string
		rights []string
	}{{"table", tableRights}, {"sequence", sequenceRights}} {
		rights, err := postgresql.NewDefaultPrivileges(b.Ctx, b.Child(each.kind+"-rights"), &postgresql.DefaultPrivilegesArgs{
			Database:   pulumi.String(b.args.Database),
			Schema:     schema.Name,
			Owner:      b.owner.Name,
			Role:       b.group.Name,
			ObjectType: pulumi.String(each.kind),
			Privileges: pulumi.ToStringArray(each.rights),
		}, b.Options(b.inside()...)...)
		if err != nil {
			return fmt.Errorf("give rights on %ss: %w", each.kind, err)
		}
		b.rights = append(b.rights, rights)
	}
	return nil
}
