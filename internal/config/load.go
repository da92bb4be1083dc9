package config

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Load reads the settings of the stack that Pulumi runs. The error, if any, holds every problem.
func Load(ctx *pulumi.Context) (Settings, error) {
	settings, err := Parse(Source{Get: ctx.GetConfig, IsSecret: ctx.IsConfigSecret}, ctx.Stack())
	if err != nil {
		return Settings{}, fmt.Errorf("read the settings of stack %s: %w", ctx.Stack(), err)
	}
	return settings, nil
}
