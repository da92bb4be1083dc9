// Command dagster-ecs is the Pulumi program: a self-hosted Dagster on AWS ECS. Settings are in Pulumi.<stack>.yaml,
// described in docs/settings.md; what it gives to others is described in docs/outputs.md.
package main

import (
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/gateway"
	"dagster-ecs/stacks"
)

func main() {
	pulumi.Run(stacks.Deploy)
	if err := gateway.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "close the way to the database:", err)
	}
}
