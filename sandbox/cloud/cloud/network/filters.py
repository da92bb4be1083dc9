"""The packet filter of a network namespace that has an interface of a VPC, as a script for nft.

A namespace has two devices. ``vpc0`` is the VPC: a VXLAN on the sandbox's bridge with a number of its own for each
VPC, so that VPCs with the same ranges, also of other stacks, do not meet. ``eth0`` is the bridge itself: AWS's side
(the emulator; the resolver, which security groups do not filter:
https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html) and, beyond it, the internet.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from cloud.core import settings
from cloud.network import groups, interfaces, ways

_VXLAN_PORT, _VXLAN_GROUP = 4789, "239.1.1.1"


@dataclass(frozen=True)
class Neighborhood:
    """What a namespace has besides its interfaces in the VPC."""

    # The emulator's own address on the bridge: AWS itself, which may connect to what it runs.
    emulator: str
    # The addresses of those who resolve names.
    resolvers: tuple[str, ...]
    # The emulator's ports that the namespace may connect to.
    serves: tuple[int, ...]
    # Addresses on the bridge that stand for addresses of the VPC (cloud.network.outside).
    translated: tuple[tuple[str, str], ...] = ()


def number(vpc_id: str) -> int:
    """The VXLAN's number of a VPC."""
    return int.from_bytes(hashlib.sha256(vpc_id.encode()).digest()[:3])


def set_up(own: list[dict[str, Any]]) -> str:
    """Shell commands that make the devices; repeating them changes nothing."""
    ranges = interfaces.ranges(own[0]["VpcId"])
    device = f"vxlan id {number(own[0]['VpcId'])} dstport {_VXLAN_PORT} dev eth0 group {_VXLAN_GROUP}"
    lines = [settings.TASK_ROUTE, f"ip link show vpc0 >/dev/null 2>&1 || ip link add vpc0 type {device}"]
    lines += [f"ip address replace {each['PrivateIpAddress']}/32 dev vpc0" for each in own]
    lines += ["ip link set vpc0 up"]
    lines += [f"ip route replace {each} dev vpc0 src {own[0]['PrivateIpAddress']}" for each in ranges]
    return " && ".join(lines)


def rules(own: list[dict[str, Any]], around: Neighborhood) -> str:
    """The filter: it replaces the one of before in one step."""
    inside = [(each, "") for each in interfaces.ranges(own[0]["VpcId"])]
    ways_out = sorted([*inside, *ways.outward(own[0])], key=lambda each: each[0].prefixlen, reverse=True)
    emulator = _set((settings.TASK_ENDPOINT, around.emulator))
    serves = f"ip daddr {emulator} tcp dport {_set(around.serves)} accept" if around.serves else ""
    public = own[0].get(interfaces.PUBLIC) and not ways.lacks_internet(own[0])
    return _TABLE.format(
        ingress=_lines(_accept("saddr", each) for each in groups.permissions(own[0], groups.INGRESS)),
        egress=_lines(_accept("daddr", each) for each in groups.permissions(own[0], groups.EGRESS)),
        emulator=around.emulator,
        task_endpoint=settings.TASK_ENDPOINT,
        internet="iifname eth0 jump ingress" if public else "",
        serves=serves,
        resolver=f"ip daddr {_set(around.resolvers)} meta l4proto {{ tcp, udp }} th dport 53 accept"
        if ways.resolves(own[0])
        else "",
        leaving=_lines(f"ip daddr {block} {'drop' if missing else 'goto egress'}" for block, missing in ways_out),
        translated=_lines(
            f"ip daddr {bridge} meta l4proto tcp dnat ip to {address}"
            for bridge, address in (*around.translated, (settings.TASK_ENDPOINT, around.emulator))
        ),
        own=_set(each["PrivateIpAddress"] for each in own),
        address=own[0]["PrivateIpAddress"],
        vxlan=_VXLAN_PORT,
    )


def _accept(side: str, permission: groups.Permission) -> str:
    addresses = "" if permission.ranges == (IPv4Network("0.0.0.0/0"),) else f"ip {side} {_set(permission.ranges)}"
    return " ".join(filter(None, ["meta nfproto ipv4", addresses, _protocol(permission), "accept"]))


def _protocol(permission: groups.Permission) -> str:
    if permission.ports is None:
        return "" if permission.protocol == groups.ALL else f"meta l4proto {permission.protocol}"
    first, last = permission.ports
    if permission.protocol == groups.ICMP:
        return f"icmp type {first}" if last == groups.EVERY else f"icmp type {first} icmp code {last}"
    return f"{permission.protocol} dport {first}" + (f"-{last}" if first < last else "")


def _set(members: Iterable[Any]) -> str:
    return "{ " + ", ".join(str(each) for each in members) + " }"


def _lines(rendered: Iterable[str]) -> str:
    return "\n    ".join(rendered)


_TABLE = """table inet vpc
delete table inet vpc
table inet vpc {{
  chain ingress {{
    {ingress}
  }}
  chain egress {{
    {egress}
  }}
  chain input {{
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    iifname eth0 udp dport {vxlan} accept
    ip protocol igmp accept
    iifname eth0 ip saddr {emulator} accept
    {internet}
    iifname vpc0 jump ingress
  }}
  chain output {{
    type filter hook output priority filter; policy drop;
    oif lo accept
    ct state established,related accept
    oifname eth0 udp dport {vxlan} accept
    ip protocol igmp accept
    {serves}
    {resolver}
    ip daddr {{ {emulator}, {task_endpoint} }} drop
    {leaving}
  }}
  chain translate {{
    type nat hook output priority -100;
    {translated}
  }}
  chain source {{
    type nat hook postrouting priority srcnat;
    oifname vpc0 ip saddr != {own} snat ip to {address}
  }}
}}
"""
