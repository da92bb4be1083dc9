package main

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// network is the one that you have: for Dagster private subnets in two zones that lead to AWS's APIs.
type network struct {
	vpcID   pulumi.StringInput
	private pulumi.StringArray
}

// buildNetwork makes a network with one public subnet, for the way out, and two private ones.
func buildNetwork(ctx *pulumi.Context) (network, error) {
	vpc, err := ec2.NewVpc(ctx, "own", &ec2.VpcArgs{CidrBlock: pulumi.String("10.90.0.0/16"), EnableDnsHostnames: pulumi.Bool(true)})
	if err != nil {
		return network{}, fmt.Errorf("make the network: %w", err)
	}
	zones, err := aws.GetAvailabilityZones(ctx, &aws.GetAvailabilityZonesArgs{State: pulumi.StringRef("available")})
	if err != nil {
		return network{}, fmt.Errorf("list the zones: %w", err)
	}
	n := network{vpcID: vpc.ID()}
	out, err := wayOut(ctx, vpc, zones.Names[0])
	if err != nil {
		return network{}, err
	}
	for i, zone := range zones.Names[:2] {
		subnet, err := subnet(ctx, fmt.Sprintf("private-%d", i), vpc, zone, i+1, &ec2.RouteTableRouteArgs{
			CidrBlock: pulumi.String("0.0.0.0/0"), NatGatewayId: out.ID(),
		})
		if err != nil {
			return network{}, err
		}
		n.private = append(n.private, subnet)
	}
	return n, nil
}

// wayOut makes the NAT gateway in a public subnet.
func wayOut(ctx *pulumi.Context, vpc *ec2.Vpc, zone string) (*ec2.NatGateway, error) {
	internet, err := ec2.NewInternetGateway(ctx, "own", &ec2.InternetGatewayArgs{VpcId: vpc.ID()})
	if err != nil {
		return nil, fmt.Errorf("make the internet gateway: %w", err)
	}
	public, err := subnet(ctx, "public", vpc, zone, 0, &ec2.RouteTableRouteArgs{
		CidrBlock: pulumi.String("0.0.0.0/0"), GatewayId: internet.ID(),
	})
	if err != nil {
		return nil, err
	}
	address, err := ec2.NewEip(ctx, "own", &ec2.EipArgs{Domain: pulumi.String("vpc")})
	if err != nil {
		return nil, fmt.Errorf("make the address: %w", err)
	}
	nat, err := ec2.NewNatGateway(ctx, "own", &ec2.NatGatewayArgs{AllocationId: address.ID(), SubnetId: public})
	if err != nil {
		return nil, fmt.Errorf("make the NAT gateway: %w", err)
	}
	return nat, nil
}

// subnet makes a subnet with a route, and gives its id once the route is there.
func subnet(
	ctx *pulumi.Context, name string, vpc *ec2.Vpc, zone string, number int, route *ec2.RouteTableRouteArgs,
) (pulumi.StringInput, error) {
	made, err := ec2.NewSubnet(ctx, name, &ec2.SubnetArgs{
		VpcId: vpc.ID(), AvailabilityZone: pulumi.String(zone), CidrBlock: pulumi.String(fmt.Sprintf("10.90.%d.0/24", number)),
	})
	if err != nil {
		return nil, fmt.Errorf("make the subnet %s: %w", name, err)
	}
	table, err := ec2.NewRouteTable(ctx, name, &ec2.RouteTableArgs{VpcId: vpc.ID(), Routes: ec2.RouteTableRouteArray{route}})
	if err != nil {
		return nil, fmt.Errorf("make the routes of %s: %w", name, err)
	}
	routed, err := ec2.NewRouteTableAssociation(ctx, name, &ec2.RouteTableAssociationArgs{SubnetId: made.ID(), RouteTableId: table.ID()})
	if err != nil {
		return nil, fmt.Errorf("route the subnet %s: %w", name, err)
	}
	return routed.SubnetId.Elem(), nil
}
