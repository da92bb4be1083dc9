package network

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/flowlog"
	"dagster-ecs/internal/subnets"
)

// TypeToken is the component's type in Pulumi's state.
const TypeToken = "dagster-ecs:network:Network"

// Network is a VPC with its subnets and ways out, built or taken over.
type Network struct {
	pulumi.ResourceState

	// VpcID is the id of the VPC.
	VpcID pulumi.StringOutput
	// CidrBlock is the VPC's IPv4 range, known at plan time.
	CidrBlock string
	// PublicSubnetIDs are for internet-facing load balancers, one per zone. Empty where neither a NAT gateway nor a load
	// balancer needs them.
	PublicSubnetIDs pulumi.StringArrayOutput
	// PrivateSubnetIDs are for tasks and internal load balancers, one per zone.
	PrivateSubnetIDs pulumi.StringArrayOutput
	// DatabaseSubnetIDs have no route out, one per zone.
	DatabaseSubnetIDs pulumi.StringArrayOutput
	// S3PrefixListID names S3's addresses in the region, for egress rules. Empty in an existing network.
	S3PrefixListID pulumi.StringOutput
	// EndpointSecurityGroupID guards the interface endpoints. Empty without endpoints.
	EndpointSecurityGroupID pulumi.StringOutput
	// HasEndpoints tells whether interface endpoints were made.
	HasEndpoints bool
	// NatAddresses are the NAT gateways' public addresses by zone: who reaches the internet from the private subnets comes
	// from one of them. Empty without NAT, and in an existing network, of which they are not known.
	NatAddresses map[string]pulumi.StringOutput
	// HasNat tells whether private subnets reach the internet, as far as it is known: an existing network is taken to.
	HasNat bool
}

type builder struct {
	*component.Scope
	*Network
	args  *Args
	plan  subnets.Plan
	zones []string
	// one per zone, in the order of the zones
	public, private, database []*ec2.Subnet
	privateTables             []*ec2.RouteTable
	gateway                   *ec2.InternetGateway
	vpc                       *ec2.Vpc
}

// New builds the network or takes over an existing one.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Network, error) {
	network := &Network{}
	scope, err := component.Open(ctx, TypeToken, name, network, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Network: network, args: args}
	steps := []func() error{
		b.findZones, b.createVpc, b.closeDefaultGroup, b.createSubnets, b.routePublic, b.routePrivate, b.isolateDatabase,
		b.createS3Endpoint, b.createInterfaceEndpoints, b.recordFlows, b.setOutputs,
	}
	if args.Existing != nil {
		steps = []func() error{b.takeOver}
	}
	if err := scope.Run(steps...); err != nil {
		return nil, err
	}
	return network, scope.Close(pulumi.Map{
		"vpcId":                   network.VpcID,
		"cidrBlock":               pulumi.String(network.CidrBlock),
		"publicSubnetIds":         network.PublicSubnetIDs,
		"privateSubnetIds":        network.PrivateSubnetIDs,
		"databaseSubnetIds":       network.DatabaseSubnetIDs,
		"s3PrefixListId":          network.S3PrefixListID,
		"endpointSecurityGroupId": network.EndpointSecurityGroupID,
	})
}

// takeOver looks an existing network up.
func (b *builder) takeOver() error {
	existing := b.args.Existing
	vpc, err := ec2.LookupVpc(b.Ctx, &ec2.LookupVpcArgs{Id: &existing.VpcID}, pulumi.Parent(b.Parent()))
	if err != nil {
		return fmt.Errorf("look up VPC %s: %w", existing.VpcID, err)
	}
	b.VpcID = pulumi.String(existing.VpcID).ToStringOutput()
	b.CidrBlock = vpc.CidrBlock
	b.PublicSubnetIDs = pulumi.ToStringArray(existing.PublicSubnetIDs).ToStringArrayOutput()
	b.PrivateSubnetIDs = pulumi.ToStringArray(existing.PrivateSubnetIDs).ToStringArrayOutput()
	b.DatabaseSubnetIDs = pulumi.ToStringArray(existing.DatabaseSubnetIDs).ToStringArrayOutput()
	b.S3PrefixListID = pulumi.String("").ToStringOutput()
	b.EndpointSecurityGroupID = pulumi.String("").ToStringOutput()
	b.HasNat = true
	return nil
}

// zonesWithoutFargate are told by their ids: an account's names for zones are its own (ECS developer guide, Supported
// Regions for Amazon ECS on AWS Fargate).
var zonesWithoutFargate = []string{"usw1-az2", "apne1-az3", "cnn1-az3", "cnn1-az4"}

// findZones takes the region's first zones by name; asked of AWS, since accounts see different ones.
func (b *builder) findZones() error {
	state := "available"
	found, err := aws.GetAvailabilityZones(b.Ctx, &aws.GetAvailabilityZonesArgs{
		State: &state,
		// local zones and Wavelength zones have no Fargate
		Filters: []aws.GetAvailabilityZonesFilter{{Name: "opt-in-status", Values: []string{"opt-in-not-required"}}},
	}, pulumi.Parent(b.Parent()))
	if err != nil {
		return fmt.Errorf("look up availability zones: %w", err)
	}
	var offered []string
	for i, name := range found.Names {
		if i >= len(found.ZoneIds) || !slices.Contains(zonesWithoutFargate, found.ZoneIds[i]) {
			offered = append(offered, name)
		}
	}
	if len(offered) < b.args.Zones {
		return fmt.Errorf("look up availability zones: %d are wanted and %s offers this account %d with Fargate",
			b.args.Zones, b.args.Location.Region, len(offered))
	}
	b.zones = offered[:b.args.Zones]
	b.plan, err = subnets.Divide(b.args.CidrBlock, b.args.Zones)
	return err
}

func (b *builder) recordFlows() error {
	return flowlog.New(b.Scope, flowlog.Args{
		VpcID:         b.vpc.ID(),
		NamePrefix:    b.args.NamePrefix,
		Location:      b.args.Location,
		RetentionDays: b.args.FlowLogs.retentionDays(),
		Keep:          b.args.FlowLogs.Keep,
	})
}

func (b *builder) setOutputs() error {
	b.VpcID = b.vpc.ID().ToStringOutput()
	b.CidrBlock = b.args.CidrBlock
	b.PublicSubnetIDs = ids(b.public)
	if b.gateway != nil {
		b.PublicSubnetIDs = b.behindGateway(b.PublicSubnetIDs)
	}
	b.PrivateSubnetIDs = ids(b.private)
	b.DatabaseSubnetIDs = ids(b.database)
	b.HasNat = b.args.nat() != NatNone
	return nil
}

func ids(created []*ec2.Subnet) pulumi.StringArrayOutput {
	list := pulumi.StringArray{}
	for _, subnet := range created {
		list = append(list, subnet.ID())
	}
	return list.ToStringArrayOutput()
}

// behindGateway makes whoever uses the subnets wait for the internet gateway: an internet-facing load balancer cannot be
// created before its VPC has one.
func (b *builder) behindGateway(public pulumi.StringArrayOutput) pulumi.StringArrayOutput {
	return pulumi.All(public, b.gateway.ID()).ApplyT(func(all []any) []string {
		return all[0].([]string)
	}).(pulumi.StringArrayOutput)
}

// tags name a resource in AWS's console.
func (b *builder) tags(suffix string) pulumi.StringMap {
	return pulumi.StringMap{"Name": pulumi.String(b.args.NamePrefix + "-" + suffix)}
}

// serviceName is a service's name at its endpoint in the region.
func (b *builder) serviceName(service string) string {
	return "com.amazonaws." + b.args.Location.Region + "." + service
}
