package network

import (
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// anywhere is the destination of a default route.
const anywhere = "0.0.0.0/0"

func (b *builder) createVpc() (err error) {
	b.vpc, err = ec2.NewVpc(b.Ctx, b.Child("vpc"), &ec2.VpcArgs{
		CidrBlock: pulumi.String(b.args.CidrBlock),
		// interface endpoints answer by their services' public names only with both
		EnableDnsHostnames: pulumi.Bool(true),
		EnableDnsSupport:   pulumi.Bool(true),
		Tags:               b.tags("vpc"),
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("create VPC: %w", err)
	}
	return nil
}

// closeDefaultGroup takes every rule from the group that comes with the VPC.
func (b *builder) closeDefaultGroup() error {
	_, err := ec2.NewDefaultSecurityGroup(b.Ctx, b.Child("default-group"), &ec2.DefaultSecurityGroupArgs{
		VpcId: b.vpc.ID(),
		Tags:  b.tags("closed-default"),
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("close default security group: %w", err)
	}
	return nil
}

func (b *builder) createSubnets() error {
	for _, tier := range []struct {
		name   string
		blocks []netip.Prefix
		made   *[]*ec2.Subnet
	}{
		{"public", b.plan.Public, &b.public},
		{"private", b.plan.Private, &b.private},
		{"database", b.plan.Database, &b.database},
	} {
		if tier.made == &b.public && !b.args.public() {
			continue
		}
		for i, zone := range b.zones {
			subnet, err := ec2.NewSubnet(b.Ctx, b.Child(tier.name+"-"+zone), &ec2.SubnetArgs{
				VpcId:               b.vpc.ID(),
				AvailabilityZone:    pulumi.String(zone),
				CidrBlock:           pulumi.String(tier.blocks[i].String()),
				MapPublicIpOnLaunch: pulumi.Bool(false),
				Tags:                b.tags(tier.name + "-" + zone),
				// the network interfaces of a function that is gone hold its subnet for so long
			}, b.Options(pulumi.Timeouts(&pulumi.CustomTimeouts{Delete: "45m"}))...)
			if err != nil {
				return fmt.Errorf("create %s subnet in %s: %w", tier.name, zone, err)
			}
			*tier.made = append(*tier.made, subnet)
		}
	}
	return nil
}

func (b *builder) routePublic() (err error) {
	if !b.args.public() {
		return nil
	}
	b.gateway, err = ec2.NewInternetGateway(b.Ctx, b.Child("gateway"), &ec2.InternetGatewayArgs{
		VpcId: b.vpc.ID(),
		Tags:  b.tags("gateway"),
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("create internet gateway: %w", err)
	}
	table, err := b.createTable("public", b.public)
	if err != nil {
		return err
	}
	if _, err := ec2.NewRoute(b.Ctx, b.Child("public-route"), &ec2.RouteArgs{
		RouteTableId:         table.ID(),
		DestinationCidrBlock: pulumi.String(anywhere),
		GatewayId:            b.gateway.ID(),
	}, b.Options()...); err != nil {
		return fmt.Errorf("create public route: %w", err)
	}
	return nil
}

// routePrivate gives each zone a route table of its own, so that a gateway per zone is a change of routes only.
func (b *builder) routePrivate() error {
	gateways, err := b.createNatGateways()
	if err != nil {
		return err
	}
	for i, zone := range b.zones {
		table, err := b.createTable("private-"+zone, b.private[i:i+1])
		if err != nil {
			return err
		}
		b.privateTables = append(b.privateTables, table)
		if len(gateways) == 0 {
			continue
		}
		if _, err := ec2.NewRoute(b.Ctx, b.Child("private-route-"+zone), &ec2.RouteArgs{
			RouteTableId:         table.ID(),
			DestinationCidrBlock: pulumi.String(anywhere),
			NatGatewayId:         gateways[i%len(gateways)].ID(),
		}, b.Options()...); err != nil {
			return fmt.Errorf("create private route for %s: %w", zone, err)
		}
	}
	return nil
}

func (b *builder) createNatGateways() ([]*ec2.NatGateway, error) {
	zones := b.zones
	switch b.args.nat() {
	case NatNone:
		return nil, nil
	case NatSingle:
		zones = zones[:1]
	}
	var gateways []*ec2.NatGateway
	b.NatAddresses = map[string]pulumi.StringOutput{}
	for i, zone := range zones {
		address, err := ec2.NewEip(b.Ctx, b.Child("nat-address-"+zone), &ec2.EipArgs{
			Domain: pulumi.String("vpc"),
			Tags:   b.tags("nat-" + zone),
		}, b.Options()...)
		if err != nil {
			return nil, fmt.Errorf("create NAT address for %s: %w", zone, err)
		}
		gateway, err := ec2.NewNatGateway(b.Ctx, b.Child("nat-"+zone), &ec2.NatGatewayArgs{
			AllocationId: address.ID(),
			SubnetId:     b.public[i].ID(),
			Tags:         b.tags("nat-" + zone),
			// a NAT gateway cannot be created before its VPC has an internet gateway (VPC user guide, NAT gateways)
		}, b.Options(pulumi.DependsOn([]pulumi.Resource{b.gateway}))...)
		if err != nil {
			return nil, fmt.Errorf("create NAT gateway for %s: %w", zone, err)
		}
		gateways = append(gateways, gateway)
		b.NatAddresses[zone] = address.PublicIp
	}
	return gateways, nil
}

// isolateDatabase gives the database subnets a table without any route, so that they never follow the VPC's main table.
func (b *builder) isolateDatabase() error {
	_, err := b.createTable("database", b.database)
	return err
}

// createTable makes a route table for subnets.
func (b *builder) createTable(suffix string, subnets []*ec2.Subnet) (*ec2.RouteTable, error) {
	table, err := ec2.NewRouteTable(b.Ctx, b.Child(suffix+"-table"), &ec2.RouteTableArgs{
		VpcId: b.vpc.ID(),
		Tags:  b.tags(suffix),
	}, b.Options()...)
	if err != nil {
		return nil, fmt.Errorf("create %s route table: %w", suffix, err)
	}
	for i, subnet := range subnets {
		name := b.Child(suffix + "-association")
		if len(subnets) > 1 {
			name += "-" + b.zones[i]
		}
		if _, err := ec2.NewRouteTableAssociation(b.Ctx, name, &ec2.RouteTableAssociationArgs{
			RouteTableId: table.ID(),
			SubnetId:     subnet.ID(),
		}, b.Options()...); err != nil {
			return nil, fmt.Errorf("associate %s route table: %w", suffix, err)
		}
	}
	return table, nil
}
