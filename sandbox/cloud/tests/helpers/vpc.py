"""A network for tests of what needs one."""

from dataclasses import dataclass
from typing import Any


@dataclass
class Vpc:
    """A VPC with a private subnet in each of two zones, and a security group."""

    id: str
    subnets: list[str]
    group: str

    @property
    def configuration(self) -> dict:
        """The network configuration of a task."""
        return {"awsvpcConfiguration": {"subnets": self.subnets[:1], "securityGroups": [self.group]}}


def make_vpc(ec2: Any) -> Vpc:
    """A new one."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(zones[:2])
    ]
    group = ec2.create_security_group(VpcId=vpc, GroupName="tasks", Description="tasks")["GroupId"]
    return Vpc(vpc, subnets, group)
