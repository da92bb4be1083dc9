"""Security groups let through what a rule of theirs allows, and nothing else."""

from collections.abc import Iterator

import pytest
from helpers.network import REGION, Network, done, made, network_of_tasks
from ministack.services import ec2

from cloud.network import groups, interfaces


@pytest.fixture
def network() -> Iterator[Network]:
    with network_of_tasks() as found:
        yield found


def s3_list() -> str:
    lists = ec2._get_aws_managed_prefix_lists()
    return next(each["PrefixListId"] for each in lists if each["PrefixListName"] == f"com.amazonaws.{REGION}.s3")


@pytest.mark.parametrize(
    ("peer", "inside", "outside"),
    [
        ({"CidrIp": "10.0.1.0/28"}, "10.0.1.5", "10.0.1.16"),
        ({"CidrIp": "192.0.2.7/32"}, "192.0.2.7", "192.0.2.8"),
    ],
)
def test_a_range_is_its_addresses(network: Network, peer: dict, inside: str, outside: str) -> None:
    group = network.group("of-a-range")
    network.allow(group, "Ingress", 5432, **peer)
    own = network.task("own", group)
    assert groups.allows(own, groups.INGRESS, 5432, inside)
    assert not groups.allows(own, groups.INGRESS, 5432, outside)
    assert not groups.allows(own, groups.INGRESS, 5433, inside)
    assert not groups.allows(own, groups.EGRESS, 5432, inside)


def test_a_group_is_the_addresses_of_its_members_as_they_come_and_go(network: Network) -> None:
    clients, servers = network.group("clients"), network.group("servers")
    network.allow(servers, "Ingress", 5432, GroupId=clients)
    server, client, stranger = network.task("s", servers), network.task("c", clients), network.task("x", servers)
    assert groups.allows(server, groups.INGRESS, 5432, client["PrivateIpAddress"])
    assert not groups.allows(server, groups.INGRESS, 5432, stranger["PrivateIpAddress"])
    interfaces.release("c")
    assert not groups.allows(server, groups.INGRESS, 5432, client["PrivateIpAddress"])
    interfaces.set_groups(stranger, [servers, clients])
    assert groups.allows(server, groups.INGRESS, 5432, stranger["PrivateIpAddress"])


def test_a_prefix_list_is_its_ranges(network: Network) -> None:
    group = network.group("to-s3")
    network.allow(group, "Egress", 443, PrefixListId=s3_list())
    own = network.task("own", group)
    inside = str(groups.prefix_list(s3_list())[0].network_address + 1)
    assert groups.allows(own, groups.EGRESS, 443, inside)
    assert not groups.allows(own, groups.EGRESS, 443, "10.0.1.9")


def test_all_protocols_are_all_ports_too_and_groups_add_up(network: Network) -> None:
    everything, one_port = network.group("everything"), network.group("one-port")
    given = {"IpPermissions.1.IpProtocol": "-1", "IpPermissions.1.IpRanges.1.CidrIp": "10.0.1.0/24"}
    done("AuthorizeSecurityGroupEgress", GroupId=everything, **given)
    network.allow(one_port, "Egress", 443, CidrIp="0.0.0.0/0")
    own = network.task("own", everything, one_port)
    assert groups.allows(own, groups.EGRESS, 9, "10.0.1.1")
    assert groups.allows(own, groups.EGRESS, 443, "192.0.2.1")
    assert not groups.allows(own, groups.EGRESS, 80, "192.0.2.1")


def test_no_group_lets_nothing_through(network: Network) -> None:
    own = network.task("own", made("CreateSecurityGroup", VpcId=network.vpc, GroupName="n", GroupDescription="n"))
    assert not groups.allows(own, groups.INGRESS, 443, "10.0.1.1")
    assert groups.allows(own, groups.EGRESS, 443, "10.0.1.1"), "a new group allows all that goes out"
