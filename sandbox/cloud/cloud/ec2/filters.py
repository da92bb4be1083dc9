"""Apply the filters of Describe calls that MiniStack ignores: it answers with everything then.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html: the values of a filter are alternatives with
wildcards, several filters have to hold together. Most have the name of the member that they are about.
"""

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from cloud.requests.answers import completes
from cloud.requests.rules import Call

# What the program and its tools describe, and the member of the answer that lists it.
_LISTS = {
    "DescribeAddresses": "Addresses",
    "DescribeFlowLogs": "FlowLogs",
    "DescribeInternetGateways": "InternetGateways",
    "DescribeManagedPrefixLists": "PrefixLists",
    "DescribeNatGateways": "NatGateways",
    "DescribeNetworkAcls": "NetworkAcls",
    "DescribeNetworkInterfaces": "NetworkInterfaces",
    "DescribePrefixLists": "PrefixLists",
    "DescribeRouteTables": "RouteTables",
    "DescribeSecurityGroups": "SecurityGroups",
    "DescribeSubnets": "Subnets",
    "DescribeVpcEndpoints": "VpcEndpoints",
    "DescribeVpcs": "Vpcs",
}
Values = Callable[[dict[str, Any]], list[Any]]


def _each(*path: str) -> Values:
    """The values of a member of the members of a list."""

    def values(item: dict[str, Any]) -> list[Any]:
        found: list[Any] = [item]
        for name in path:
            nested = [each.get(name) for each in found if isinstance(each, dict)]
            found = [one for each in nested for one in (each if isinstance(each, list) else [each])]
        return [each for each in found if each is not None]

    return values


# Filters that have another name than the member.
_NAMED: dict[str, Values] = {
    "addresses.private-ip-address": _each("PrivateIpAddresses", "PrivateIpAddress"),
    "association.main": _each("Associations", "Main"),
    "association.route-table-association-id": _each("Associations", "RouteTableAssociationId"),
    "association.subnet-id": _each("Associations", "SubnetId"),
    "attachment.instance-owner-id": _each("Attachment", "InstanceOwnerId"),
    "attachment.state": _each("Attachments", "State"),
    "attachment.status": _each("Attachment", "Status"),
    "attachment.vpc-id": _each("Attachments", "VpcId"),
    "availability-zone": _each("AvailabilityZone"),
    "cidr": _each("CidrBlock"),
    "cidr-block-association.cidr-block": _each("CidrBlockAssociationSet", "CidrBlock"),
    "default": _each("IsDefault"),
    "default-for-az": _each("DefaultForAz"),
    "deliver-log-status": _each("DeliverLogsStatus"),
    "group-id": lambda item: [item["GroupId"]] if "GroupId" in item else _each("Groups", "GroupId")(item),
    "group-name": lambda item: [item["GroupName"]] if "GroupName" in item else _each("Groups", "GroupName")(item),
    "isDefault": _each("IsDefault"),
    "nat-gateway-id": _each("NatGatewayId"),
    "route.destination-cidr-block": _each("Routes", "DestinationCidrBlock"),
    "route.destination-prefix-list-id": _each("Routes", "DestinationPrefixListId"),
    "route.gateway-id": _each("Routes", "GatewayId"),
    "route.nat-gateway-id": _each("Routes", "NatGatewayId"),
    "tag-key": _each("Tags", "Key"),
    "vpc-endpoint-state": _each("State"),
}


def _values(item: dict[str, Any], name: str) -> list[Any] | None:
    if name in _NAMED:
        return _NAMED[name](item)
    if name.startswith("tag:"):
        tags = [*item.get("Tags", []), *item.get("TagSet", [])]
        return [each["Value"] for each in tags if each["Key"] == name.removeprefix("tag:")]
    member = "".join(part.title() for part in name.split("-"))
    return [item[member]] if member in item else None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _passes(item: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether an item passes a filter; one that is not known here lets all pass."""
    found = _values(item, wanted["Name"])
    return found is None or any(fnmatchcase(_text(each), value) for each in found for value in wanted["Values"])


@completes("ec2", " ".join(_LISTS))
def _filter(call: Call, answer: dict[str, Any]) -> None:
    filters = call.parameters.get("Filters") or call.parameters.get("Filter") or []
    member = _LISTS[call.operation]
    answer[member] = [item for item in answer.get(member, []) if all(_passes(item, each) for each in filters)]
