package main

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// database is the PostgreSQL that you have: for Dagster a database in it, and a user who may make tables there.
type database struct {
	host       pulumi.StringInput
	port       int
	name, user string
	password   pulumi.StringInput
	instance   pulumi.StringInput
	group      pulumi.StringInput
}

// buildDatabase makes a small one. Its administrator is Dagster's user, who owns the tables then: one that is only to read
// and write, and passwords that rotate, are what storage/database makes.
func buildDatabase(ctx *pulumi.Context, n network) (database, error) {
	password, err := random.NewRandomPassword(ctx, "own", &random.RandomPasswordArgs{Length: pulumi.Int(32), Special: pulumi.Bool(false)})
	if err != nil {
		return database{}, fmt.Errorf("make the password: %w", err)
	}
	group, err := ec2.NewSecurityGroup(ctx, "database", &ec2.SecurityGroupArgs{
		VpcId: n.vpcID.ToStringOutput().ToStringPtrOutput(), Description: pulumi.String("The database"),
	})
	if err != nil {
		return database{}, fmt.Errorf("make the group of the database: %w", err)
	}
	subnets, err := rds.NewSubnetGroup(ctx, "own", &rds.SubnetGroupArgs{SubnetIds: n.private})
	if err != nil {
		return database{}, fmt.Errorf("make the subnet group: %w", err)
	}
	d := database{port: 5432, name: "events", user: "events", password: password.Result, group: group.ID()}
	instance, err := rds.NewInstance(ctx, "own", &rds.InstanceArgs{
		Engine: pulumi.String("postgres"), EngineVersion: pulumi.String("17"), InstanceClass: pulumi.String("db.t4g.small"),
		AllocatedStorage: pulumi.Int(20), StorageEncrypted: pulumi.Bool(true), DbName: pulumi.String(d.name),
		Username: pulumi.String(d.user), Password: password.Result, DbSubnetGroupName: subnets.Name,
		VpcSecurityGroupIds: pulumi.StringArray{group.ID()}, SkipFinalSnapshot: pulumi.Bool(true),
	})
	if err != nil {
		return database{}, fmt.Errorf("make the database: %w", err)
	}
	d.host, d.instance = instance.Address, instance.Identifier
	return d, nil
}
