package config

import (
	"fmt"
	"slices"

	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
	"dagster-ecs/internal/subnets"
)

// Network is the VPC: a new one, or the ids of an existing one.
type Network struct {
	// Cidr is the private address range of a new VPC, /16 to /22. Each run takes one address of the private subnets.
	Cidr string `setting:"cidr"`

	// Zones is the number of availability zones of a new VPC, 2 or 3. A load balancer needs two; us-west-1 has two per
	// account.
	Zones int `setting:"zones"`

	// Nat is how the private subnets of a new VPC reach the internet: not at all, through one gateway for all zones, or
	// through one in each. With none, interface endpoints lead to AWS and nothing leads elsewhere.
	Nat rules.NatMode `setting:"nat"`

	// Endpoints are AWS services, such as ecr.api, that tasks in a new VPC reach by an interface endpoint though there is a
	// NAT gateway. Each costs by the hour and zone. With nat none, all that the program's tasks need are there without it.
	Endpoints []string `setting:"endpoints"`

	// VpcID is the id of an existing VPC. With it the ids of its subnets are required, and cidr, zones, nat and endpoints
	// must be left out.
	VpcID string `setting:"vpcId"`

	// PrivateSubnetIDs are existing subnets for the tasks, in two zones at least.
	PrivateSubnetIDs []string `setting:"privateSubnetIds"`

	// DatabaseSubnetIDs are existing subnets for the database, in two zones at least.
	DatabaseSubnetIDs []string `setting:"databaseSubnetIds"`

	// PublicSubnetIDs are existing subnets for an internet-facing load balancer, in two zones at least and none of them
	// private. Needed only with webserver.access internet-facing.
	PublicSubnetIDs []string `setting:"publicSubnetIds"`
}

// Existing tells whether an existing network is used.
func (n Network) Existing() bool { return n.VpcID != "" }

func defaultNetwork(profile Profile) Network {
	network := Network{Cidr: "10.64.0.0/16", Zones: 2, Nat: rules.NatSingle}
	if profile == ProfileProd {
		network.Nat = rules.NatPerZone
	}
	return network
}

func (s Settings) validateNetwork(list *problems.List) {
	if s.Network.Existing() {
		s.validateExistingNetwork(list)
		return
	}
	n := s.Network
	list.Take("dagster:network.cidr", rules.VpcRange(n.Cidr))
	list.Take("dagster:network.zones", rules.Zones(n.Zones))
	list.Take("dagster:network.endpoints", rules.EndpointServices(n.Endpoints))
	list.Check(len(n.PrivateSubnetIDs)+len(n.DatabaseSubnetIDs)+len(n.PublicSubnetIDs) == 0, "dagster:network.vpcId",
		"is required with ids of subnets")
}

func (s Settings) validateExistingNetwork(list *problems.List) {
	n := s.Network
	list.Take("dagster:network.vpcId", rules.VpcID(n.VpcID))
	list.Take("dagster:network.privateSubnetIds", rules.SubnetIDs(n.PrivateSubnetIDs))
	list.Take("dagster:network.databaseSubnetIds", rules.SubnetIDs(n.DatabaseSubnetIDs))
	if len(n.PublicSubnetIDs) > 0 || s.Webserver.Access == rules.AccessInternetFacing {
		list.Take("dagster:network.publicSubnetIds", rules.SubnetIDs(n.PublicSubnetIDs))
	}
	for i, id := range n.PublicSubnetIDs {
		both := id != "" && (slices.Contains(n.PrivateSubnetIDs, id) || slices.Contains(n.DatabaseSubnetIDs, id))
		list.Check(!both, fmt.Sprintf("dagster:network.publicSubnetIds[%d]", i),
			"%q: is private or the database's as well; a subnet has a route to an internet gateway or not", id)
	}
}

// imageWithinReach checks that the image can be pulled where there is no way to the internet.
func imageWithinReach(s Settings) error {
	if s.Network.Existing() || s.Network.Nat != rules.NatNone {
		return nil
	}
	return rules.ImageWithoutInternet(s.Image, s.Region)
}

// enoughAddresses checks that tasks, load balancer and endpoints find addresses in the private subnets of a new VPC.
func enoughAddresses(s Settings) error {
	n := s.Network
	plan, err := subnets.Divide(n.Cidr, n.Zones)
	if n.Existing() || err != nil {
		return nil // the rules of the two have said so
	}
	needed := capacity.Addresses(capacity.Tenants{
		Runs: s.Runs.MaxConcurrent, Webservers: s.Webserver.MaxInstances, Zones: n.Zones,
		Endpoints: len(subnets.Endpoints(n.Nat, n.Endpoints)), Balancer: s.Webserver.Access == rules.AccessInternal,
		Gateway: s.Database.Connection.Via == rules.ConnectionGateway, Monitor: s.Monitoring.Enabled,
		Maintenance: s.Retention.Enabled,
	})
	if free := plan.PrivateAddresses(); needed > free {
		return fmt.Errorf("%q: has %d addresses for tasks; with runs.maxConcurrent %d up to %d are needed",
			n.Cidr, free, s.Runs.MaxConcurrent, needed)
	}
	return nil
}
