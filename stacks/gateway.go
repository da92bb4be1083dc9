package stacks

import (
	"dagster-ecs/components/daemon"
	"dagster-ecs/components/gateway"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/rules"
)

// gatewayCPU and gatewayMemory, in Fargate's units and MiB, are the least: the gateway passes on what others say.
const gatewayCPU, gatewayMemory = 256, 512

// buildGateway makes the way in for who deploys from outside of the network, unless they have one of their own.
func (s *stack) buildGateway() (err error) {
	if s.settings.Database.Connection.Via == rules.ConnectionDirect {
		return nil
	}
	s.gateway, err = gateway.New(s.ctx, "gateway", &gateway.Args{Spec: workload.Spec{
		Platform: workload.Platform{
			Names: s.names, Location: s.location, Cluster: s.cluster.Ref,
			VpcID: s.network.VpcID, Subnets: s.network.PrivateSubnetIDs,
		},
		Image:  s.settings.Image,
		CPU:    gatewayCPU,
		Memory: gatewayMemory,
		Log:    s.logs.Groups[daemon.Kind],
		Reach:  s.outward(),
	}}, s.withAws())
	return err
}
