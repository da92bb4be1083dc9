package database

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/servicerole"
	"dagster-ecs/components/storage/database/roles"
)

// TypeToken is the component's type in Pulumi's state.
const TypeToken = "dagster-ecs:database:Database"

// Owner is the role that owns the schema; migrations run as it (PGOPTIONS=-c role=dagster_owner).
const Owner = roles.Owner

// thisMachine is where a tunnel listens.
const thisMachine = "127.0.0.1"

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
	// LogGroup is the log group of PostgreSQL, known at plan time.
	LogGroup string
	// ParameterGroup is the name of its parameter group.
	ParameterGroup pulumi.StringOutput
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
}

type builder struct {
	*component.Scope
	*Database
	args          *Args
	key           *kms.Key
	subnets       *rds.SubnetGroup
	parameters    *rds.ParameterGroup
	monitor       *servicerole.Role
	monitorPolicy *iam.RolePolicyAttachment
	logs          []pulumi.Resource
	// admitted are the rules that let clients in.
	admitted []pulumi.Resource
	master   pulumi.StringOutput
	// finalSnapshot is the name of the instance's last snapshot; nil without one.
	finalSnapshot pulumi.StringPtrInput
	instance      *rds.Instance
}

// New builds the database. The component wants providers for aws and random.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Database, error) {
	database := &Database{}
	scope, err := component.Open(ctx, TypeToken, name, database, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Database: database, args: args}
	if err := scope.Run(
		b.createKey, b.createSecurityGroup, b.createSubnetGroup, b.createParameterGroup, b.createLogGroups,
		b.createMonitoringRole, b.createInstance, b.replicateBackups, b.setOutputs, b.createRoles,
	); err != nil {
		return nil, err
	}
	return database, scope.Close(pulumi.Map{
		"address":          database.Address,
		"port":             pulumi.Int(Port),
		"databaseName":     pulumi.String(database.DatabaseName),
		"instanceId":       pulumi.String(database.InstanceID),
		"securityGroupId":  database.SecurityGroupID,
		"user":             pulumi.String(database.User),
		"password":         database.Password,
		"migrator":         pulumi.String(database.Migrator),
		"migratorPassword": database.MigratorPassword,
	})
}

func (b *builder) setOutputs() error {
	b.Address = b.instance.Address
	b.DatabaseName = b.args.name()
	b.ParameterGroup = b.parameters.Name
	b.InstanceID, b.LogGroup = b.args.Identifier, b.logGroup(exportedLogs[0])
	return nil
}

// connect says how the program reaches the instance.
func (b *builder) connect(args *roles.Args) (err error) {
	wanted := b.args.Connection
	if wanted.Gateway != nil {
		args.Host, args.Port = pulumi.String(thisMachine), wanted.LocalPort
		args.Way.Ready = append(args.Way.Ready, wanted.Gateway.Needed...)
		args.Way.Open, err = wanted.Gateway.Way(b.Ctx, b.Child("way"), b.instance.Address, port, wanted.LocalPort)
		return err
	}
	if wanted.Host != "" {
		args.Host = pulumi.String(wanted.Host)
	}
	if wanted.Port != 0 {
		args.Port = wanted.Port
	}
	return nil
}

// createRoles makes what is inside the instance, where the program reaches it.
func (b *builder) createRoles() error {
	args := &roles.Args{
		Host: b.instance.Address, Port: port, Version: b.args.EngineVersion,
		Database: b.args.name(), Administrator: masterUser, Password: b.master,
		Rotation: b.args.Rotation, Keep: b.args.Protection.Keep,
		Way: roles.Way{Ready: b.admitted}, Server: b.instance,
	}
	if err := b.connect(args); err != nil {
		return err
	}
	made, err := roles.New(b.Ctx, b.Child("roles"), args, b.Options()...)
	if err != nil {
		return err
	}
	b.User, b.Password = made.User, made.Password
	b.Migrator, b.MigratorPassword = made.Migrator, made.MigratorPassword
	return nil
}
