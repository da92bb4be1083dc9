package bridge

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

// strictServer refuses what the bridge would drop in silence. Like the official plugin it lets a canceled deployment end what
// it is creating: a Terraform provider that is stopped forgets requests under way, and the state what they made.
type strictServer struct {
	pulumirpc.ResourceProviderServer
	upstream *Upstream
}

var keepAll = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true, KeepOutputValues: true}

// Check refuses unknown properties of a resource.
func (s *strictServer) Check(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	token := resource.URN(req.GetUrn()).Type().String()
	failures, err := unknownFields(token, req.GetNews(), s.upstream.resourceShape(token))
	if err != nil || len(failures) > 0 {
		return &pulumirpc.CheckResponse{Failures: failures}, err
	}
	return s.ResourceProviderServer.Check(ctx, req)
}

// CheckConfig refuses unknown properties of the provider's configuration.
func (s *strictServer) CheckConfig(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	token := "pulumi:providers:" + s.upstream.Info.Name
	failures, err := unknownFields(token, req.GetNews(), s.upstream.configShape())
	if err != nil || len(failures) > 0 {
		return &pulumirpc.CheckResponse{Failures: failures}, err
	}
	return s.ResourceProviderServer.CheckConfig(ctx, req)
}

// Invoke refuses unknown arguments of a function.
func (s *strictServer) Invoke(ctx context.Context, req *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	failures, err := unknownFields(req.GetTok(), req.GetArgs(), s.upstream.functionShape(req.GetTok()))
	if err != nil || len(failures) > 0 {
		return &pulumirpc.InvokeResponse{Failures: failures}, err
	}
	return s.ResourceProviderServer.Invoke(ctx, req)
}

func unknownFields(token string, raw *structpb.Struct, known *shape) ([]*pulumirpc.CheckFailure, error) {
	if known == nil { // not a type of this plugin: the bridge says so
		return nil, nil
	}
	props, err := plugin.UnmarshalProperties(raw, keepAll)
	if err != nil {
		return nil, fmt.Errorf("read the properties of %s: %w", token, err)
	}
	var out []*pulumirpc.CheckFailure
	for _, u := range known.unknown(props, "") {
		out = append(out, &pulumirpc.CheckFailure{
			Property: u.path,
			Reason:   fmt.Sprintf("%s has no property %q; it has: %s", token, u.path, u.allowed),
		})
	}
	return out, nil
}
