package bucket_test

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/storage/bucket"
)

func ExampleNew() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		made, err := bucket.New(ctx, "bucket", &bucket.Args{
			Location: component.Location{Partition: "aws", Region: "us-west-1", Account: "111122223333"},
			Name:     "data-dev-111122223333-us-west-1", NamePrefix: "data-dev",
			Lifecycle: []bucket.Rule{{Prefix: "dagster/compute-logs/", ExpireDays: 14}, {Prefix: "dagster/io/", TierDays: 90}},
		})
		if err != nil {
			return err
		}
		ctx.Export("bucket", made.Name)
		return nil
	})
}
