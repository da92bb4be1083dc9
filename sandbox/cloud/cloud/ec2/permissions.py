"""Keep the rules of security groups as EC2 does: one for each range, group or prefix list of a permission.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html and API_IpPermission.html: protocols
by name, no ports with all protocols, ranges in their canonical form. MiniStack keeps a permission as it is written, so
that the rule that every group begins with is not found when it is revoked with ports, and forgets prefix lists.
"""

from collections.abc import Iterator
from typing import Any

from ministack.services import ec2

from cloud.core import patch
from cloud.ec2 import canonical

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_p _security_groups _sg_rule_id",
}

# Where a permission names the other end, and by which member.
KINDS = {
    "IpRanges": "CidrIp",
    "Ipv6Ranges": "CidrIpv6",
    "UserIdGroupPairs": "GroupId",
    "PrefixListIds": "PrefixListId",
}
_NAMES = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
_WITH_PORTS = ("tcp", "udp", "icmp", "icmpv6")


def protocol(permission: dict[str, Any]) -> str:
    """The protocol's name, or its number where it has none here."""
    given = str(permission.get("IpProtocol", "-1")).lower()
    return _NAMES.get(given, "-1" if given == "all" else given)


def peer(kind: str, entry: dict[str, Any]) -> str:
    """What the other end is."""
    name = str(entry.get(KINDS[kind]) or "")
    return canonical.block(name) if kind in ("IpRanges", "Ipv6Ranges") else name


def single(permission: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A permission's rules."""
    shown = protocol(permission)
    ports = {port: permission[port] for port in ("FromPort", "ToPort") if port in permission and shown in _WITH_PORTS}
    for kind, member in KINDS.items():
        for entry in permission.get(kind) or []:
            told = {"Description": entry["Description"]} if entry.get("Description") else {}
            own = {kind: [{member: peer(kind, entry)} | told]}
            yield {"IpProtocol": shown} | ports | {each: [] for each in KINDS} | own


def key(rule: dict[str, Any]) -> tuple[Any, ...]:
    """By what a rule is told from others of the same group and direction."""
    kind = next(each for each in KINDS if rule.get(each))
    return protocol(rule), rule.get("FromPort"), rule.get("ToPort"), peer(kind, rule[kind][0])


def _parse(old: Any, params: dict[str, Any], prefix: str) -> list[dict[str, Any]]:
    permissions = old(params, prefix)
    for number, permission in enumerate(permissions, start=1):
        lists = permission["PrefixListIds"]
        while name := ec2._p(params, f"{prefix}.{number}.PrefixListIds.{len(lists) + 1}.PrefixListId"):
            told = ec2._p(params, f"{prefix}.{number}.PrefixListIds.{len(lists) + 1}.Description")
            lists.append({"PrefixListId": name, "Description": told})
        for pair in permission["UserIdGroupPairs"]:
            pair.setdefault("GroupId", _by_name(pair.get("GroupName", "")))
    return [rule for permission in permissions for rule in single(permission)]


def _by_name(name: str) -> str:
    every = ec2._security_groups.values()
    return next((group["GroupId"] for group in every if group["GroupName"] == name), name)


def _without_descriptions(old: Any, rule: dict[str, Any]) -> dict[str, Any]:
    """Neither a description nor an id tells rules apart."""
    bare: dict[str, Any] = old(rule)
    for kind, member in KINDS.items():
        bare[kind] = [{member: entry[member]} for entry in bare.get(kind, [])]
    return bare


def _rule_xml(old: Any, sg_id: str, rule: dict[str, Any], is_egress: bool = False) -> str:
    if not rule.get("PrefixListIds"):
        return old(sg_id, rule, is_egress)
    # Rendered as ranges, which only differ by the element's name.
    ranges = rule | {
        "IpRanges": [{"CidrIp": each["PrefixListId"]} for each in rule["PrefixListIds"]],
        "SecurityGroupRuleId": ec2._sg_rule_id(sg_id, is_egress, rule),
    }
    return old(sg_id, ranges, is_egress).replace("cidrIpv4>", "prefixListId>")


def install() -> None:
    """Read, compare and show rules one by one."""
    patch.wrap(ec2, "_parse_ip_permissions", _parse, "params prefix")
    patch.wrap(ec2, "_strip_descriptions", _without_descriptions, "rule")
    patch.wrap(ec2, "_sg_rule_xml", _rule_xml, "sg_id rule is_egress")
