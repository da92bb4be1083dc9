"""Who holds network interfaces in which subnet, with which security groups and with a public address or without.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html (requester-managed interfaces): a task, a database, a
load balancer, an interface endpoint and a NAT gateway each have one, so that EC2 refuses to delete the subnet and the
groups below them. MiniStack makes none for them; what they were made with tells where theirs would be.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ministack.services import alb, ec2, ecs, rds

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    alb: "_lbs",
    ec2: "_instances _nat_gateways _network_interfaces _security_groups _subnets _vpc_endpoints",
    ecs: "_tasks",
    rds: "_instances",
}


@dataclass(frozen=True)
class Interface:
    """One network interface."""

    subnet: str
    groups: tuple[str, ...]
    public: bool = False
    owner: str = ""

    @property
    def vpc(self) -> str:
        """The VPC of its subnet; empty when there is no such subnet."""
        return (ec2._subnets.get(self.subnet) or {}).get("VpcId", "")


def held() -> Iterator[Interface]:
    """All interfaces of the request's account and region: those that have a record, and those that will."""
    due = [*_of_gateways(), *_of_balancers(), *_of_databases(), *_of_tasks()]
    public = {each.owner for each in due if each.public}
    there = set()
    for each in list(ec2._network_interfaces.values()):
        owner = each.get("_Owner", "")  # what it was made for, unless somebody made it by a call
        there.add(owner)
        groups = tuple(group["GroupId"] for group in each["Groups"])
        yield Interface(each["SubnetId"], groups, owner in public, owner)
    yield from (each for each in due if each.owner not in there or not each.owner)


def _of_gateways() -> Iterator[Interface]:
    """NAT gateways, endpoints and instances."""
    for each in ec2._nat_gateways.values():
        if each["State"] in ("pending", "available"):
            yield Interface(each["SubnetId"], (), each["ConnectivityType"] == "public", each["NatGatewayId"])
    for each in ec2._vpc_endpoints.values():
        for subnet in each["SubnetIds"]:
            yield Interface(subnet, tuple(each.get("Groups", [])), owner=each["VpcEndpointId"])
    for each in ec2._instances.values():
        if each["State"]["Name"] != "terminated":
            groups = tuple(group["GroupId"] for group in each.get("SecurityGroups", []))
            yield Interface(each.get("SubnetId", ""), groups, bool(each.get("PublicIpAddress")))


def _of_balancers() -> Iterator[Interface]:
    for each in alb._lbs.values():
        facing, owner = each["Scheme"] == "internet-facing", each["LoadBalancerArn"]
        for subnet in each["Subnets"]:
            yield Interface(subnet, tuple(each["SecurityGroups"]), facing, owner)


def _of_databases() -> Iterator[Interface]:
    for each in rds._instances.values():
        groups = tuple(group["VpcSecurityGroupId"] for group in each.get("VpcSecurityGroups", []))
        public, owner = bool(each.get("PubliclyAccessible")), each["DBInstanceArn"]
        for subnet in (each.get("DBSubnetGroup") or {}).get("Subnets", []):
            zone = subnet.get("SubnetAvailabilityZone") or {}
            if each.get("MultiAZ") or zone.get("Name") == each.get("AvailabilityZone"):
                yield Interface(subnet["SubnetIdentifier"], groups, public, owner)


def _of_tasks() -> Iterator[Interface]:
    for task in ecs._tasks.values():
        if task.get("_subnet") and task.get("lastStatus") != "STOPPED":
            groups, public = tuple(task.get("_security_groups") or []), task.get("_public", False)
            yield Interface(task["_subnet"], groups, public, task["taskArn"])


def _run(old: Any, data: dict[str, Any]) -> Any:
    """Keep with a task what its interface is made with: MiniStack keeps the subnet only."""
    status, headers, body = old(data)
    wanted = (data.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    for shown in json.loads(body).get("tasks", []):
        task = ecs._tasks[shown["taskArn"]]
        vpc = (ec2._subnets.get(task["_subnet"] or "") or {}).get("VpcId")
        task["_security_groups"] = wanted.get("securityGroups") or default_groups(vpc)
        task["_public"] = wanted.get("assignPublicIp") == "ENABLED"
    return status, headers, body


def default_groups(vpc: str | None) -> list[str]:
    """The groups of what is made without: the VPC's default one."""
    every = ec2._security_groups.values()
    return [each["GroupId"] for each in every if (each["VpcId"], each["GroupName"]) == (vpc, "default")]


def install() -> None:
    """Keep the groups of tasks."""
    patch.wrap(ecs, "_run_task", _run, "data")
