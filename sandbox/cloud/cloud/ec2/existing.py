"""Find what a request names, or refuse as EC2 does.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

import ipaddress
from typing import Any

from ministack.services import ec2

from cloud.requests.rules import Refused

# What this module uses of MiniStack.
NEEDS = {
    ec2: (
        "_ensure_defaults_initialized _flow_logs _internet_gateways _nat_gateways _route_tables _security_groups "
        "_subnets _vpc_endpoints _vpcs"
    ),
}

_KINDS: dict[str, tuple[Any, str, str]] = {
    "vpc": (ec2._vpcs, "InvalidVpcID.NotFound", "The vpc ID '{}' does not exist"),
    "subnet": (ec2._subnets, "InvalidSubnetID.NotFound", "The subnet ID '{}' does not exist"),
    "igw": (ec2._internet_gateways, "InvalidInternetGatewayID.NotFound", "The internetGateway ID '{}' does not exist"),
    "rtb": (ec2._route_tables, "InvalidRouteTableID.NotFound", "The routeTable ID '{}' does not exist"),
    "sg": (ec2._security_groups, "InvalidGroup.NotFound", "The security group '{}' does not exist"),
    "nat": (ec2._nat_gateways, "InvalidNatGatewayID.NotFound", "The natGateway ID '{}' does not exist"),
    "vpce": (ec2._vpc_endpoints, "InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id '{}' does not exist"),
    "fl": (ec2._flow_logs, "InvalidFlowLogId.NotFound", "The flow log ID '{}' does not exist"),
}


def find(kind: str, name: str | None) -> dict[str, Any]:
    """The record of a resource by the prefix of its id: vpc, subnet, igw, rtb, sg, nat, vpce or fl."""
    ec2._ensure_defaults_initialized()
    store, code, words = _KINDS[kind]
    found: dict[str, Any] | None = store.get(name)
    if found is None:
        raise Refused(code, words.format(name))
    return found


def check(name: str) -> None:
    """Refuse an id whose prefix tells a kind, when there is nothing of this id."""
    if (kind := name.partition("-")[0]) in _KINDS:
        find(kind, name)


def network(block: str, parameter: str) -> ipaddress.IPv4Network:
    """A range in its canonical form: EC2 takes one with host bits and clears them."""
    try:
        if "/" not in block:
            raise ValueError(block)
        return ipaddress.IPv4Network(block, strict=False)
    except ValueError:
        words = f"Value ({block}) for parameter {parameter} is invalid. This is not a valid CIDR block."
        raise Refused("InvalidParameterValue", words) from None


def gateway_of(vpc: str) -> dict[str, Any] | None:
    """The internet gateway that is attached to a VPC."""
    for gateway in ec2._internet_gateways.values():
        if any(each.get("VpcId") == vpc for each in gateway.get("Attachments", [])):
            return gateway
    return None
