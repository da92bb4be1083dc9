package pulumitest

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// engine speaks the engine's side of the protocol on a port of this machine. The SDK's own mocks would be less code, but
// they cannot bear a secret that is unknown, which every first preview of this program has.
type engine struct {
	pulumirpc.UnimplementedResourceMonitorServer
	pulumirpc.UnimplementedEngineServer
	recorder *Recorder
}

// keepAll reads property values as they were sent.
var keepAll = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true}

// serve runs body with the address of an engine for the recorder.
func serve(r *Recorder, body func(address string) error) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the program: %w", err)
	}
	server := grpc.NewServer()
	e := &engine{recorder: r}
	pulumirpc.RegisterResourceMonitorServer(server, e)
	pulumirpc.RegisterEngineServer(server, e)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	err = body(listener.Addr().String())
	server.Stop()
	if stopped := <-served; err == nil {
		err = stopped
	}
	return err
}

// GetDeploymentInfo tells the SDK how to send values.
func (e *engine) GetDeploymentInfo(context.Context, *emptypb.Empty) (*pulumirpc.DeploymentInfo, error) {
	return &pulumirpc.DeploymentInfo{
		Project: project,
		Stack:   e.recorder.stack,
		SupportedFeatures: []pulumirpc.ResourceMonitorFeature{
			pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_SECRETS,
			pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
			pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
			pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_DELETED_WITH,
			pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
		},
	}, nil
}

// RegisterResource records a registration and answers as its provider would.
func (e *engine) RegisterResource(
	_ context.Context, in *pulumirpc.RegisterResourceRequest,
) (*pulumirpc.RegisterResourceResponse, error) {
	urn := newURN(e.recorder.stack, in)
	if in.GetType() == string(resource.RootStackType) {
		return &pulumirpc.RegisterResourceResponse{Urn: urn}, nil
	}
	inputs, err := plugin.UnmarshalProperties(in.GetObject(), keepAll)
	if err != nil {
		return nil, fmt.Errorf("read inputs of %s %s: %w", in.GetType(), in.GetName(), err)
	}
	recorded := record(in, urn, inputs)
	e.recorder.add(recorded)
	id, state := e.recorder.answer(recorded, in.GetImportId())
	object, err := plugin.MarshalProperties(state, keepAll)
	if err != nil {
		return nil, fmt.Errorf("send outputs of %s %s: %w", in.GetType(), in.GetName(), err)
	}
	return &pulumirpc.RegisterResourceResponse{Urn: urn, Id: id, Object: object}, nil
}

// RegisterResourceHook takes a hook, which is never called: there is no engine that creates or changes anything.
func (*engine) RegisterResourceHook(context.Context, *pulumirpc.RegisterResourceHookRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// RegisterResourceOutputs records what a component gives out.
func (e *engine) RegisterResourceOutputs(
	_ context.Context, in *pulumirpc.RegisterResourceOutputsRequest,
) (*emptypb.Empty, error) {
	outputs, err := plugin.UnmarshalProperties(in.GetOutputs(), keepAll)
	if err != nil {
		return nil, fmt.Errorf("read outputs of %s: %w", in.GetUrn(), err)
	}
	e.recorder.close(in.GetUrn(), outputs)
	return &emptypb.Empty{}, nil
}

// Invoke answers a provider's function, or fails.
func (e *engine) Invoke(
	_ context.Context, in *pulumirpc.ResourceInvokeRequest,
) (*pulumirpc.ResourceInvokeResponse, error) {
	function, ok := e.recorder.functions[in.GetTok()]
	if !ok {
		return nil, fmt.Errorf("function %s has no answer in this test", in.GetTok())
	}
	args, err := plugin.UnmarshalProperties(in.GetArgs(), keepAll)
	if err != nil {
		return nil, fmt.Errorf("read arguments of %s: %w", in.GetTok(), err)
	}
	result, err := function(args)
	if err != nil {
		return nil, fmt.Errorf("answer %s: %w", in.GetTok(), err)
	}
	var sent *structpb.Struct
	if sent, err = plugin.MarshalProperties(result, keepAll); err != nil {
		return nil, fmt.Errorf("send result of %s: %w", in.GetTok(), err)
	}
	return &pulumirpc.ResourceInvokeResponse{Return: sent}, nil
}

// SignalAndWaitForShutdown lets the program end.
func (*engine) SignalAndWaitForShutdown(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// Log records warnings and drops all else that the program logs; its errors come back from the program itself.
func (e *engine) Log(_ context.Context, in *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	if in.GetSeverity() == pulumirpc.LogSeverity_WARNING {
		e.recorder.warn(in.GetMessage())
	}
	return &emptypb.Empty{}, nil
}

// run runs a program against the engine at an address. The settings stand in the environment as well, where a program
// finds the names of all.
func (r *Recorder) run(program pulumi.RunFunc, address string) error {
	settings, err := json.Marshal(r.config)
	if err != nil {
		return fmt.Errorf("encode settings: %w", err)
	}
	if err := os.Setenv(pulumi.EnvConfig, string(settings)); err != nil {
		return fmt.Errorf("hand on settings: %w", err)
	}
	defer os.Unsetenv(pulumi.EnvConfig)
	return pulumi.RunErr(program, func(info *pulumi.RunInfo) {
		info.Project, info.Stack, info.RootDirectory, info.DryRun = project, r.stack, r.root, r.unknown
		info.Config, info.ConfigSecretKeys = r.config, r.secrets
		info.MonitorAddr, info.EngineAddr = address, address
	})
}
