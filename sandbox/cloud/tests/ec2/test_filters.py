"""A filter leaves what it names, also where two VPCs are alike."""

from typing import Any

import pytest
from helpers.emulator import REGION, Emulator

SERVICE = f"com.amazonaws.{REGION}.s3"


class Made:
    """A VPC with one of each, tagged with its name."""

    def __init__(self, aws: Emulator, name: str) -> None:
        ec2 = aws.client("ec2")
        self.name, self.vpc = name, ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
        in_vpc = {"VpcId": self.vpc}
        self.subnet = ec2.create_subnet(**in_vpc, CidrBlock="10.8.1.0/24")["Subnet"]["SubnetId"]
        self.table = ec2.create_route_table(**in_vpc)["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(RouteTableId=self.table, SubnetId=self.subnet)
        self.gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=self.gateway, **in_vpc)
        endpoint = ec2.create_vpc_endpoint(**in_vpc, ServiceName=SERVICE, RouteTableIds=[self.table])["VpcEndpoint"]
        self.endpoint = endpoint["VpcEndpointId"]
        self.group = ec2.create_security_group(**in_vpc, GroupName=name, Description=name)["GroupId"]
        tags = [{"Key": "Name", "Value": name}]
        ec2.create_tags(Resources=[self.vpc, self.subnet, self.table, self.endpoint, self.group], Tags=tags)


@pytest.fixture(scope="module")
def made(aws: Emulator) -> Made:
    Made(aws, "filters-other")
    return Made(aws, "filters-one")


# The operation, the member that lists, the one with the id, a filter, and which of the names is its value.
CASES: list[tuple[str, str, str, str, str]] = [
    ("describe_vpcs", "Vpcs", "VpcId", "tag:Name", "name"),
    ("describe_subnets", "Subnets", "SubnetId", "vpc-id", "vpc"),
    ("describe_subnets", "Subnets", "SubnetId", "tag:Name", "name"),
    ("describe_route_tables", "RouteTables", "RouteTableId", "association.subnet-id", "subnet"),
    ("describe_route_tables", "RouteTables", "RouteTableId", "route.gateway-id", "endpoint"),
    ("describe_internet_gateways", "InternetGateways", "InternetGatewayId", "attachment.vpc-id", "vpc"),
    ("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", "vpc-id", "vpc"),
    ("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", "tag:Name", "name"),
    ("describe_security_groups", "SecurityGroups", "GroupId", "group-name", "name"),
    ("describe_security_groups", "SecurityGroups", "GroupId", "group-id", "group"),
]
IDS = {
    "VpcId": "vpc",
    "SubnetId": "subnet",
    "RouteTableId": "table",
    "InternetGatewayId": "gateway",
    "VpcEndpointId": "endpoint",
    "GroupId": "group",
}


@pytest.mark.parametrize(("operation", "member", "id_member", "name", "source"), CASES)
def test_a_filter_finds_one_of_two(
    aws: Emulator, made: Made, operation: str, member: str, id_member: str, name: str, source: str
) -> None:
    def found(**more: Any) -> list[str]:
        return [each[id_member] for each in getattr(aws.client("ec2"), operation)(**more)[member]]

    own = getattr(made, IDS[id_member])
    assert found(Filters=[{"Name": name, "Values": [getattr(made, source)]}]) == [own]
    assert len(found()) > 1


def test_filters_hold_together_and_their_values_are_alternatives(aws: Emulator, made: Made) -> None:
    def found(*filters: tuple[str, list[str]]) -> list[str]:
        asked = [{"Name": name, "Values": values} for name, values in filters]
        return [each["SubnetId"] for each in aws.client("ec2").describe_subnets(Filters=asked)["Subnets"]]

    by_name = ("tag:Name", ["filters-o*"])
    assert len(found(by_name)) == 2
    assert found(by_name, ("vpc-id", ["vpc-1", made.vpc])) == [made.subnet]
    assert found(by_name, ("vpc-id", ["vpc-1"])) == []
