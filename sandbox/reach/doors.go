package reach

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// discard is a port at which nothing listens (RFC 863).
const discard = 9

// Door is a security group rule, a route or a VPC endpoint of a stack. It can be taken away and put back, and keeps its
// id meanwhile: the stack's state stays true.
type Door struct {
	// Name is the logical name.
	Name string
	// table is the route table that a route is of.
	table string

	away, back func(context.Context, *ec2.Client) error
}

// doors are those that a stack's state has, by name.
func doors(state []apitype.ResourceV3) (found []Door) {
	for _, r := range state {
		o := outputs(r.Outputs)
		door := Door{Name: r.URN.Name()}
		switch string(r.Type) {
		case "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":
			door.away, door.back = rule(string(r.ID), o, discard), rule(string(r.ID), o, o.number("fromPort"))
		case "aws:ec2/route:Route":
			door.table = o.text("routeTableId")
			door.away, door.back = route(o)
		case "aws:ec2/vpcEndpoint:VpcEndpoint":
			door.away, door.back = endpoint(string(r.ID), o)
		default:
			continue
		}
		found = append(found, door)
	}
	slices.SortFunc(found, func(a, b Door) int { return strings.Compare(a.Name, b.Name) })
	return found
}

// outputs are a resource's, as its provider gave them.
type outputs map[string]any

func (o outputs) text(key string) string {
	text, _ := o[key].(string)
	return text
}

// pointer is a text, or nil where there is none.
func (o outputs) pointer(key string) *string {
	if text := o.text(key); text != "" {
		return &text
	}
	return nil
}

// https says of a stack's outputs whether the UI is at HTTPS.
func (o outputs) https() bool { return strings.HasPrefix(o.text("url"), "https:") }

func (o outputs) number(key string) int32 {
	number, _ := o[key].(float64)
	return int32(number)
}

func (o outputs) list(key string) (list []string) {
	values, _ := o[key].([]any)
	for _, each := range values {
		list = append(list, fmt.Sprint(each))
	}
	return list
}

// rule gives a rule this port. The program has rules of one TCP port only.
func rule(id string, o outputs, port int32) func(context.Context, *ec2.Client) error {
	return func(ctx context.Context, client *ec2.Client) error {
		_, err := client.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{
			GroupId: o.pointer("securityGroupId"),
			SecurityGroupRules: []types.SecurityGroupRuleUpdate{{SecurityGroupRuleId: aws.String(id), SecurityGroupRule: &types.SecurityGroupRuleRequest{
				IpProtocol: o.pointer("ipProtocol"), FromPort: aws.Int32(port), ToPort: aws.Int32(port), Description: o.pointer("description"),
				CidrIpv4: o.pointer("cidrIpv4"), PrefixListId: o.pointer("prefixListId"), ReferencedGroupId: o.pointer("referencedSecurityGroupId"),
			}}},
		})
		return err
	}
}

func route(o outputs) (away, back func(context.Context, *ec2.Client) error) {
	table, to := o.pointer("routeTableId"), o.pointer("destinationCidrBlock")
	away = func(ctx context.Context, client *ec2.Client) error {
		_, err := client.DeleteRoute(ctx, &ec2.DeleteRouteInput{RouteTableId: table, DestinationCidrBlock: to})
		return err
	}
	back = func(ctx context.Context, client *ec2.Client) error {
		_, err := client.CreateRoute(ctx, &ec2.CreateRouteInput{
			RouteTableId: table, DestinationCidrBlock: to, NatGatewayId: o.pointer("natGatewayId"), GatewayId: o.pointer("gatewayId"),
		})
		return err
	}
	return away, back
}

// endpoint takes a gateway endpoint out of its route tables, and the names that lead to an interface endpoint away.
func endpoint(id string, o outputs) (away, back func(context.Context, *ec2.Client) error) {
	modify := func(input ec2.ModifyVpcEndpointInput) func(context.Context, *ec2.Client) error {
		input.VpcEndpointId = aws.String(id)
		return func(ctx context.Context, client *ec2.Client) error {
			_, err := client.ModifyVpcEndpoint(ctx, &input)
			return err
		}
	}
	if o.text("vpcEndpointType") == "Gateway" {
		return modify(ec2.ModifyVpcEndpointInput{RemoveRouteTableIds: o.list("routeTableIds")}),
			modify(ec2.ModifyVpcEndpointInput{AddRouteTableIds: o.list("routeTableIds")})
	}
	return modify(ec2.ModifyVpcEndpointInput{PrivateDnsEnabled: aws.Bool(false)}),
		modify(ec2.ModifyVpcEndpointInput{PrivateDnsEnabled: aws.Bool(true)})
}
