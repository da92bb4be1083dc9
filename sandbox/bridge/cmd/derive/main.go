// Command derive writes tables/<provider>.json anew: where the official SDK's property names, list shapes and scalar
// types differ from what the bridge derives from the upstream Terraform schema. Run it in the module's folder after
// a change of tables/<provider>.tokens or of a version:
//
//	go run ./cmd/derive -program ../.. aws /path/to/terraform-provider-aws
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/internal/bridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/internal/derive"
	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/internal/sdk"
	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/tables"
)

func main() {
	program := flag.String("program", "../..", "folder of the Go module whose SDK versions count")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: derive [-program DIR] PROVIDER TERRAFORM-PROVIDER-PROGRAM")
		os.Exit(2)
	}
	if err := run(context.Background(), flag.Arg(0), flag.Arg(1), *program); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, name, provider, program string) error {
	types, err := tables.Types(name)
	if err != nil {
		return err
	}
	names, err := tables.AutoNames(name)
	if err != nil {
		return err
	}
	official, err := sdk.Open(name, program)
	if err != nil {
		return err
	}
	upstream, err := bridge.Start(ctx, name, provider, &tables.Table{})
	if err != nil {
		return err
	}
	defer upstream.Close()
	table, err := derive.Table(types, names, upstream.Info.P, official)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(table, "", " ")
	if err != nil {
		return fmt.Errorf("render the table of %s: %w", name, err)
	}
	path := filepath.Join("tables", name+".json")
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the table of %s: %w", name, err)
	}
	return nil
}
