"""The packet filter says what groups and routes say, in the language of nft."""

from collections.abc import Iterator

import pytest
from helpers.network import Network, done, network_of_tasks

from cloud.network import filters

AROUND = filters.Neighborhood("198.51.100.2", (4566,), (("198.51.100.9", "10.0.1.9"),), (5432,))


@pytest.fixture
def network() -> Iterator[Network]:
    with network_of_tasks() as found:
        yield found


def chain(text: str, name: str) -> list[str]:
    """The lines of a chain."""
    lines = text.partition(f"chain {name} {{")[2].partition("}\n")[0].splitlines()
    return [line.strip() for line in lines if line.strip()]


def test_each_permission_is_a_line(network: Network) -> None:
    group = network.group("g")
    network.allow(group, "Ingress", 5432, CidrIp="10.0.0.0/28")
    network.allow(group, "Egress", 443, CidrIp="0.0.0.0/0")
    text = filters.rules([network.task("own", group)], AROUND)
    assert chain(text, "ingress") == ["meta nfproto ipv4 ip saddr { 10.0.0.0/28 } tcp dport 5432 accept"]
    assert chain(text, "egress") == ["meta nfproto ipv4 tcp dport 443 accept"]


def test_what_is_outside_is_let_out_where_a_route_leads_there(network: Network) -> None:
    own = [network.task("own", network.group("g"))]
    outside = "ip daddr != { 10.0.0.0/16 } jump egress"
    assert outside in chain(filters.rules(own, AROUND), "output")
    done("DeleteRoute", RouteTableId=network.table, DestinationCidrBlock="0.0.0.0/0")
    left = chain(filters.rules(own, AROUND), "output")
    assert outside not in left
    assert "ip daddr { 10.0.0.0/16 } jump egress" in left


def test_only_what_is_said_comes_in_from_the_bridge(network: Network) -> None:
    came_in = [line for line in chain(filters.rules([network.task("own")], AROUND), "input") if "eth0" in line]
    assert came_in == [
        "iifname eth0 udp dport 4789 accept",
        "iifname eth0 ip saddr 198.51.100.2 accept",
        "iifname eth0 tcp dport { 5432 } accept",
    ]


def test_an_address_on_the_bridge_leads_to_the_interface_but_for_the_vpc_itself(network: Network) -> None:
    text = filters.rules([network.task("own")], AROUND)
    assert "ip daddr 198.51.100.9 meta l4proto tcp dnat ip to 10.0.1.9" in chain(text, "translate")


def test_two_vpcs_with_the_same_range_are_two_networks() -> None:
    assert filters.number("vpc-1") != filters.number("vpc-2")
    assert 0 <= filters.number("vpc-1") < 2**24
