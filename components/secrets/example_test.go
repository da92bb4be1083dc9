package secrets_test

import (
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/secrets"
)

func ExampleNew() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		token, err := random.NewRandomPassword(ctx, "token", &random.RandomPasswordArgs{Length: pulumi.Int(32)})
		if err != nil {
			return err
		}
		kept, err := secrets.New(ctx, "secrets", &secrets.Args{
			Location: component.Location{Partition: "aws", Region: "us-west-1", Account: "111122223333"}, NamePrefix: "data-dev", Path: "/data/dev",
			Parameters: []secrets.Parameter{{Name: "WAREHOUSE_TOKEN", Value: token.Result}},
		})
		if err != nil {
			return err
		}
		// What a workload is given: variables, and the parameters that ECS reads them from.
		_ = kept.List("")
		return nil
	})
}
