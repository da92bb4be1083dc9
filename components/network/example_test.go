package network_test

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/network"
)

var california = component.Location{Partition: "aws", Region: "us-west-1", Account: "111122223333"}

func ExampleNew() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		made, err := network.New(ctx, "network", &network.Args{
			Location: california, NamePrefix: "data-dev", CidrBlock: "10.64.0.0/16", Zones: 2, Nat: network.NatSingle,
			FlowLogs: network.FlowLogs{RetentionDays: 30},
		})
		if err != nil {
			return err
		}
		ctx.Export("subnets", made.PrivateSubnetIDs)
		return nil
	})
}

// A network that is there already is taken by its ids, and not changed.
func ExampleNew_existing() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		_, err := network.New(ctx, "network", &network.Args{
			Location: california, NamePrefix: "data-dev",
			Existing: &network.Existing{
				VpcID:             "vpc-0a1b2c3d4e5f60718",
				PrivateSubnetIDs:  []string{"subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"},
				DatabaseSubnetIDs: []string{"subnet-0a1b2c3d4e5f60720", "subnet-0a1b2c3d4e5f60721"},
			},
		})
		return err
	})
}
