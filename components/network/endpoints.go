package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/internal/traffic"
)

// createS3Endpoint keeps traffic to S3 inside AWS; it costs nothing.
func (b *builder) createS3Endpoint() error {
	tables := pulumi.StringArray{}
	for _, table := range b.privateTables {
		tables = append(tables, table.ID())
	}
	endpoint, err := ec2.NewVpcEndpoint(b.Ctx, b.Child("endpoint-s3"), &ec2.VpcEndpointArgs{
		VpcId:           b.vpc.ID(),
		ServiceName:     pulumi.String(b.serviceName("s3")),
		VpcEndpointType: pulumi.String("Gateway"),
		RouteTableIds:   tables,
		Tags:            b.tags("s3"),
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("create S3 endpoint: %w", err)
	}
	b.S3PrefixListID = endpoint.PrefixListId
	return nil
}

func (b *builder) createInterfaceEndpoints() error {
	services := b.args.services()
	b.HasEndpoints = len(services) > 0
	if !b.HasEndpoints {
		b.EndpointSecurityGroupID = pulumi.String("").ToStringOutput()
		return nil
	}
	if err := b.createEndpointGroup(); err != nil {
		return err
	}
	for _, service := range services {
		if _, err := ec2.NewVpcEndpoint(b.Ctx, b.Child("endpoint-"+service), &ec2.VpcEndpointArgs{
			VpcId:             b.vpc.ID(),
			ServiceName:       pulumi.String(b.serviceName(service)),
			VpcEndpointType:   pulumi.String("Interface"),
			PrivateDnsEnabled: pulumi.Bool(true),
			SubnetIds:         ids(b.private),
			SecurityGroupIds:  pulumi.StringArray{b.EndpointSecurityGroupID},
			Tags:              b.tags(service),
		}, b.Options()...); err != nil {
			return fmt.Errorf("create %s endpoint: %w", service, err)
		}
	}
	return nil
}

// createEndpointGroup lets the VPC's own addresses in: private DNS leads whatever is in the VPC to its endpoints, also what
// others put there. Endpoints open no connections themselves.
func (b *builder) createEndpointGroup() error {
	group, err := traffic.New(b.Scope, traffic.Args{
		Suffix:      "endpoint",
		Name:        b.args.NamePrefix + "-endpoints",
		Description: "Interface endpoints of AWS services",
		VpcID:       b.vpc.ID().ToStringOutput(),
		ReachedBy:   []traffic.Peer{{Name: "vpc", Reason: "HTTPS from the VPC", Port: 443, Cidr: b.args.CidrBlock}},
	})
	if err != nil {
		return err
	}
	b.EndpointSecurityGroupID = group.ID
	return nil
}
