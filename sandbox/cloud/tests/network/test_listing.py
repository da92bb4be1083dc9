"""The listing of who reaches whom says what groups, routes and endpoints say, in names that stay."""

from collections.abc import Iterator

import pytest
from helpers.network import Network, done, network_of_tasks

from cloud.network import interfaces, listing


@pytest.fixture
def network() -> Iterator[Network]:
    with network_of_tasks() as found:
        found.clients, found.servers = found.group("clients"), found.group("servers")
        found.task("client", found.clients)
        interfaces.create([found.subnet], [found.servers], interfaces.DATABASE, "server", "a database")
        yield found


def listed(about: str = "") -> list[str]:
    return [each for each in listing.lines() if about in each]


def test_a_pair_is_what_one_lets_out_and_the_other_one_in(network: Network) -> None:
    network.allow(network.servers, "Ingress", 5432, GroupId=network.clients)
    assert listed("servers") == []
    given = {"IpPermissions.1.IpProtocol": "-1", "IpPermissions.1.Groups.1.GroupId": network.servers}
    done("AuthorizeSecurityGroupEgress", GroupId=network.clients, **given)
    assert listed("servers") == ["clients reaches servers at tcp 5432"]


def test_a_range_that_is_let_in_is_a_line_and_reaches_for_whoever_is_in_it(network: Network) -> None:
    network.allow(network.servers, "Ingress", 5432, CidrIp="10.0.0.0/16")
    network.allow(network.clients, "Egress", 5432, CidrIp="10.0.1.0/24")
    there = ["10.0.0.0/16 reaches servers at tcp 5432", "clients reaches servers at tcp 5432"]
    assert listed("servers") == there


def test_a_group_without_members_is_a_workload_where_tasks_are(network: Network) -> None:
    runs = network.group("runs")
    network.allow(runs, "Egress", 5432, GroupId=network.servers)
    network.allow(network.servers, "Ingress", 5432, GroupId=runs)
    assert listed("servers") == ["runs reaches servers at tcp 5432"]
    before = listed("runs")
    network.task("run", runs)
    assert listed("runs") == before, "the same lines while one runs"


def test_the_internet_is_reached_while_a_route_leads_there(network: Network) -> None:
    network.allow(network.clients, "Egress", 443, CidrIp="0.0.0.0/0")
    assert listed("the internet at") == ["clients reaches the internet at tcp 443"]
    assert "clients reaches aws ecs by the internet" in listed()
    done("CreateTags", **{"ResourceId.1": network.table, "Tag.1.Key": "Name", "Tag.1.Value": "private"})
    done("DeleteRoute", RouteTableId=network.table, DestinationCidrBlock="0.0.0.0/0")
    (line,) = listed("the internet at")
    assert line.startswith("clients does not reach the internet at tcp 443: the route table private of subnet-")
    assert any(each.startswith("clients does not reach aws ecs: ") for each in listed())


def test_an_endpoint_is_named_as_the_way_to_its_service(network: Network) -> None:
    network.allow(network.clients, "Egress", 443, CidrIp="0.0.0.0/0")
    endpoint = network.endpoint("s3", **{"RouteTableId.1": network.table})
    done("CreateTags", **{"ResourceId.1": endpoint, "Tag.1.Key": "Name", "Tag.1.Value": "to-s3"})
    assert listed("aws s3") == ["clients reaches aws s3 by to-s3"]


def test_apis_are_told_of_tasks_only(network: Network) -> None:
    assert len(listed("clients does not reach aws")) == 10
    assert listed("servers does not reach aws") == []


def test_groups_of_other_workloads_let_nobody_in(network: Network) -> None:
    runs, other = network.group("runs"), network.group("other")
    network.allow(network.servers, "Ingress", 5432, GroupId=other)
    given = {"IpPermissions.1.IpProtocol": "-1", "IpPermissions.1.IpRanges.1.CidrIp": "0.0.0.0/0"}
    for group in (runs, other):
        done("AuthorizeSecurityGroupEgress", GroupId=group, **given)
    assert listed("reaches servers") == ["other reaches servers at tcp 5432"]
