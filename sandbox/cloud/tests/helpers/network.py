"""A VPC in MiniStack's stores, as the program builds one: a private subnet behind a NAT gateway in a public one."""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import ec2

from cloud.network import interfaces

ACCOUNT, REGION = "111122223333", "us-west-1"
# A task, and its address on the sandbox's bridge.
TASK, BRIDGE = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/work/1234", "198.51.100.7"
_IDS = {
    "AllocateAddress": "allocationId",
    "CreateNatGateway": "natGatewayId",
    "CreateSecurityGroup": "groupId",
    "CreateVpcEndpoint": "vpcEndpointId",
}


def made(action: str, **parameters: str) -> str:
    """The id of something that a call of EC2 makes."""
    status, _, body = ec2._ACTION_MAP[action](parameters)
    assert status == 200, body
    kind = action.removeprefix("Create")
    found = re.search(rf"<{_IDS.get(action, kind[0].lower() + kind[1:] + 'Id')}>([^<]+)<", body.decode())
    assert found, body
    return found[1]


def done(action: str, **parameters: str) -> None:
    """A call of EC2 that succeeds."""
    status, _, body = ec2._ACTION_MAP[action](parameters)
    assert status == 200, body


class Network:
    """The VPC, with both DNS attributes, and what tests put in it."""

    def __init__(self) -> None:
        self.vpc = made("CreateVpc", CidrBlock="10.0.0.0/16")
        for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
            done("ModifyVpcAttribute", VpcId=self.vpc, **{f"{attribute}.Value": "true"})
        self.gateway = made("CreateInternetGateway")
        done("AttachInternetGateway", InternetGatewayId=self.gateway, VpcId=self.vpc)
        self.public_subnet, self.public_table = self.tier("10.0.0.0/24")
        self.route(self.public_table, GatewayId=self.gateway)
        allocation = made("AllocateAddress", Domain="vpc")
        self.public = ec2._addresses[allocation]["PublicIp"]
        self.nat = made("CreateNatGateway", SubnetId=self.public_subnet, AllocationId=allocation)
        self.subnet, self.table = self.tier("10.0.1.0/24")
        self.route(self.table, NatGatewayId=self.nat)

    def tier(self, block: str) -> tuple[str, str]:
        """A subnet with a route table of its own."""
        subnet, table = made("CreateSubnet", VpcId=self.vpc, CidrBlock=block), made("CreateRouteTable", VpcId=self.vpc)
        done("AssociateRouteTable", RouteTableId=table, SubnetId=subnet)
        return subnet, table

    def route(self, table: str, **target: str) -> None:
        """A route to the internet."""
        done("CreateRoute", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)

    def group(self, name: str) -> str:
        """A security group without rules."""
        found = made("CreateSecurityGroup", VpcId=self.vpc, GroupName=name, GroupDescription=name)
        ec2._security_groups[found]["IpPermissionsEgress"].clear()
        return found

    def allow(self, group: str, direction: str, port: int, **peer: str) -> None:
        """A rule for a port; the peer is ``CidrIp``, ``GroupId`` or ``PrefixListId``."""
        (kind, value), rule = next(iter(peer.items())), "IpPermissions.1"
        if kind == "PrefixListId":  # MiniStack forgets it: cloud.ec2.readback
            stored = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "PrefixListIds": [peer]}
            ec2._security_groups[group]["IpPermissionsEgress"].append(stored)
            return
        members = {"CidrIp": "IpRanges", "GroupId": "Groups"}
        given = {f"{rule}.IpProtocol": "tcp", f"{rule}.FromPort": str(port), f"{rule}.ToPort": str(port)}
        given[f"{rule}.{members[kind]}.1.{kind}"] = value
        done(f"AuthorizeSecurityGroup{direction}", GroupId=group, **given)

    def task(self, owner: str, *groups: str, subnet: str = "", public: bool = False) -> dict[str, Any]:
        """The interface of a new task."""
        return interfaces.create([subnet or self.subnet], list(groups), interfaces.TASK, owner, "a task", public)

    def interface(self, owner: str) -> dict[str, Any]:
        """The interface of a task of before."""
        return interfaces.of(owner)[0]

    def endpoint(self, service: str, **more: str) -> str:
        """A new endpoint for a service."""
        return made("CreateVpcEndpoint", VpcId=self.vpc, ServiceName=f"com.amazonaws.{REGION}.{service}", **more)


@contextlib.contextmanager
def network_of_tasks() -> Iterator[Network]:
    """A VPC that is gone afterwards."""
    stores = (
        *(ec2._vpcs, ec2._subnets, ec2._route_tables, ec2._internet_gateways, ec2._nat_gateways, ec2._addresses),
        *(ec2._security_groups, ec2._vpc_endpoints, ec2._network_interfaces),
    )
    with request_scope(ACCOUNT, REGION):
        try:
            yield Network()
        finally:
            for store in stores:
                store.clear()
