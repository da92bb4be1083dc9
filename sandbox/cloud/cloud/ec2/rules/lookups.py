"""Calls that look up what is not there, or by filters that EC2 does not have."""

import functools
import re

import botocore.session
from ministack.services import ec2

from cloud.ec2 import zones
from cloud.ec2.existing import find
from cloud.ec2.rules.endpoints import offered
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    ec2: (
        "_addresses _nat_gateways _network_interfaces _prefix_lists _resolve_aws_pl_by_id _security_groups _sg_rule_id"
    ),
}

# The parameter with the ids, and the kind that they are of.
_KINDS = {
    "DescribeInternetGateways": ("InternetGatewayIds", "igw"),
    "DescribeNatGateways": ("NatGatewayIds", "nat"),
    "DescribeRouteTables": ("RouteTableIds", "rtb"),
    "DescribeSecurityGroups": ("GroupIds", "sg"),
    "DescribeSubnets": ("SubnetIds", "subnet"),
    "DescribeVpcEndpoints": ("VpcEndpointIds", "vpce"),
    "DescribeVpcs": ("VpcIds", "vpc"),
}
_FILTERED = (
    "DescribeAddresses DescribeAvailabilityZones DescribeFlowLogs DescribeInternetGateways DescribeManagedPrefixLists "
    "DescribeNatGateways DescribeNetworkAcls DescribeNetworkInterfaces DescribePrefixLists DescribeRouteTables "
    "DescribeSecurityGroupRules DescribeSecurityGroups DescribeSubnets DescribeVpcEndpoints "
    "DescribeVpcEndpointServices DescribeVpcs"
)


@rule("ec2", " ".join(_KINDS))
def _existing(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"""
    parameter, kind = _KINDS[call.operation]
    for name in call.parameters.get(parameter) or []:
        if kind == "sg" and not name.startswith("sg-"):
            raise Refused("InvalidGroupId.Malformed", f'Invalid id: "{name}" (expecting "sg-...")')
        if kind == "nat":
            _found(name in ec2._nat_gateways, "NatGatewayNotFound", f"NatGateway {name} was not found")
        else:
            find(kind, name)


@rule("ec2", "DescribeAddresses DescribeManagedPrefixLists DescribeNetworkInterfaces DescribePrefixLists")
def _others(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"""
    for name in call.parameters.get("AllocationIds") or []:
        there = name in ec2._addresses
        _found(there, "InvalidAllocationID.NotFound", f"The allocation ID '{name}' does not exist")
    for name in call.parameters.get("NetworkInterfaceIds") or []:
        there = name in ec2._network_interfaces
        _found(there, "InvalidNetworkInterfaceID.NotFound", f"The networkInterface ID '{name}' does not exist")
    for name in call.parameters.get("PrefixListIds") or []:
        there = name in ec2._prefix_lists or bool(ec2._resolve_aws_pl_by_id(name))
        _found(there, "InvalidPrefixListId.NotFound", f"The prefixList ID '{name}' does not exist")


@rule("ec2", "DescribeSecurityGroupRules")
def _group_rules(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"""
    there = {
        ec2._sg_rule_id(group["GroupId"], outwards, each)
        for group in ec2._security_groups.values()
        for outwards, kept in ((False, "IpPermissions"), (True, "IpPermissionsEgress"))
        for each in group.get(kept, [])
    }
    for name in call.parameters.get("SecurityGroupRuleIds") or []:
        words = f"The security group rule ID '{name}' does not exist"
        _found(name in there, "InvalidSecurityGroupRuleId.NotFound", words)


@rule("ec2", "DescribeAvailabilityZones")
def _zones(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html"""
    absent = [each for each in call.parameters.get("ZoneNames") or [] if each not in zones.names()]
    _found(not absent, "InvalidParameterValue", f"Invalid availability zone: [{', '.join(absent)}]")


@rule("ec2", "DescribeVpcEndpointServices")
def _services(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServices.html"""
    here = re.compile(rf"(cn\.)?com\.amazonaws\.{call.region}\.(.+)")
    for name in call.parameters.get("ServiceNames") or []:
        found = here.fullmatch(name)
        _found(
            found is not None and offered(found[2]),
            "InvalidServiceName",
            f"The Vpc Endpoint Service '{name}' does not exist",
        )


def _found(there: bool, code: str, words: str) -> None:
    if not there:
        raise Refused(code, words)


@functools.cache
def _filters(operation: str) -> frozenset[str]:
    """What the service's model describes: its documentation is AWS's list."""
    members = botocore.session.get_session().get_service_model("ec2").operation_model(operation).input_shape.members
    told = (members.get("Filters") or members["Filter"]).documentation
    return frozenset(re.findall("<code>([^<]+)</code>", told))


@rule("ec2", _FILTERED)
def _known_filters(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html"""
    for each in call.parameters.get("Filters") or call.parameters.get("Filter") or []:
        name = each.get("Name") or ""
        hyphened = re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", name)  # isDefault is taken as well
        if not name.startswith("tag:") and hyphened not in _filters(call.operation):
            raise Refused("InvalidParameterValue", f"The filter '{name}' is invalid")
