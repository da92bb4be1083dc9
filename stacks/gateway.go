package stacks

import (
	"dagster-ecs/components/daemon"
	"dagster-ecs/components/gateway"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/rules"
)

// gatewayMemory is the least that Fargate has, in MiB.
const gatewayMemory = 512

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
		CPU:    capacity.GatewayCPU,
		Memory: gatewayMemory,
		Log:    s.logs.Groups[daemon.Kind],
		Reach:  s.outward(),
	}}, s.withAws())
	return err
}
