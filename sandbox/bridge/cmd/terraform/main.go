// Command terraform writes a preview of Pulumi's engine as a configuration of Terraform: main.tf.json, and terraform.rc, by
// which Terraform takes the very providers that the engine's plugins run. It takes plugins that are the sandbox's bridge, and
// prints how many resources there are.
//
//	pulumi preview --json --show-secrets | go run ./cmd/terraform -plugins $PULUMI_HOME/plugins -out DIR
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/internal/bridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/internal/terraform"
	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/tables"
)

// sources are the names under which Terraform knows the providers.
var sources = map[string]string{"aws": "hashicorp/aws", "random": "hashicorp/random", "postgresql": "cyrilgdn/postgresql"}

func main() {
	plugins := flag.String("plugins", "", "the folder that Pulumi keeps its plugins in")
	out := flag.String("out", "", "the folder to write into")
	flag.Parse()
	if err := run(context.Background(), os.Stdin, *plugins, *out); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, in io.Reader, plugins, out string) (err error) {
	var preview terraform.Preview
	if err := json.NewDecoder(in).Decode(&preview); err != nil {
		return fmt.Errorf("read the preview: %w", err)
	}
	overrides := ""
	upstream := map[string]*bridge.Upstream{}
	for name, source := range sources {
		programs, err := filepath.Glob(filepath.Join(plugins, "resource-"+name+"-v*", "terraform-provider-"+name))
		if err != nil || len(programs) != 1 {
			return fmt.Errorf("%d plugins in %s serve a terraform-provider-%s, want one: Terraform has to take the same", len(programs), plugins, name)
		}
		table, err := tables.Load(name)
		if err != nil {
			return err
		}
		u, err := bridge.Start(ctx, name, programs[0], table)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, u.Close()) }()
		upstream[name] = u
		overrides += fmt.Sprintf("    %q = %q\n", source, filepath.Dir(programs[0]))
	}
	configuration, count, err := terraform.Configuration(ctx, preview, upstream)
	if err != nil {
		return err
	}
	// https://developer.hashicorp.com/terraform/cli/config/config-file#development-overrides-for-provider-developers
	settings := "provider_installation {\n  dev_overrides {\n" + overrides + "  }\n}\n"
	required := `{"terraform": {"required_providers": {`
	for name, source := range sources {
		required += fmt.Sprintf("%q: {\"source\": %q}, ", name, source)
	}
	required = required[:len(required)-2] + "}}}\n"
	for name, text := range map[string]string{"main.tf.json": string(configuration), "versions.tf.json": required, "terraform.rc": settings} {
		if err := os.WriteFile(filepath.Join(out, name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("write the configuration: %w", err)
		}
	}
	fmt.Println(count)
	return nil
}
