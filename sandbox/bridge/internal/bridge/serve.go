// Package bridge serves a Terraform provider as a Pulumi resource plugin that takes what the official SDK sends.
package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	rprovider "github.com/pulumi/pulumi/pkg/v3/resource/provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/spf13/afero"

	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/internal/shim/run"
	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/tables"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/proto"
	pfbridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

// versions are those of the official plugins whose place the bridged ones take.
var versions = map[string]string{"aws": "6.83.2", "postgresql": "3.16.2", "random": "4.19.1"}

// Upstream is a running Terraform provider and how the bridge describes it.
type Upstream struct {
	Info tfbridge.ProviderInfo

	process run.Provider
}

// Serve answers the engine until it ends the plugin. path is the Terraform provider's program.
func Serve(ctx context.Context, name, path string) error {
	table, err := tables.Load(name)
	if err != nil {
		return err
	}
	u, err := Start(ctx, name, path, table)
	if err != nil {
		return err
	}
	err = rprovider.Main(name, func(host *rprovider.HostClient) (pulumirpc.ResourceProviderServer, error) {
		return u.server(ctx, host)
	})
	return errors.Join(err, u.Close())
}

// Start runs the Terraform provider at path and describes it as the official provider called name, with the types
// of table.
func Start(ctx context.Context, name, path string, table *tables.Table) (*Upstream, error) {
	if name == "postgresql" {
		if err := inheritCreatedRoles(); err != nil {
			return nil, err
		}
	}
	process, err := run.LocalProvider(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("start the terraform provider %s: %w", name, err)
	}
	info, err := describe(name, proto.New(ctx, process), table)
	if err != nil {
		return nil, errors.Join(err, process.Close())
	}
	return &Upstream{Info: info, process: process}, nil
}

// Close ends the Terraform provider.
func (u *Upstream) Close() error {
	if err := u.process.Close(); err != nil {
		return fmt.Errorf("stop the terraform provider of %s: %w", u.Info.Name, err)
	}
	return nil
}

// server answers the plugin's protocol; it refuses names that the types do not have. host, the engine's own
// services, may be nil.
func (u *Upstream) server(ctx context.Context, host *rprovider.HostClient) (pulumirpc.ResourceProviderServer, error) {
	meta := pfbridge.ProviderMetadata{XGetSchema: func(context.Context, plugin.GetSchemaRequest) ([]byte, error) {
		spec, err := u.Schema()
		if err != nil {
			return nil, err
		}
		return json.Marshal(spec)
	}}
	var inner pulumirpc.ResourceProviderServer
	var err error
	if host == nil { // a nil *HostClient in the bridge's interface would be called
		inner, err = pfbridge.NewProviderServer(ctx, nil, u.Info, meta)
	} else {
		inner, err = pfbridge.NewProviderServer(ctx, host, u.Info, meta)
	}
	if err != nil {
		return nil, fmt.Errorf("serve the provider %s: %w", u.Info.Name, err)
	}
	return &strictServer{ResourceProviderServer: inner, upstream: u}, nil
}

// inheritCreatedRoles makes the upstream provider 1.7.1, which is older than PostgreSQL 16, work there: since 16 a
// role without superuser rights gets the administration of a role that it creates, but neither SET nor INHERIT, and
// that provider takes administration for membership. Newer releases, so the official plugin, grant themselves both.
// https://www.postgresql.org/docs/17/runtime-config-client.html#GUC-CREATEROLE-SELF-GRANT
func inheritCreatedRoles() error {
	const variable = "PGOPTIONS"
	if os.Getenv(variable) != "" {
		return nil
	}
	if err := os.Setenv(variable, "-c createrole_self_grant=set,inherit"); err != nil {
		return fmt.Errorf("set %s: %w", variable, err)
	}
	return nil
}

// describe tells the bridge under which token and property names each type is served.
func describe(name string, provider shim.Provider, table *tables.Table) (tfbridge.ProviderInfo, error) {
	info := tfbridge.ProviderInfo{
		P: provider, Name: name, Version: versions[name], ResourcePrefix: name,
		MetadataInfo: &tfbridge.MetadataInfo{Data: tfbridge.ProviderMetadata(nil)},
		Resources:    map[string]*tfbridge.ResourceInfo{},
		DataSources:  map[string]*tfbridge.DataSourceInfo{},
		Config:       fields(table.Config, provider.Schema()),
	}
	for _, t := range table.Types {
		if t.Function {
			source, ok := provider.DataSourcesMap().GetOk(t.Terraform)
			if !ok {
				return info, fmt.Errorf("provider %s has no data source %s", name, t.Terraform)
			}
			info.DataSources[t.Terraform] = &tfbridge.DataSourceInfo{
				Tok: tokens.ModuleMember(t.Token), Fields: fields(table.Functions[t.Terraform], source.Schema()),
			}
			continue
		}
		resource, ok := provider.ResourcesMap().GetOk(t.Terraform)
		if !ok {
			return info, fmt.Errorf("provider %s has no resource %s", name, t.Terraform)
		}
		info.Resources[t.Terraform] = resourceInfo(t.Token, table.Resources[t.Terraform], resource.Schema())
	}
	info.SetAutonaming(255, "-")
	return info, nil
}

// Schema renders Pulumi's schema of the provider as the bridge sees it.
func (u *Upstream) Schema() (*schema.PackageSpec, error) {
	// The generator wants to know of every upstream type; ours are a selection.
	if err := os.Setenv("PULUMI_SKIP_MISSING_MAPPING_ERROR", "1"); err != nil {
		return nil, fmt.Errorf("set the generator's variable: %w", err)
	}
	generator, err := tfgen.NewGenerator(tfgen.GeneratorOptions{
		Package: u.Info.Name, Version: u.Info.Version, Language: tfgen.Schema, ProviderInfo: u.Info, Root: afero.NewMemMapFs(),
		Sink:          diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: "never"}),
		XInMemoryDocs: true, SkipExamples: true,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare the schema of %s: %w", u.Info.Name, err)
	}
	generated, err := generator.Generate()
	if err != nil {
		return nil, fmt.Errorf("generate the schema of %s: %w", u.Info.Name, err)
	}
	return &generated.PackageSpec, nil
}
