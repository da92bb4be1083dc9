// Package traffic makes security groups whose rules are named: each has the other end, one port and a reason.
//
// It owns the group and a rule per peer and direction, and where the peer's owner knows nothing of this group also the
// matching rule there. It refuses traffic without a name, a reason or exactly one other end.
package traffic

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Peer is the other end of allowed traffic. Exactly one of Group, PrefixList, Cidr and Address says what it is.
type Peer struct {
	// Name names the rule and is unique in its direction; part of the rule's logical name, so API.
	Name string
	// Reason is the rule's description: letters, digits, spaces and ._-:/()#,@[]+=&;{}!$* only.
	Reason string
	// Port is the TCP port that is connected to; required.
	Port int
	// Group is a security group.
	Group pulumi.StringInput
	// PrefixList is an AWS-managed prefix list, such as S3's.
	PrefixList pulumi.StringInput
	// Cidr is an IPv4 range.
	Cidr string
	// Address is one IPv4 address, of something that is made by the same program.
	Address pulumi.StringInput
	// Both adds the matching rule to the peer's Group as well, where its owner knows nothing of this workload.
	Both bool
}

// validate reports everything that is wrong.
func (p Peer) validate() error {
	var list problems.List
	list.Required("Name", p.Name)
	list.Take("Reason", rules.TrafficReason(p.Reason))
	list.Take("Port", rules.Port(p.Port))
	if p.Cidr != "" {
		list.Take("Cidr", rules.IPv4Range(p.Cidr))
	}
	kinds := 0
	for _, given := range []bool{p.Group != nil, p.PrefixList != nil, p.Cidr != "", p.Address != nil} {
		if given {
			kinds++
		}
	}
	list.Check(kinds == 1, "Group", "exactly one of Group, PrefixList, Cidr and Address is needed")
	list.Check(!p.Both || p.Group != nil, "Both", "only a Group can get the matching rule")
	return list.Err()
}

// Check notes what is wrong with the peers of one direction, doubled names included.
func Check(list *problems.List, direction string, peers []Peer) {
	seen := map[string]bool{}
	for _, peer := range peers {
		list.Take(direction+" "+peer.Name, peer.validate())
		list.Check(!seen[peer.Name], direction, "name %q is there twice", peer.Name)
		seen[peer.Name] = true
	}
}

// Args describes a group.
type Args struct {
	// Suffix says whose group it is and begins the logical names: <suffix>-group, and <suffix>-to-<peer> and so on for
	// the rules; required.
	Suffix string
	// Name is the physical name; required.
	Name string
	// Description says whose group it is; required. Changing it replaces the group.
	Description string
	// VpcID is where the group is; required.
	VpcID pulumi.StringInput
	// Reach is where connections go, ReachedBy where they come from. Default nowhere.
	Reach, ReachedBy []Peer
	// Options are further options of the group itself.
	Options []pulumi.ResourceOption
}

// Group is a security group with its rules.
type Group struct {
	// ID is the group's id.
	ID pulumi.StringOutput
	// Rules are what has to be there before traffic passes.
	Rules []pulumi.Resource

	scope  *component.Scope
	suffix string
}

// New makes a group and its rules under the component of the scope. The rules' logical names are <suffix>-to-<peer> and
// <suffix>-from-<peer>, and on the other side <suffix>-at-<peer> and <suffix>-out-of-<peer>.
func New(scope *component.Scope, args Args) (*Group, error) {
	made, err := ec2.NewSecurityGroup(scope.Ctx, scope.Child(args.Suffix+"-group"), &ec2.SecurityGroupArgs{
		Name:        pulumi.String(args.Name),
		Description: pulumi.String(args.Description),
		VpcId:       args.VpcID.ToStringOutput().ToStringPtrOutput(),
		Tags:        pulumi.StringMap{"Name": pulumi.String(args.Name)},
	}, scope.Options(args.Options...)...)
	if err != nil {
		return nil, fmt.Errorf("create security group %s: %w", args.Name, err)
	}
	group := &Group{ID: made.ID().ToStringOutput(), scope: scope, suffix: args.Suffix}
	for _, peer := range args.Reach {
		if err := group.allow(group.egress, "to", group.ingress, "at", peer); err != nil {
			return nil, err
		}
	}
	for _, peer := range args.ReachedBy {
		if err := group.allow(group.ingress, "from", group.egress, "out-of", peer); err != nil {
			return nil, err
		}
	}
	return group, nil
}

// rule makes a rule of a group in one direction.
type rule func(name string, group pulumi.StringInput, peer Peer) (pulumi.Resource, error)

// allow makes the rule of this group, and the one on the other side where it is asked for.
func (g *Group) allow(here rule, direction string, there rule, otherDirection string, peer Peer) error {
	made, err := here(g.child(direction, peer), g.ID, peer)
	if err != nil {
		return fmt.Errorf("allow %s %s: %w", direction, peer.Name, err)
	}
	g.Rules = append(g.Rules, made)
	if !peer.Both {
		return nil
	}
	mirror := Peer{Name: peer.Name, Reason: peer.Reason, Port: peer.Port, Group: g.ID}
	other, err := there(g.child(otherDirection, peer), peer.Group, mirror)
	if err != nil {
		return fmt.Errorf("allow %s %s: %w", otherDirection, peer.Name, err)
	}
	g.Rules = append(g.Rules, other)
	return nil
}

func (g *Group) child(direction string, peer Peer) string {
	return g.scope.Child(g.suffix + "-" + direction + "-" + peer.Name)
}

func (g *Group) egress(name string, group pulumi.StringInput, peer Peer) (pulumi.Resource, error) {
	return vpc.NewSecurityGroupEgressRule(g.scope.Ctx, name, &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId:           group,
		Description:               pulumi.String(peer.Reason),
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(peer.Port),
		ToPort:                    pulumi.Int(peer.Port),
		ReferencedSecurityGroupId: optional(peer.Group),
		PrefixListId:              optional(peer.PrefixList),
		CidrIpv4:                  peer.cidr(),
	}, g.scope.Options()...)
}

func (g *Group) ingress(name string, group pulumi.StringInput, peer Peer) (pulumi.Resource, error) {
	return vpc.NewSecurityGroupIngressRule(g.scope.Ctx, name, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId:           group,
		Description:               pulumi.String(peer.Reason),
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(peer.Port),
		ToPort:                    pulumi.Int(peer.Port),
		ReferencedSecurityGroupId: optional(peer.Group),
		PrefixListId:              optional(peer.PrefixList),
		CidrIpv4:                  peer.cidr(),
	}, g.scope.Options()...)
}

func optional(value pulumi.StringInput) pulumi.StringPtrInput {
	if value == nil {
		return nil
	}
	return value.ToStringOutput().ToStringPtrOutput()
}

// cidr is the peer's range, or its address as one.
func (p Peer) cidr() pulumi.StringPtrInput {
	switch {
	case p.Address != nil:
		return pulumi.Sprintf("%s/32", p.Address).ToStringPtrOutput()
	case p.Cidr != "":
		return pulumi.String(p.Cidr)
	}
	return nil
}
