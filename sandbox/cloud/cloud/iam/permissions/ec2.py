"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html

EC2 judges each resource of a call on its own: a new one by the tags that it gets, one that is there by the tags that it
has. Tags of new ones take CreateTags as well:
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html.
"""

from typing import Any

from ministack.services import ec2

from cloud.iam.permissions.checks import Check, Checks, arn, asks, pass_role, tags
from cloud.requests.rules import Call

# What this module uses of MiniStack.
NEEDS = {ec2: "_route_tables"}

# By operation: the type of each resource, and the member of the call that names those; none names a new one.
_RESOURCES = {
    "AllocateAddress": "elastic-ip",
    "AssociateRouteTable": "route-table=RouteTableId subnet=SubnetId internet-gateway=GatewayId",
    "AttachInternetGateway": "internet-gateway=InternetGatewayId vpc=VpcId",
    "AuthorizeSecurityGroupEgress": "security-group=GroupId security-group-rule?",
    "AuthorizeSecurityGroupIngress": "security-group=GroupId security-group-rule?",
    "CreateFlowLogs": "vpc-flow-log vpc=ResourceIds",
    "CreateInternetGateway": "internet-gateway",
    "CreateNatGateway": "natgateway elastic-ip=AllocationId subnet=SubnetId",
    "CreateRoute": "route-table=RouteTableId",
    "CreateRouteTable": "route-table vpc=VpcId",
    "CreateSecurityGroup": "security-group vpc=VpcId",
    "CreateSubnet": "subnet vpc=VpcId",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint vpc=VpcId route-table=RouteTableIds subnet=SubnetIds "
    "security-group=SecurityGroupIds",
    "DeleteFlowLogs": "vpc-flow-log=FlowLogIds",
    "DeleteInternetGateway": "internet-gateway=InternetGatewayId",
    "DeleteNatGateway": "natgateway=NatGatewayId",
    "DeleteRoute": "route-table=RouteTableId",
    "DeleteRouteTable": "route-table=RouteTableId",
    "DeleteSecurityGroup": "security-group=GroupId",
    "DeleteSubnet": "subnet=SubnetId",
    "DeleteVpc": "vpc=VpcId",
    "DeleteVpcEndpoints": "vpc-endpoint=VpcEndpointIds",
    "DescribeVpcAttribute": "vpc=VpcId",
    "DetachInternetGateway": "internet-gateway=InternetGatewayId vpc=VpcId",
    "ModifySecurityGroupRules": "security-group=GroupId security-group-rule=SecurityGroupRules.SecurityGroupRuleId",
    "ModifySubnetAttribute": "subnet=SubnetId",
    "ModifyVpcAttribute": "vpc=VpcId",
    "ModifyVpcEndpoint": "vpc-endpoint=VpcEndpointId route-table=AddRouteTableIds route-table=RemoveRouteTableIds "
    "subnet=AddSubnetIds subnet=RemoveSubnetIds security-group=AddSecurityGroupIds "
    "security-group=RemoveSecurityGroupIds",
    "ReleaseAddress": "elastic-ip=AllocationId",
    "ReplaceRoute": "route-table=RouteTableId",
    "RevokeSecurityGroupEgress": "security-group=GroupId",
    "RevokeSecurityGroupIngress": "security-group=GroupId",
}
_TYPES = {
    "acl": "network-acl",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "igw": "internet-gateway",
    "nat": "natgateway",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}


def _named(call: Call, member: str) -> list[str]:
    found: Any = call.parameters
    for part in member.split("."):
        found = [each.get(part) for each in found] if isinstance(found, list) else found.get(part)
    return [str(each) for each in (found if isinstance(found, list) else [found]) if each]


@asks("ec2", " ".join(_RESOURCES))
def _resources(call: Call) -> Checks:
    action = f"ec2:{call.operation}"
    given = {spec["ResourceType"]: spec.get("Tags", []) for spec in call.parameters.get("TagSpecifications") or []}
    for resource in _RESOURCES[call.operation].split():
        kind, _, member = resource.partition("=")
        new = kind.rstrip("?")
        if not member and (new == kind or new in given):
            yield Check(action, arn(call, "ec2", f"{new}/*"), tags(given.get(new, [])), alone=True)
        for name in _named(call, member) if member else []:
            yield Check(action, arn(call, "ec2", f"{kind}/{name}"), alone=True)
    for kind, entries in given.items():
        context = tags(entries) | {"ec2:CreateAction": call.operation}
        yield Check("ec2:CreateTags", arn(call, "ec2", f"{kind}/*"), context, alone=True)
    yield from _more(call)


def _more(call: Call) -> Checks:
    asked = call.parameters
    if call.operation == "CreateFlowLogs":
        yield from pass_role(asked.get("DeliverLogsPermissionArn"), "vpc-flow-logs.amazonaws.com")
    if call.operation == "CreateVpcEndpoint":
        needs = ["ec2:DescribeVpcs"]
        if asked.get("VpcEndpointType") == "Interface":
            needs += ["ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"]
            needs += ["route53:AssociateVPCWithHostedZone"] if asked.get("PrivateDnsEnabled", True) else []
        for action in needs:
            yield Check(action, "*", alone=True)


@asks("ec2", "DisassociateRouteTable ReplaceRouteTableAssociation")
def _association(call: Call) -> Checks:
    """An association has no ARN of its own: its table and its subnet are judged."""
    for table in ec2._route_tables.values():
        for each in table.get("Associations", []):
            if each.get("RouteTableAssociationId") == call.parameters["AssociationId"]:
                yield Check(
                    f"ec2:{call.operation}", arn(call, "ec2", f"route-table/{table['RouteTableId']}"), alone=True
                )
                if each.get("SubnetId"):
                    yield Check(f"ec2:{call.operation}", arn(call, "ec2", f"subnet/{each['SubnetId']}"), alone=True)


@asks("ec2", "CreateTags DeleteTags")
def _tagging(call: Call) -> Checks:
    for name in call.parameters.get("Resources") or []:
        kind = _TYPES.get(name.rpartition("-")[0], "*")
        context = tags(call.parameters.get("Tags") or [])
        yield Check(f"ec2:{call.operation}", arn(call, "ec2", f"{kind}/{name}"), context, alone=True)
