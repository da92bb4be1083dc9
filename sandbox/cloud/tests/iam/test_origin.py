"""Where a call comes from: the machine, a task behind a NAT gateway, a task whose VPC has an endpoint."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import ec2, ecs

from cloud.iam import origin

ACCOUNT, REGION = "111122223333", "us-west-1"
TASK = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/work/1234"
ADDRESS = "10.0.1.7"


def made(action: str, **parameters: str) -> str:
    """The id of something that a call of EC2 makes."""
    status, _, body = ec2._ACTION_MAP[action](parameters)
    assert status == 200
    kind = {"CreateVpc": "vpcId", "CreateNatGateway": "natGatewayId", "AllocateAddress": "allocationId"}.get(
        action, action.removeprefix("Create")[:1].lower() + action.removeprefix("Create")[1:] + "Id"
    )
    return re.search(rf"<{kind}>([^<]+)<", body.decode())[1]


class Network:
    """A VPC with a private subnet, in which a task has an address."""

    def __init__(self) -> None:
        self.vpc = made("CreateVpc", CidrBlock="10.0.0.0/16")
        self.subnet = made("CreateSubnet", VpcId=self.vpc, CidrBlock="10.0.1.0/24")
        self.table = made("CreateRouteTable", VpcId=self.vpc)
        ec2._ACTION_MAP["AssociateRouteTable"]({"RouteTableId": self.table, "SubnetId": self.subnet})
        allocation = made("AllocateAddress", Domain="vpc")
        self.public = ec2._addresses[allocation]["PublicIp"]
        gateway = made("CreateNatGateway", SubnetId=self.subnet, AllocationId=allocation)
        to_internet = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": gateway}
        ec2._ACTION_MAP["CreateRoute"]({"RouteTableId": self.table, **to_internet})
        details = {"subnetId": self.subnet, "privateIPv4Address": ADDRESS}
        ecs._tasks[TASK] = {"attachments": [{"details": [{"name": n, "value": v} for n, v in details.items()]}]}

    def endpoint(self, service: str, **more: str) -> str:
        """A new endpoint for a service."""
        return made("CreateVpcEndpoint", VpcId=self.vpc, ServiceName=f"com.amazonaws.{REGION}.{service}", **more)

    def through(self, endpoint: str) -> dict[str, str]:
        """The keys of a call that comes through an endpoint."""
        return {"aws:sourcevpce": endpoint, "aws:sourcevpc": self.vpc, "aws:vpcsourceip": ADDRESS}


@pytest.fixture
def network() -> Iterator[Network]:
    stores = (ec2._vpc_endpoints, ec2._nat_gateways, ec2._addresses, ec2._route_tables, ec2._subnets, ecs._tasks)
    with request_scope(ACCOUNT, REGION):
        yield Network()
        for store in stores:
            store.clear()


def seen(action: str, address: str = ADDRESS, session: str = "1234") -> dict[str, Any]:
    return origin.keys(address, session, action, REGION)


def test_a_call_of_the_machine_comes_from_its_address(network: Network) -> None:
    network.endpoint("s3", **{"RouteTableId.1": network.table})
    assert seen("s3:GetObject", "192.0.2.1", "somebody") == {"aws:sourceip": "192.0.2.1"}


def test_without_an_endpoint_a_call_comes_from_the_address_of_the_nat_gateway(network: Network) -> None:
    assert seen("s3:GetObject") == {"aws:sourceip": network.public}


def test_a_gateway_endpoint_serves_the_subnets_of_its_route_tables(network: Network) -> None:
    network.endpoint("s3", **{"RouteTableId.1": made("CreateRouteTable", VpcId=network.vpc)})
    assert seen("s3:GetObject") == {"aws:sourceip": network.public}
    endpoint = network.endpoint("s3", **{"RouteTableId.1": network.table})
    assert seen("s3:GetObject") == network.through(endpoint)
    assert seen("ssm:GetParameters") == {"aws:sourceip": network.public}


@pytest.mark.parametrize(("service", "action"), [("logs", "logs:PutLogEvents"), ("ecr.api", "ecr:BatchGetImage")])
def test_an_interface_endpoint_with_private_names_serves_its_vpc(network: Network, service: str, action: str) -> None:
    endpoint = network.endpoint(service, VpcEndpointType="Interface")
    assert seen(action) == {"aws:sourceip": network.public}
    ec2._vpc_endpoints[endpoint]["PrivateDnsEnabled"] = True
    assert seen(action) == network.through(endpoint)


def test_the_agent_calls_through_the_network_interface_of_its_task(network: Network) -> None:
    endpoint = network.endpoint("s3", **{"RouteTableId.1": network.table})
    assert seen("s3:GetObject", "127.0.0.1") == network.through(endpoint)
    assert seen("s3:GetObject", "127.0.0.1", "another") == {"aws:sourceip": "127.0.0.1"}
