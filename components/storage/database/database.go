package database

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-postgresql/sdk/v3/go/postgresql"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
)

// TypeToken is the component's type in Pulumi's state.
const TypeToken = "dagster-ecs:database:Database"

// Owner is the role that owns the schema; migrations run as it (PGOPTIONS=-c role=dagster_owner).
const Owner = "dagster_owner"

// Schema is where Dagster's tables are.
const Schema = "dagster"

// Port is the TCP port that the instance listens on.
const Port = port

// Database is a PostgreSQL database with Dagster's schema and roles.
type Database struct {
	pulumi.ResourceState

	// Address is the instance's host name.
	Address pulumi.StringOutput
	// DatabaseName is the database inside the instance, known at plan time.
	DatabaseName string
	// InstanceID is the instance's identifier, known at plan time.
	InstanceID string
	// SecurityGroupID guards the instance.
	SecurityGroupID pulumi.StringOutput
	// User is the login user that is active at this rotation, known at plan time: a change of it is a change of the
	// password too.
	User string
	// Password is the active user's; secret. It is there once the user's rights are.
	Password pulumi.StringOutput
	// Migrator is the login user for migrations, known at plan time.
	Migrator string
	// MigratorPassword is the migration user's; secret. It is there once the user's rights are.
	MigratorPassword pulumi.StringOutput
	// Administrator is the instance's administrator, known at plan time.
	Administrator string
	// AdministratorPassword is the administrator's; secret.
	AdministratorPassword pulumi.StringOutput
}

type builder struct {
	*component.Scope
	*Database
	args       *Args
	key        *kms.Key
	group      *ec2.SecurityGroup
	subnets    *rds.SubnetGroup
	parameters *rds.ParameterGroup
	monitor    *iam.Role
	logs       []pulumi.Resource
	master     *random.RandomPassword
	instance   *rds.Instance
	server     *postgresql.Provider
	roles      roles
}

// New builds the database. The component wants providers for aws and random; the one for the roles in the database it
// makes itself.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Database, error) {
	database := &Database{}
	scope, err := component.Open(ctx, TypeToken, name, database, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Database: database, args: args}
	if err := scope.Run(
		b.createKey, b.createSecurityGroup, b.createSubnetGroup, b.createParameterGroup, b.createLogGroups,
		b.createMonitoringRole, b.createInstance, b.replicateBackups, b.connect, b.createOwner, b.createUsers,
		b.createSchema, b.setOutputs,
	); err != nil {
		return nil, err
	}
	return database, scope.Close(pulumi.Map{
		"address":               database.Address,
		"port":                  pulumi.Int(Port),
		"databaseName":          pulumi.String(database.DatabaseName),
		"instanceId":            pulumi.String(database.InstanceID),
		"securityGroupId":       database.SecurityGroupID,
		"user":                  pulumi.String(database.User),
		"password":              database.Password,
		"migrator":              pulumi.String(database.Migrator),
		"migratorPassword":      database.MigratorPassword,
		"administrator":         pulumi.String(database.Administrator),
		"administratorPassword": database.AdministratorPassword,
	})
}

func (b *builder) setOutputs() error {
	b.Address = b.instance.Address
	b.DatabaseName = b.args.name()
	b.InstanceID = b.args.Identifier
	b.SecurityGroupID = b.group.ID().ToStringOutput()
	b.User = b.roles.active
	b.Password = b.usable(b.roles.activePassword)
	b.Migrator = migrator
	b.MigratorPassword = b.usable(b.roles.migratorPassword)
	b.Administrator = masterUser
	b.AdministratorPassword = b.master.Result
	return nil
}

// usable gives a password out only when the rights are there: a task that starts earlier would meet closed tables.
func (b *builder) usable(password pulumi.StringOutput) pulumi.StringOutput {
	return pulumi.All(append([]any{password}, b.roles.rights...)...).ApplyT(func(all []any) string {
		return all[0].(string)
	}).(pulumi.StringOutput)
}
