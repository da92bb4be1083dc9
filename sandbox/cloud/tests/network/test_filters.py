"""The packet filter says what groups and routes say, in the language of nft."""

from collections.abc import Iterator
from typing import Any

import pytest
from helpers.network import Network, done, network_of_tasks

from cloud.network import filters, interfaces

AROUND = filters.Neighborhood(
    "198.51.100.2", ("198.51.100.2", "198.51.100.1"), (4566,), (("198.51.100.9", "10.0.1.9"),)
)


@pytest.fixture
def network() -> Iterator[Network]:
    with network_of_tasks() as found:
        yield found


def chain(text: str, name: str) -> list[str]:
    """The lines of a chain."""
    lines = text.partition(f"chain {name} {{")[2].partition("}\n")[0].splitlines()
    return [line.strip() for line in lines if line.strip()]


def came_in(own: dict[str, Any]) -> list[str]:
    """What is let in from the bridge."""
    return [line for line in chain(filters.rules([own], AROUND), "input") if "eth0" in line]


def test_each_permission_is_a_line(network: Network) -> None:
    group = network.group("g")
    network.allow(group, "Ingress", 5432, CidrIp="10.0.0.0/28")
    network.allow(group, "Egress", 443, CidrIp="0.0.0.0/0")
    text = filters.rules([network.task("own", group)], AROUND)
    assert chain(text, "ingress") == ["meta nfproto ipv4 ip saddr { 10.0.0.0/28 } tcp dport 5432 accept"]
    assert chain(text, "egress") == ["meta nfproto ipv4 tcp dport 443 accept"]


def test_what_is_outside_is_let_out_where_a_route_leads_there(network: Network) -> None:
    own = [network.task("own", network.group("g"))]
    inside, outside = "ip daddr 10.0.0.0/16 goto egress", "ip daddr 0.0.0.0/0 goto egress"
    assert chain(filters.rules(own, AROUND), "output")[-2:] == [inside, outside]
    done("DeleteRoute", RouteTableId=network.table, DestinationCidrBlock="0.0.0.0/0")
    assert chain(filters.rules(own, AROUND), "output")[-1] == inside


def test_the_most_specific_route_decides_also_where_it_leads_nowhere(network: Network) -> None:
    own = [network.task("own", network.group("g"))]
    connection = "pcx-11112222333344445"
    for block in ("198.51.100.0/24", "10.0.7.0/24"):
        to = {"DestinationCidrBlock": block, "VpcPeeringConnectionId": connection}
        done("CreateRoute", RouteTableId=network.table, **to)
    assert chain(filters.rules(own, AROUND), "output")[-4:] == [
        "ip daddr 198.51.100.0/24 drop",
        "ip daddr 10.0.7.0/24 drop",
        "ip daddr 10.0.0.0/16 goto egress",
        "ip daddr 0.0.0.0/0 goto egress",
    ]


@pytest.mark.parametrize(
    ("protocol", "first", "last", "wanted"),
    [
        ("udp", 53, 53, "udp dport 53"),
        ("tcp", 1, 9, "tcp dport 1-9"),
        ("icmp", -1, -1, "meta l4proto icmp"),
        ("icmp", 8, -1, "icmp type 8"),
        ("icmp", 3, 4, "icmp type 3 icmp code 4"),
        ("50", -1, -1, "meta l4proto 50"),
    ],
)
def test_each_protocol_is_told_in_its_own_terms(
    network: Network, protocol: str, first: int, last: int, wanted: str
) -> None:
    group, rule = network.group("g"), "IpPermissions.1"
    given = {f"{rule}.IpProtocol": protocol, f"{rule}.IpRanges.1.CidrIp": "10.0.0.0/28"}
    given |= {f"{rule}.FromPort": str(first), f"{rule}.ToPort": str(last)}
    done("AuthorizeSecurityGroupIngress", GroupId=group, **given)
    text = filters.rules([network.task("own", group)], AROUND)
    assert chain(text, "ingress") == [f"meta nfproto ipv4 ip saddr {{ 10.0.0.0/28 }} {wanted} accept"]


def test_names_are_asked_of_the_resolver_alone_where_the_vpc_has_one(network: Network) -> None:
    own = [network.task("own", network.group("g"))]
    asked = "ip daddr { 198.51.100.2, 198.51.100.1 } meta l4proto { tcp, udp } th dport 53 accept"
    assert asked in chain(filters.rules(own, AROUND), "output")
    done("ModifyVpcAttribute", VpcId=network.vpc, **{"EnableDnsSupport.Value": "false"})
    assert "53" not in filters.rules(own, AROUND)


def test_only_what_is_said_comes_in_from_the_bridge(network: Network) -> None:
    own = network.task("own")
    assert came_in(own) == ["iifname eth0 udp dport 4789 accept", "iifname eth0 ip saddr 198.51.100.2 accept"]


def test_from_the_internet_groups_let_in_what_has_a_public_address_and_a_way_there(network: Network) -> None:
    own = network.task("own") | {interfaces.PUBLIC: True}
    assert came_in(own)[-1] == "iifname eth0 jump ingress"
    done("DeleteRoute", RouteTableId=network.table, DestinationCidrBlock="0.0.0.0/0")
    assert "jump" not in came_in(own)[-1]


def test_an_address_on_the_bridge_leads_to_the_interface_but_for_the_vpc_itself(network: Network) -> None:
    text = filters.rules([network.task("own")], AROUND)
    assert chain(text, "translate")[1:] == [
        "ip daddr 198.51.100.9 meta l4proto tcp dnat ip to 10.0.1.9",
        "ip daddr 169.254.170.2 meta l4proto tcp dnat ip to 198.51.100.2",
    ]


def test_the_emulator_is_not_the_internet(network: Network) -> None:
    lines = chain(filters.rules([network.task("own")], AROUND), "output")
    own = [line for line in lines if "198.51.100.2" in line and "53" not in line]
    assert own == [
        "ip daddr { 169.254.170.2, 198.51.100.2 } tcp dport { 4566 } accept",
        "ip daddr { 198.51.100.2, 169.254.170.2 } drop",
    ]
    assert lines.index(own[1]) < lines.index("ip daddr 0.0.0.0/0 goto egress")


def test_two_vpcs_with_the_same_range_are_two_networks() -> None:
    assert filters.number("vpc-1") != filters.number("vpc-2")
    assert 0 <= filters.number("vpc-1") < 2**24
