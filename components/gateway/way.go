package gateway

import (
	"context"
	"fmt"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"

	"dagster-ecs/internal/taskrun"
	"dagster-ecs/internal/tunnel"
)

// open are the tunnels of this process, which end with it or by Close.
var open struct {
	sync.Mutex
	tunnels []*tunnel.Tunnel
}

// Close ends the ways that hooks have opened, and stops their tasks. A program calls it when it has ended; where it does not
// come to it, the tasks are stopped as well.
func Close() error {
	open.Lock()
	defer open.Unlock()
	var failed error
	for _, each := range open.tunnels {
		if err := each.Close(); err != nil {
			failed = err
		}
	}
	open.tunnels = nil
	return failed
}

// way is a way that a hook opens.
type way struct {
	gateway  *Gateway
	ctx      *pulumi.Context
	computed pulumi.ArrayOutput
	port     int
	local    int

	once   sync.Once
	failed error
}

// Way gives a resource hook that opens a way from localPort of this machine to a port of a host in the network. It is to be
// called before each resource behind it is made or changed, which depends on the gateway; the first call opens the way, the
// others wait for that, and what failed once fails all.
func (g *Gateway) Way(ctx *pulumi.Context, name string, host pulumi.StringInput, port, localPort int) (*pulumi.ResourceHook, error) {
	w := &way{
		gateway: g, ctx: ctx, port: port, local: localPort,
		computed: pulumi.All(g.TaskDefinitionArn, g.SecurityGroupID, g.args.Spec.Platform.Subnets, host),
	}
	hook, err := ctx.RegisterResourceHook(name, func(*pulumi.ResourceHookArgs) error {
		w.once.Do(func() { w.failed = w.open(ctx.Context()) })
		return w.failed
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("register the hook %s: %w", name, err)
	}
	return hook, nil
}

func (w *way) open(ctx context.Context) error {
	result, err := internals.UnsafeAwaitOutput(ctx, w.computed)
	if err != nil {
		return fmt.Errorf("learn what AWS gave the gateway: %w", err)
	}
	values, _ := result.Value.([]any)
	if !result.Known || len(values) != 4 {
		return fmt.Errorf("learn what AWS gave the gateway: it is not known yet")
	}
	platform := w.gateway.args.Spec.Platform
	gate := tunnel.Gateway{Region: platform.Location.Region, Target: taskrun.Target{Cluster: platform.Cluster.Name}, Tell: w.tell}
	gate.Target.Definition, _ = values[0].(string)
	gate.Target.Group, _ = values[1].(string)
	gate.Target.Subnets, _ = values[2].([]string)
	host, _ := values[3].(string)
	far := gate.Far(host, w.port)
	if tunnel.Leads(w.local, far) {
		w.tell(fmt.Sprintf("the tunnel that is open at port %d is taken", w.local))
		return nil
	}
	opened, err := tunnel.Listen(ctx, w.local, far, func(ctx context.Context) (tunnel.Way, error) {
		return gate.Open(ctx, host, w.port)
	}, w.tell)
	if err != nil {
		return fmt.Errorf("%w: end what listens there, or choose another port (dagster:database.connection.localPort)", err)
	}
	open.Lock()
	open.tunnels = append(open.tunnels, opened)
	open.Unlock()
	return opened.Open(ctx)
}

// tell tells a person; a line that does not reach them changes nothing of what happens.
func (w *way) tell(text string) {
	_ = w.ctx.Log.Info(text, &pulumi.LogArgs{Resource: w.gateway})
}
