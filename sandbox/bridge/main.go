// Command sandboxbridge is a Pulumi resource plugin that serves an upstream Terraform provider under
// the tokens and property names of Pulumi's official plugin, for machines that cannot download that
// one. The plugin's own name says which: run as pulumi-resource-aws it serves the
// terraform-provider-aws that lies beside it.
//
// It differs from the official plugin in three ways: only the types that tables/<name>.tokens lists
// exist, assets and archives are not translated, and a property that the type does not have is
// refused, where the bridge alone would drop it without a word.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/internal/bridge"
)

const pluginPrefix = "pulumi-resource-"

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this plugin's own path: %w", err)
	}
	base := filepath.Base(self)
	name, ok := strings.CutPrefix(base, pluginPrefix)
	if !ok {
		return fmt.Errorf("plugin is named %q: it must be named %s<provider>", base, pluginPrefix)
	}
	return bridge.Serve(ctx, name, filepath.Join(filepath.Dir(self), "terraform-provider-"+name))
}
