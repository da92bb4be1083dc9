// Command embedded is an example of a program of your own with a network and a database of its own, in which Dagster's
// components are a part. Its module stands apart: what it imports is what others can.
package main

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"dagster-ecs/components/cluster"
	"dagster-ecs/components/component"
	"dagster-ecs/components/naming"
)

// prefix begins the names of all that the components make.
const prefix = "embedded"

func main() { pulumi.Run(deploy) }

func deploy(ctx *pulumi.Context) error {
	names, err := naming.New(prefix, ctx.Stack(), true)
	if err != nil {
		return err
	}
	place := component.Location{
		Partition: "aws", Region: config.Require(ctx, "aws:region"), Account: config.Require(ctx, "embedded:account"),
	}
	network, err := buildNetwork(ctx)
	if err != nil {
		return err
	}
	database, err := buildDatabase(ctx, network)
	if err != nil {
		return err
	}
	tasks, err := cluster.New(ctx, "cluster", &cluster.Args{Location: place, Name: names.Base()})
	if err != nil {
		return err
	}
	d := &dagster{
		ctx: ctx, names: names, place: place, network: network, database: database, cluster: tasks.Ref,
		image: config.Require(ctx, "embedded:image"), module: "asset_manager.definitions",
	}
	if err := d.build(); err != nil {
		return fmt.Errorf("build Dagster: %w", err)
	}
	return nil
}
