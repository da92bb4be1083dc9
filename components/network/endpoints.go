package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
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
			SecurityGroupIds:  pulumi.StringArray{b.endpointGroup.ID()},
			Tags:              b.tags(service),
		}, b.Options()...); err != nil {
			return fmt.Errorf("create %s endpoint: %w", service, err)
		}
	}
	return nil
}

// createEndpointGroup lets the VPC's own addresses in on 443; answers need no rule, and endpoints open no connections.
func (b *builder) createEndpointGroup() (err error) {
	b.endpointGroup, err = ec2.NewSecurityGroup(b.Ctx, b.Child("endpoint-group"), &ec2.SecurityGroupArgs{
		VpcId:       b.vpc.ID(),
		Description: pulumi.String("Interface endpoints of AWS services"),
		Tags:        b.tags("endpoints"),
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("create endpoints' security group: %w", err)
	}
	if _, err := vpc.NewSecurityGroupIngressRule(b.Ctx, b.Child("endpoint-ingress"), &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: b.endpointGroup.ID(),
		Description:     pulumi.String("HTTPS from the VPC"),
		CidrIpv4:        pulumi.String(b.args.CidrBlock),
		IpProtocol:      pulumi.String("tcp"),
		FromPort:        pulumi.Int(443),
		ToPort:          pulumi.Int(443),
	}, b.Options()...); err != nil {
		return fmt.Errorf("open endpoints' security group: %w", err)
	}
	b.EndpointSecurityGroupID = b.endpointGroup.ID().ToStringOutput()
	return nil
}
