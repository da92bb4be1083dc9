"""A network for tests of what needs one."""

from dataclasses import dataclass
from typing import Any

# The two numbers with which the VPC's addresses begin.
BLOCK = "10.89"


@dataclass
class Vpc:
    """A VPC with a public subnet in each of two zones, and a security group whose members reach each other."""

    id: str
    subnets: list[str]
    group: str
    table: str

    @property
    def configuration(self) -> dict:
        """The network configuration of a task."""
        return self.configured(self.group)

    def configured(self, group: str, subnet: str = "") -> dict:
        """The network configuration of a task in another group or subnet."""
        subnets = [subnet or self.subnets[0]]
        own = {"subnets": subnets, "securityGroups": [group], "assignPublicIp": "ENABLED"}
        return {"awsvpcConfiguration": own}


def make_vpc(ec2: Any) -> Vpc:
    """A new one, with a range that engines like to give to their bridges."""
    vpc = ec2.create_vpc(CidrBlock=f"{BLOCK}.0.0/16")["Vpc"]["VpcId"]
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"{BLOCK}.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(zones[:2])
    ]
    group = ec2.create_security_group(VpcId=vpc, GroupName="tasks", Description="tasks")["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}]
    )
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    for subnet in subnets:
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    return Vpc(vpc, subnets, group, table)
