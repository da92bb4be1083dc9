package database_test

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/storage/database"
)

func ExampleNew() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		made, err := database.New(ctx, "database", &database.Args{
			Location:      component.Location{Partition: "aws", Region: "us-west-1", Account: "111122223333"},
			Identifier:    "data-dev",
			EngineVersion: "17",
			Network: database.Network{
				VpcID: pulumi.String("vpc-0a1b2c3d4e5f60718"), SubnetIDs: pulumi.ToStringArray([]string{"subnet-0a1b2c3d4e5f60720", "subnet-0a1b2c3d4e5f60721"}),
			},
			Size:     database.Size{InstanceClass: "db.t4g.small", StorageGiB: 20},
			Backup:   database.Backup{Days: 7},
			Rotation: 1,
		})
		if err != nil {
			return err
		}
		// The user that is active now, with no more than Dagster needs; its password is an output that is secret.
		ctx.Export("user", pulumi.String(made.User))
		return nil
	})
}
