"""Which way leads to the internet and to AWS's APIs: each thing that is taken away is what is said to be missing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from helpers.network import REGION, Network, done, network_of_tasks
from ministack.services import ec2

from cloud.network import interfaces, owners, ways


@pytest.fixture
def network() -> Iterator[Network]:
    with network_of_tasks() as found:
        yield found


def client(network: Network, **more: Any) -> dict[str, Any]:
    """A task that may send to port 443 of any address."""
    group = network.group("client")
    network.allow(group, "Egress", 443, CidrIp="0.0.0.0/0")
    return network.task("client", group, **more)


def delete_route(network: Network) -> None:
    done("DeleteRoute", RouteTableId=network.table, DestinationCidrBlock="0.0.0.0/0")


def delete_public_route(network: Network) -> None:
    done("DeleteRoute", RouteTableId=network.public_table, DestinationCidrBlock="0.0.0.0/0")


def delete_gateway(network: Network) -> None:
    done("DeleteNatGateway", NatGatewayId=network.nat)


def detach(network: Network) -> None:
    done("DetachInternetGateway", InternetGatewayId=network.gateway, VpcId=network.vpc)


@pytest.mark.parametrize(
    ("taken", "missing"),
    [
        (delete_route, "has no route to the internet"),
        (delete_public_route, "has no route to an internet gateway"),
        (delete_gateway, "which is not there"),
        (detach, "has no route to an internet gateway"),
    ],
)
def test_a_private_subnet_needs_its_whole_way(network: Network, taken: Callable[[Network], None], missing: str) -> None:
    own = client(network)
    assert ways.lacks_internet(own) == ways.lacks_service(own, "ecs") == ""
    taken(network)
    assert missing in ways.lacks_internet(own)
    assert missing in ways.lacks_service(own, "ecs")


def test_a_public_subnet_needs_a_public_address(network: Network) -> None:
    assert "no public address" in ways.lacks_internet(client(network, subnet=network.public_subnet))
    assert ways.lacks_internet(network.task("public", subnet=network.public_subnet, public=True)) == ""


def test_without_an_egress_rule_no_api_is_reached(network: Network) -> None:
    own = network.task("mute", network.group("mute"))
    assert "no egress rule" in ways.lacks_service(own, "ecs")


def test_a_gateway_endpoint_takes_the_place_of_the_internet_where_routes_lead_to_it(network: Network) -> None:
    own = client(network)
    delete_route(network)
    assert "no endpoint for s3" in ways.lacks_service(own, "s3")
    endpoint = network.endpoint("s3", **{"RouteTableId.1": network.public_table})
    assert "no endpoint for s3" in ways.lacks_service(own, "s3")
    ec2._vpc_endpoints[endpoint]["RouteTableIds"].append(network.table)
    assert ways.lacks_service(own, "s3") == ""
    assert "no endpoint for ecs" in ways.lacks_service(own, "ecs")
    mute = network.task("mute", network.group("mute"))
    assert "prefix list" in ways.lacks_service(mute, "s3")


def test_a_rule_for_the_prefix_list_is_enough_on_the_way_by_a_nat_gateway(network: Network) -> None:
    group = network.group("to-s3")
    lists = {each["PrefixListName"]: each["PrefixListId"] for each in ec2._get_aws_managed_prefix_lists()}
    network.allow(group, "Egress", 443, PrefixListId=lists[f"com.amazonaws.{REGION}.s3"])
    own = network.task("own", group)
    assert ways.lacks_service(own, "s3") == ""
    assert "no egress rule" in ways.lacks_service(own, "ecs")
    delete_route(network)
    assert "no route to the internet" in ways.lacks_service(own, "s3")


def test_another_region_is_reached_by_the_internet(network: Network) -> None:
    own = client(network)
    network.endpoint("s3", **{"RouteTableId.1": network.table})
    assert ways.lacks_service(own, "s3", "us-west-2") == ""
    delete_route(network)
    assert ways.lacks_service(own, "s3") == ways.lacks_service(own, "s3", REGION) == ""
    assert "no route to the internet" in ways.lacks_service(own, "s3", "us-west-2")


def test_a_vpc_without_a_resolver_finds_no_api(network: Network) -> None:
    own = client(network)
    done("ModifyVpcAttribute", VpcId=network.vpc, **{"EnableDnsSupport.Value": "false"})
    assert "resolves no names" in ways.lacks_service(own, "ecs")
    assert ways.lacks_internet(own) == "", "by its address"


def interface_endpoint(network: Network, group: str) -> dict[str, Any]:
    given = {"VpcEndpointType": "Interface", "SubnetId.1": network.subnet}
    endpoint = ec2._vpc_endpoints[network.endpoint("ecs", **given)]
    endpoint |= {"Groups": [group], "PrivateDnsEnabled": True}
    owners.sync()
    return endpoint


def test_an_interface_endpoint_is_guarded_by_its_groups_even_where_the_internet_is_reached(network: Network) -> None:
    own, guard = client(network), network.group("guard")
    interface_endpoint(network, guard)
    assert "no ingress rule of the endpoint" in ways.lacks_service(own, "ecs")
    network.allow(guard, "Ingress", 443, GroupId=interfaces.groups_of(own)[0])
    assert ways.lacks_service(own, "ecs") == ""
    mute = network.task("mute", network.group("mute"))
    assert "no egress rule allows port 443 to the endpoint" in ways.lacks_service(mute, "ecs")


def test_an_interface_endpoint_answers_to_the_services_name_by_private_dns_only(network: Network) -> None:
    own, guard = client(network), network.group("guard")
    endpoint = interface_endpoint(network, guard)
    assert ways.endpoint(own, "ecs") is endpoint
    done("ModifyVpcAttribute", VpcId=network.vpc, **{"EnableDnsHostnames.Value": "false"})
    assert ways.endpoint(own, "ecs") is None
    done("ModifyVpcAttribute", VpcId=network.vpc, **{"EnableDnsHostnames.Value": "true"})
    endpoint["PrivateDnsEnabled"] = False
    assert ways.endpoint(own, "ecs") is None
    assert ways.lacks_service(own, "ecs") == "", "by the NAT gateway"


def test_an_endpoint_of_a_longer_name_is_another_service(network: Network) -> None:
    own = client(network)
    network.endpoint("ecr.api", **{"RouteTableId.1": network.table})
    assert ways.endpoint(own, "api") is None
    assert REGION in ways.endpoint(own, "ecr.api")["ServiceName"]
