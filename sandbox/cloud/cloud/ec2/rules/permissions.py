"""The rules of security groups."""

import ipaddress
from collections import Counter
from typing import Any

from ministack.services import ec2

from cloud.account import quotas
from cloud.ec2 import permissions
from cloud.ec2.existing import find
from cloud.ec2.rules.groups import CHARACTERS, TEXT
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_DEFAULT_VPC_ID _prefix_lists _resolve_aws_pl_by_id _vpc_peering",
}

# https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html: the weight of those that
# do not count as one rule.
_WEIGHTS = {
    "cloudfront.origin-facing": 55,
    "groundstation": 5,
    "route53-healthchecks": 25,
    "s3express": 6,
    "vpc-lattice": 10,
}


def _rules(call: Call) -> list[dict[str, Any]]:
    """What the call asks for, one by one; a client may also name a single rule without a list."""
    given = call.parameters.get("IpPermissions") or []
    if not given and call.parameters.get("CidrIp"):
        names = ("IpProtocol", "FromPort", "ToPort")
        plain = {name: call.parameters[name] for name in names if name in call.parameters}
        given = [plain | {"IpRanges": [{"CidrIp": call.parameters["CidrIp"]}]}]
    return [each for permission in given for each in permissions.single(permission)]


def _kept(call: Call) -> list[dict[str, Any]]:
    """The rules that the group has in the direction of the call."""
    group = find("sg", call.parameters.get("GroupId"))
    kept: list[dict[str, Any]] = group["IpPermissionsEgress" if call.operation.endswith("Egress") else "IpPermissions"]
    return kept


@rule("ec2", "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress")
def _form(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html"""
    group = find("sg", call.parameters.get("GroupId"))
    if not _rules(call):
        raise Refused("MissingParameter", "The request must contain the parameter ipPermissions")
    for permission in call.parameters.get("IpPermissions") or []:
        if not permission.get("IpProtocol"):
            raise Refused("MissingParameter", "The request must contain the parameter ipProtocol")
        _ports(permission)
    for each in _rules(call):
        _ports(each)
        _peer(each, group["VpcId"])


@rule("ec2", "ModifySecurityGroupRules")
def _modified(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySecurityGroupRules.html"""
    group = find("sg", call.parameters["GroupId"])
    for update in call.parameters["SecurityGroupRules"]:
        wanted = update.get("SecurityGroupRule") or {}
        told = {"Description": wanted.get("Description") or ""}
        ranges = {
            "IpRanges": [{"CidrIp": wanted["CidrIpv4"]} | told] if "CidrIpv4" in wanted else [],
            "Ipv6Ranges": [{"CidrIpv6": wanted["CidrIpv6"]} | told] if "CidrIpv6" in wanted else [],
            "PrefixListIds": [{"PrefixListId": wanted["PrefixListId"]} | told] if "PrefixListId" in wanted else [],
            "UserIdGroupPairs": [{"GroupId": wanted["ReferencedGroupId"]} | told]
            if "ReferencedGroupId" in wanted
            else [],
        }
        _ports(wanted)
        for each in permissions.single(wanted | ranges):
            _peer(each, group["VpcId"])


def _ports(permission: dict[str, Any]) -> None:
    name = permissions.protocol(permission)
    low, high = permission.get("FromPort"), permission.get("ToPort")
    if name in ("tcp", "udp"):
        if low is None or high is None:
            words = "Invalid value for portRange. Must specify both from and to ports with TCP/UDP."
            raise Refused("InvalidParameterValue", words)
        for which, port in (("from", low), ("to", high)):
            if not 0 <= port <= 65535:
                raise Refused("InvalidParameterValue", f"TCP/UDP ({which}) port ({port}) out of range")
        if low > high:
            raise Refused("InvalidParameterValue", f"Invalid TCP/UDP port range({low}:{high})")
    elif name in ("icmp", "icmpv6"):
        for which, number in (("type", low), ("code", high)):
            if number is not None and not -1 <= number <= 255:
                raise Refused("InvalidParameterValue", f"ICMP {which} ({number}) out of range")
    elif name != "-1" and not (name.isdecimal() and int(name) <= 255):
        raise Refused("InvalidParameterValue", f"Invalid value '{name}' for IP protocol. Unknown protocol.")


def _peer(each: dict[str, Any], vpc: str) -> None:
    kind = next(kind for kind in permissions.KINDS if each[kind])
    name = permissions.peer(kind, each[kind][0])
    if not TEXT.fullmatch(each[kind][0].get("Description", "")):
        raise Refused("InvalidParameterValue", f"Invalid rule description. Valid descriptions are {CHARACTERS}")
    if kind in ("IpRanges", "Ipv6Ranges") and not _is_range(kind, name):
        raise Refused("InvalidParameterValue", f"CIDR block {name} is malformed")
    if kind == "PrefixListIds" and name not in ec2._prefix_lists and not ec2._resolve_aws_pl_by_id(name):
        raise Refused("InvalidPrefixListID.NotFound", f"The prefix list ID '{name}' does not exist")
    if kind == "UserIdGroupPairs" and name and not name.startswith("sg-"):
        raise Refused("InvalidGroupId.Malformed", f'Invalid id: "{name}" (expecting "sg-...")')
    if kind == "UserIdGroupPairs" and name and find("sg", name)["VpcId"] != vpc and not ec2._vpc_peering:
        words = "You have specified two resources that belong to different networks."
        raise Refused("InvalidGroup.NotFound", words)


def _is_range(kind: str, name: str) -> bool:
    network = ipaddress.IPv4Network if kind == "IpRanges" else ipaddress.IPv6Network
    try:
        return "/" in name and bool(network(name))
    except ValueError:
        return False


@rule("ec2", "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress")
def _new(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, InvalidPermission.Duplicate."""
    wanted = [permissions.key(each) for each in _rules(call)]
    if any(count > 1 for count in Counter(wanted).values()):
        raise Refused("InvalidParameterValue", "The same permission must not appear multiple times")
    there = {permissions.key(each) for kept in _kept(call) for each in permissions.single(kept)}
    for name, low, high, peer in wanted:
        if (name, low, high, peer) in there:
            shown = "ALL" if name == "-1" else f"{name.upper()}, from port: {low}, to port: {high}"
            words = f'the specified rule "peer: {peer}, {shown}, ALLOW" already exists'
            raise Refused("InvalidPermission.Duplicate", words)


@rule("ec2", "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress")
def _few_enough(call: Call) -> None:
    """Per direction and family: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html."""
    every = [*_rules(call), *(each for kept in _kept(call) for each in permissions.single(kept))]
    for other in ("Ipv6Ranges", "IpRanges"):
        if sum(_weight(each) for each in every if not each[other]) > quotas.get(quotas.RULES_PER_GROUP):
            words = "The maximum number of rules per security group has been reached."
            raise Refused("RulesPerSecurityGroupLimitExceeded", words)


def _weight(each: dict[str, Any]) -> int:
    if not each["PrefixListIds"]:
        return 1
    name = each["PrefixListIds"][0]["PrefixListId"]
    if own := ec2._prefix_lists.get(name):
        return int(own.get("MaxEntries") or 1)
    managed = (ec2._resolve_aws_pl_by_id(name) or {}).get("PrefixListName", "")
    return next((weight for suffix, weight in _WEIGHTS.items() if managed.endswith(suffix)), 1)


@rule("ec2", "RevokeSecurityGroupIngress RevokeSecurityGroupEgress")
def _there(call: Call) -> None:
    """Elsewhere than in the default VPC: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupEgress.html."""
    there = {permissions.key(each) for kept in _kept(call) for each in permissions.single(kept)}
    default = find("sg", call.parameters.get("GroupId"))["VpcId"] == ec2._DEFAULT_VPC_ID
    if not default and any(permissions.key(each) not in there for each in _rules(call)):
        words = "The specified rule does not exist in this security group."
        raise Refused("InvalidPermission.NotFound", words)
