package service

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// groupNameLimit holds for security groups (EC2 CreateSecurityGroup, GroupName).
const groupNameLimit = 255

// network makes the tasks' security group and a rule per peer and direction.
func (b *builder) network() error {
	platform := b.args.Platform
	name := platform.Names.Scoped(groupNameLimit, b.args.Kind)
	group, err := ec2.NewSecurityGroup(b.Ctx, b.Child("group"), &ec2.SecurityGroupArgs{
		Name:        pulumi.String(name),
		Description: pulumi.Sprintf("Tasks of %s", b.name),
		VpcId:       platform.VpcID.ToStringOutput().ToStringPtrOutput(),
		Tags:        pulumi.StringMap{"Name": pulumi.String(name)},
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("create security group %s: %w", name, err)
	}
	b.group, b.SecurityGroupID = group, group.ID().ToStringOutput()
	for _, peer := range b.args.Reach {
		if err := b.egress("to-"+peer.Name, b.SecurityGroupID, peer); err != nil {
			return err
		}
		if peer.Both {
			if err := b.ingress("at-"+peer.Name, peer.Group, peer.mirror(b)); err != nil {
				return err
			}
		}
	}
	for _, peer := range b.args.ReachedBy {
		if err := b.ingress("from-"+peer.Name, b.SecurityGroupID, peer); err != nil {
			return err
		}
		if peer.Both {
			if err := b.egress("out-of-"+peer.Name, peer.Group, peer.mirror(b)); err != nil {
				return err
			}
		}
	}
	return nil
}

// mirror is this workload as the peer sees it.
func (p Peer) mirror(b *builder) Peer {
	return Peer{Name: p.Name, Reason: p.Reason, Port: p.Port, Group: b.SecurityGroupID}
}

func (b *builder) egress(suffix string, group pulumi.StringInput, peer Peer) error {
	rule, err := vpc.NewSecurityGroupEgressRule(b.Ctx, b.Child(suffix), &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId:           group,
		Description:               pulumi.String(peer.Reason),
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(peer.Port),
		ToPort:                    pulumi.Int(peer.Port),
		ReferencedSecurityGroupId: optional(peer.Group),
		PrefixListId:              optional(peer.PrefixList),
		CidrIpv4:                  optionalText(peer.Cidr),
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("allow %s %s: %w", b.name, suffix, err)
	}
	b.rules = append(b.rules, rule)
	return nil
}

func (b *builder) ingress(suffix string, group pulumi.StringInput, peer Peer) error {
	rule, err := vpc.NewSecurityGroupIngressRule(b.Ctx, b.Child(suffix), &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId:           group,
		Description:               pulumi.String(peer.Reason),
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(peer.Port),
		ToPort:                    pulumi.Int(peer.Port),
		ReferencedSecurityGroupId: optional(peer.Group),
		PrefixListId:              optional(peer.PrefixList),
		CidrIpv4:                  optionalText(peer.Cidr),
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("allow %s %s: %w", b.name, suffix, err)
	}
	b.rules = append(b.rules, rule)
	return nil
}

func optional(value pulumi.StringInput) pulumi.StringPtrInput {
	if value == nil {
		return nil
	}
	return value.ToStringOutput().ToStringPtrOutput()
}

func optionalText(value string) pulumi.StringPtrInput {
	if value == "" {
		return nil
	}
	return pulumi.String(value)
}
