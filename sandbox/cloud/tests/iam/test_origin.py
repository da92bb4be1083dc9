"""Where a call comes from: the machine, a task behind a NAT gateway, a task whose VPC has an endpoint."""

from typing import Any

import pytest
from helpers.network import ACCOUNT, BRIDGE, REGION, TASK, Network, made
from ministack.core.responses import request_scope
from ministack.services import ec2

from cloud.iam import origin


def through(network: Network, endpoint: str) -> dict[str, str]:
    """The keys of a call that comes through an endpoint."""
    address = network.interface(TASK)["PrivateIpAddress"]
    return {"aws:sourcevpce": endpoint, "aws:sourcevpc": network.vpc, "aws:vpcsourceip": address}


def seen(action: str, address: str = BRIDGE, session: str = "1234", region: str = REGION) -> dict[str, Any]:
    with request_scope(ACCOUNT, region):  # a call is in the scope of the region that it calls
        return origin.keys(address, session, action, region)


def test_a_call_of_the_machine_comes_from_its_address(network: Network) -> None:
    network.endpoint("s3", **{"RouteTableId.1": network.table})
    assert seen("s3:GetObject", "192.0.2.1", "somebody") == {"aws:sourceip": "192.0.2.1"}


def test_without_an_endpoint_a_call_comes_from_the_address_of_the_nat_gateway(network: Network) -> None:
    assert seen("s3:GetObject") == {"aws:sourceip": network.public}


def test_a_gateway_endpoint_serves_the_subnets_of_its_route_tables(network: Network) -> None:
    network.endpoint("s3", **{"RouteTableId.1": made("CreateRouteTable", VpcId=network.vpc)})
    assert seen("s3:GetObject") == {"aws:sourceip": network.public}
    endpoint = network.endpoint("s3", **{"RouteTableId.1": network.table})
    assert seen("s3:GetObject") == through(network, endpoint)
    assert seen("ssm:GetParameters") == {"aws:sourceip": network.public}


@pytest.mark.parametrize(("service", "action"), [("logs", "logs:PutLogEvents"), ("ecr.api", "ecr:BatchGetImage")])
def test_an_interface_endpoint_with_private_names_serves_its_vpc(network: Network, service: str, action: str) -> None:
    endpoint = network.endpoint(service, VpcEndpointType="Interface")
    assert seen(action) == {"aws:sourceip": network.public}
    ec2._vpc_endpoints[endpoint]["PrivateDnsEnabled"] = True
    assert seen(action) == through(network, endpoint)


def test_an_endpoint_is_for_its_own_region(network: Network) -> None:
    network.endpoint("s3", **{"RouteTableId.1": network.table})
    assert seen("s3:GetObject", region="us-west-2") == {"aws:sourceip": network.public}


def test_the_agent_calls_through_the_network_interface_of_its_task(network: Network) -> None:
    endpoint = network.endpoint("s3", **{"RouteTableId.1": network.table})
    assert seen("s3:GetObject", "127.0.0.1") == through(network, endpoint)
    assert seen("s3:GetObject", "127.0.0.1", "another") == {"aws:sourceip": "127.0.0.1"}
