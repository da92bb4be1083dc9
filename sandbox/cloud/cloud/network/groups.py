"""What security groups let through.

https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html: rules only allow; the rules of all groups of
an interface count together; a rule that names a group stands for the private addresses of the interfaces in it, one
that names a prefix list for the list's ranges. Answers to what was let through pass (connection tracking).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, collapse_addresses
from typing import Any

from ministack.services import ec2

from cloud.network import interfaces

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_get_aws_managed_prefix_lists _prefix_lists _security_groups",
}

INGRESS, EGRESS = "IpPermissions", "IpPermissionsEgress"
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html: -1 is all, others may be numbers.
ALL, ICMP = "-1", "icmp"
_NAMES = {"6": "tcp", "17": "udp", "1": ICMP}
# All types or codes of ICMP.
EVERY = -1


@dataclass(frozen=True)
class Permission:
    """One peer of a rule, as it is named and with the ranges that this means; no ports are all ports.

    Of ICMP the ports are the type and the code.
    """

    protocol: str
    ports: tuple[int, int] | None
    ranges: tuple[IPv4Network, ...]
    peer: str

    def allows(self, protocol: str, port: int, address: IPv4Address) -> bool:
        """Whether the rule lets a connection through."""
        return (
            self.protocol in (ALL, protocol)
            and (self.ports is None or self.ports[0] <= port <= self.ports[1])
            and any(address in each for each in self.ranges)
        )


def permissions(
    interface: dict[str, Any], direction: str, there: Iterable[dict[str, Any]] | None = None
) -> list[Permission]:
    """What the groups of an interface permit, in one direction, where these interfaces are there: all that are."""
    found, there = [], interfaces.all_owned() if there is None else there
    for name in interfaces.groups_of(interface):
        for rule in (ec2._security_groups.get(name) or {}).get(direction, []):
            protocol = _NAMES.get(str(rule["IpProtocol"]), str(rule["IpProtocol"]))
            ports = None
            if protocol in ("tcp", "udp", ICMP) and rule.get("FromPort", EVERY) != EVERY:
                ports = (int(rule["FromPort"]), int(rule["ToPort"]))
            for peer, ranges in _peers(rule, there):
                if ranges:
                    found.append(Permission(protocol, ports, tuple(collapse_addresses(ranges)), peer))
    return found


def allows(interface: dict[str, Any], direction: str, port: int, address: str) -> bool:
    """Whether the groups let a TCP connection through to or from an address."""
    return any(each.allows("tcp", port, IPv4Address(address)) for each in permissions(interface, direction))


def _peers(rule: dict[str, Any], there: Iterable[dict[str, Any]]) -> Iterable[tuple[str, list[IPv4Network]]]:
    for each in rule.get("IpRanges") or []:
        yield each["CidrIp"], [IPv4Network(each["CidrIp"], strict=False)]
    for each in rule.get("PrefixListIds") or []:
        yield each["PrefixListId"], prefix_list(each["PrefixListId"])
    for each in rule.get("UserIdGroupPairs") or []:
        members = [one for one in there if each.get("GroupId") in interfaces.groups_of(one)]
        yield str(each.get("GroupId")), [IPv4Network(one["PrivateIpAddress"]) for one in members]


def prefix_list(name: str) -> list[IPv4Network]:
    """The ranges of a prefix list, of AWS's own or of the account's."""
    own = ec2._prefix_lists.get(name)
    blocks = [each["Cidr"] for each in own["Entries"]] if own else []
    blocks += [each["Cidr"] for each in ec2._get_aws_managed_prefix_lists() if each["PrefixListId"] == name]
    return [IPv4Network(each) for each in blocks if ":" not in each]
