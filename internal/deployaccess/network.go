package deployaccess

import "dagster-ecs/internal/iamdoc"

func readNetwork() []iamdoc.Statement {
	return []iamdoc.Statement{{
		Sid: "ReadNetwork",
		Action: []string{
			"ec2:DescribeAccountAttributes", "ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute", "ec2:DescribeAvailabilityZones",
			"ec2:DescribeFlowLogs", "ec2:DescribeInternetGateways", "ec2:DescribeNatGateways", "ec2:DescribeNetworkAcls",
			"ec2:DescribeNetworkInterfaces", "ec2:DescribePrefixLists", "ec2:DescribeRouteTables",
			"ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets",
			"ec2:DescribeVpcAttribute", "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs",
		},
		Resource: []any{"*"}, // none of them but DescribeVpcAttribute has resource-level permissions
	}}
}

// changeNetwork judges a new thing by the tags that it gets and an old one by those that it has: EC2 judges each resource
// of a call on its own.
func (s *stack) changeNetwork() []iamdoc.Statement {
	statements := []iamdoc.Statement{
		s.makeTagged("MakeVpc", []string{"ec2:AllocateAddress", "ec2:CreateVpc"}, "elastic-ip", "vpc"),
		s.makeTagged("MakeInVpc", []string{"ec2:CreateRouteTable", "ec2:CreateSecurityGroup", "ec2:CreateSubnet"},
			"route-table", "security-group", "subnet"),
		s.makeTagged("MakeWays", []string{
			"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateFlowLogs",
			"ec2:CreateInternetGateway", "ec2:CreateNatGateway", "ec2:CreateVpcEndpoint",
		}, "internet-gateway", "natgateway", "security-group-rule", "vpc-endpoint", "vpc-flow-log"),
		{
			Sid: "ChangeOwn",
			Action: []string{
				"ec2:AssociateRouteTable", "ec2:AttachInternetGateway", "ec2:AuthorizeSecurityGroupEgress",
				"ec2:AuthorizeSecurityGroupIngress", "ec2:CreateFlowLogs", "ec2:CreateNatGateway", "ec2:CreateRoute",
				"ec2:CreateRouteTable", "ec2:CreateSecurityGroup", "ec2:CreateSubnet", "ec2:CreateVpcEndpoint",
				"ec2:DeleteFlowLogs", "ec2:DeleteInternetGateway", "ec2:DeleteNatGateway", "ec2:DeleteRoute",
				"ec2:DeleteRouteTable", "ec2:DeleteSecurityGroup", "ec2:DeleteSubnet", "ec2:DeleteVpc", "ec2:DeleteVpcEndpoints",
				"ec2:DetachInternetGateway", "ec2:DisassociateAddress", "ec2:DisassociateRouteTable",
				"ec2:ModifySecurityGroupRules", "ec2:ModifySubnetAttribute", "ec2:ModifyVpcAttribute", "ec2:ModifyVpcEndpoint",
				"ec2:ReleaseAddress", "ec2:ReplaceRoute", "ec2:ReplaceRouteTableAssociation",
				"ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress",
				"ec2:CreateTags", "ec2:DeleteTags",
			},
			Resource:  []any{s.here.ARN("ec2", "*")},
			Condition: s.own("StringEquals"),
		},
		{
			Sid:      "TagNew",
			Action:   []string{"ec2:CreateTags"},
			Resource: []any{s.here.ARN("ec2", "*")},
			Condition: also(s.asked(), "StringEquals", map[string]any{"ec2:CreateAction": []string{
				"AllocateAddress", "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateFlowLogs",
				"CreateInternetGateway", "CreateNatGateway", "CreateRouteTable", "CreateSecurityGroup", "CreateSubnet",
				"CreateVpc", "CreateVpcEndpoint",
			}}),
		},
		{
			// EC2 makes a VPC's default group without tags; the program takes it over, and empties it.
			Sid:       "AdoptDefaultGroup",
			Action:    []string{"ec2:CreateTags"},
			Resource:  []any{s.here.ARN("ec2", "security-group/*")},
			Condition: also(s.asked(), "Null", map[string]any{"aws:ResourceTag/Environment": "true"}),
		},
		{
			// A state that was refreshed knows the NAT gateway of an address. When both are destroyed the provider asks to take
			// the address from a gateway that is gone by then: that request is about nothing that has tags.
			Sid:       "ForgetAddress",
			Action:    []string{"ec2:DisassociateAddress"},
			Resource:  []any{"*"},
			Condition: iamdoc.Condition{"Null": {"aws:ResourceTag/Environment": "true"}},
		},
		{
			// CreateVpcEndpoint with private DNS (service authorization reference, dependent actions)
			Sid:      "NameEndpoints",
			Action:   []string{"route53:AssociateVPCWithHostedZone"},
			Resource: []any{"*"}, // the zone belongs to AWS
		},
	}
	if s.Network.Existing() {
		statements = append(statements, iamdoc.Statement{
			Sid: "UseExistingVpc", Action: []string{"ec2:CreateSecurityGroup"},
			Resource: []any{s.here.ARN("ec2", "vpc/"+s.Network.VpcID)},
		})
	}
	return statements
}

// makeTagged allows making things of some types with the tags of the stack. No action here touches an old thing of one of
// the other types: the condition is about the new one.
func (s *stack) makeTagged(sid string, actions []string, types ...string) iamdoc.Statement {
	var arns []any
	for _, each := range types {
		arns = append(arns, s.here.ARN("ec2", each+"/*"))
	}
	return iamdoc.Statement{Sid: sid, Action: actions, Resource: arns, Condition: s.asked()}
}
