"""A network in the emulated AWS, for tests of what is made in one."""

import itertools
from typing import Any

from helpers.emulator import REGION, Emulator
from helpers.refusals import client

_ranges = itertools.count(1)
ZONES = (f"{REGION}a", f"{REGION}c")


class Network:
    """A VPC of its own with an internet gateway, a subnet in each of two zones, a security group and a route table."""

    def __init__(self, aws: Emulator, gateway: bool = True) -> None:
        self.ec2: Any = client(aws, "ec2")
        self.block = f"10.{next(_ranges)}"
        self.vpc = self.ec2.create_vpc(CidrBlock=f"{self.block}.0.0/16")["Vpc"]["VpcId"]
        self.gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        if gateway:
            self.ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        self.subnets = [self.subnet(number, zone) for number, zone in enumerate(ZONES)]
        self.group = self.security_group("own")
        self.table = self.ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]

    def subnet(self, number: int, zone: str = ZONES[0], size: int = 24) -> str:
        """A further subnet."""
        block = f"{self.block}.{number}.0/{size}"
        made = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=block, AvailabilityZone=zone)
        return str(made["Subnet"]["SubnetId"])

    def security_group(self, name: str) -> str:
        """A further security group."""
        return str(self.ec2.create_security_group(VpcId=self.vpc, GroupName=name, Description=name)["GroupId"])

    def address(self) -> str:
        """An elastic address."""
        return str(self.ec2.allocate_address(Domain="vpc")["AllocationId"])

    def names(self, prefix: str = "") -> dict[str, str]:
        """What requests of a table name."""
        filters = [{"Name": "vpc-id", "Values": [self.vpc]}, {"Name": "association.main", "Values": ["true"]}]
        main = self.ec2.describe_route_tables(Filters=filters)["RouteTables"][0]["Associations"][0]
        own = {
            "vpc": self.vpc,
            "block": self.block,
            "gateway": self.gateway,
            "subnet": self.subnets[0],
            "second": self.subnets[1],
            "group": self.group,
            "table": self.table,
            "main": main["RouteTableAssociationId"],
        }
        return {prefix + name: value for name, value in own.items()}


def allow(**changed: Any) -> dict[str, Any]:
    """A permission for TCP 443 from a range, or as given."""
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]} | changed
    return {name: value for name, value in permission.items() if value is not None}
