// Command dagster-ecs is the Pulumi program: a self-hosted Dagster on AWS ECS. Settings are in Pulumi.<stack>.yaml,
// described in docs/settings.md; what it gives to others is described in docs/outputs.md.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/stacks"
)

func main() {
	pulumi.Run(stacks.Deploy)
}
