"""List who reaches whom, as groups, routes and endpoints are now: GET /_sandbox/reach.

A line for each pair, sorted, as "daemon-tasks reaches database-instance at tcp 5432", for all accounts and regions.
A workload is what has the same security groups, and is called by their names; ids are told by the names in their tags.

    A reaches B at tcp 5432                 the way out of A and the way into B allow it, both in one VPC
    10.0.0.0/16 reaches B at tcp 443        a rule of B lets a range in
    A reaches the internet at tcp 443       a rule of A lets out, and a route leads there; also ranges of the internet
    A reaches aws s3 by NAME                an API of AWS, by an endpoint or by the internet
    A does not reach aws s3: REASON         and what is missing; also of the internet

APIs are told of tasks only. A task may start in each subnet that services of its VPC name or tasks are in, so it is
looked at in all of them, also while there is none: then its group is all that says so. What is listed is in force: the
packet filters are brought up to date first. AWS has no call for this, so the path is the sandbox's own, and it answers
the machine only.
"""

import asyncio
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from ministack import app
from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import ec2, ecs

from cloud.core import patch
from cloud.network import groups, interfaces, namespaces, ways

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "all_items",
    ec2: "_get_aws_managed_prefix_lists _security_groups _subnets _tags _vpc_endpoints",
    ecs: "_services",
}

PATH = "/_sandbox/reach"
# What ECS and its tasks call, beside all that has an endpoint.
_SERVICES = ("ecr.api", "ecr.dkr", "ecs", "kms", "logs", "s3", "secretsmanager", "ssm", "ssmmessages", "sts")
_ID = re.compile(r"\b(?:eni|igw|nat|pl|rtb|sg|subnet|vpc|vpce)-[0-9a-f]+\b")
_EVERYWHERE = "0.0.0.0/0"


@dataclass(frozen=True)
class Workload:
    """What has the same security groups: its interfaces, and those that it would have elsewhere."""

    name: str
    interfaces: tuple[dict[str, Any], ...]
    is_tasks: bool

    def permissions(self, direction: str, there: list[dict[str, Any]]) -> list[groups.Permission]:
        """What its groups permit."""
        return groups.permissions(self.interfaces[0], direction, there)

    def is_in(self, permission: groups.Permission) -> bool:
        """Whether a permission is about one of its addresses."""
        addresses = [IPv4Address(each["PrivateIpAddress"]) for each in self.interfaces]
        return any(address in each for address in addresses for each in permission.ranges)


def lines() -> list[str]:
    """The listing of the request's account and region."""
    there = sorted(_workloads(), key=lambda each: each.name)
    everyone = [one for each in there for one in each.interfaces]
    found: set[str] = set()
    for one, other in itertools.product(there, there):
        if one.interfaces[0]["VpcId"] == other.interfaces[0]["VpcId"]:
            found.update(_pairs(one, other, everyone))
    for each in there:
        found.update(_from_ranges(each, everyone))
        found.update(_to_ranges(each, everyone))
        if each.is_tasks:
            found.update(_to_services(each))
    return sorted(_ID.sub(lambda name: _name(name[0]), each) for each in found)


def _workloads() -> Iterator[Workload]:
    members: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for each in interfaces.all_owned():
        if own := tuple(sorted(interfaces.groups_of(each))):
            members.setdefault(own, []).append(each)
    used = set(itertools.chain.from_iterable(members))
    for group in list(ec2._security_groups.values()):
        if group["GroupId"] not in used and group["GroupName"] != "default":
            members[(group["GroupId"],)] = []
    for number, (own, there) in enumerate(members.items()):
        is_tasks = not there or any(each[interfaces.KIND] == interfaces.TASK for each in there)
        vpc = ec2._security_groups[own[0]]["VpcId"]
        elsewhere = [_interface(each, own, there, number) for each in _places(vpc)] if is_tasks else []
        if there or elsewhere:
            yield Workload("+".join(map(_name, own)), (*there, *elsewhere), is_tasks)


def _places(vpc: str) -> list[dict[str, Any]]:
    """The subnets in which tasks of a VPC are or may be; all, where nothing tells."""
    known = [each for each in list(ec2._subnets.values()) if each["VpcId"] == vpc]
    named = {each["SubnetId"] for each in interfaces.all_owned() if each[interfaces.KIND] == interfaces.TASK}
    for service in list(ecs._services.values()):
        named.update(((service.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}).get("subnets", []))
    return [each for each in known if each["SubnetId"] in named] or known


def _interface(
    subnet: dict[str, Any], own: tuple[str, ...], there: list[dict[str, Any]], number: int
) -> dict[str, Any]:
    """The interface of a task that would start in a subnet, at another address than those of other workloads."""
    free = interfaces.free(subnet)
    address = free[number] if number < len(free) else IPv4Network(subnet["CidrBlock"])[-2 - number]
    return {
        "PrivateIpAddress": str(address),
        "SubnetId": subnet["SubnetId"],
        "VpcId": subnet["VpcId"],
        "Groups": [{"GroupId": each} for each in own],
        interfaces.PUBLIC: any(each[interfaces.PUBLIC] for each in there),
    }


def _pairs(one: Workload, other: Workload, there: list[dict[str, Any]]) -> Iterator[str]:
    leaving = [each for each in one.permissions(groups.EGRESS, there) if other.is_in(each)]
    entering = [each for each in other.permissions(groups.INGRESS, there) if one.is_in(each)]
    for leaves, enters in itertools.product(leaving, entering):
        if at := _both(leaves, enters):
            yield f"{one.name} reaches {other.name} at {at}"


def _both(leaves: groups.Permission, enters: groups.Permission) -> str:
    """The protocol and the ports that both permit."""
    if groups.ALL not in (leaves.protocol, enters.protocol) and leaves.protocol != enters.protocol:
        return ""
    protocol = enters.protocol if leaves.protocol == groups.ALL else leaves.protocol
    if not leaves.ports or not enters.ports:
        return _at(protocol, leaves.ports or enters.ports)
    first, last = max(leaves.ports[0], enters.ports[0]), min(leaves.ports[1], enters.ports[1])
    return _at(protocol, (first, last)) if first <= last else ""


def _at(protocol: str, ports: tuple[int, int] | None) -> str:
    name = "any" if protocol == groups.ALL else protocol
    if ports is None:
        return name
    return f"{name} {ports[0]}" if ports[0] == ports[1] else f"{name} {ports[0]}-{ports[1]}"


def _from_ranges(workload: Workload, there: list[dict[str, Any]]) -> Iterator[str]:
    for each in workload.permissions(groups.INGRESS, there):
        if not each.peer.startswith("sg-"):
            yield f"{each.peer} reaches {workload.name} at {_at(each.protocol, each.ports)}"


def _to_ranges(workload: Workload, there: list[dict[str, Any]]) -> Iterator[str]:
    inside = interfaces.ranges(workload.interfaces[0]["VpcId"])
    of_aws = {each["PrefixListId"] for each in ec2._get_aws_managed_prefix_lists()}
    for each in workload.permissions(groups.EGRESS, there):
        if each.peer in of_aws or all(any(one.subnet_of(block) for block in inside) for one in each.ranges):
            continue
        peer = "the internet" if each.peer == _EVERYWHERE else each.peer
        for interface in workload.interfaces:
            missing = ways.lacks_internet(interface)
            yield _told(workload, f"{peer} at {_at(each.protocol, each.ports)}", missing)


def _to_services(workload: Workload) -> Iterator[str]:
    named = {ways.service_of(each["ServiceName"]) for each in list(ec2._vpc_endpoints.values())}
    for service, interface in itertools.product({*_SERVICES, *named}, workload.interfaces):
        endpoint = ways.endpoint(interface, service)
        way = endpoint["VpcEndpointId"] if endpoint else "the internet"
        missing = ways.lacks_service(interface, service)
        yield _told(workload, f"aws {service}" if missing else f"aws {service} by {way}", missing)


def _told(workload: Workload, peer: str, missing: str) -> str:
    return f"{workload.name} does not reach {peer}: {missing}" if missing else f"{workload.name} reaches {peer}"


def _name(of: str) -> str:
    """The name in the tags of something, or what it is called by else."""
    tags = {each["Key"]: each["Value"] for each in ec2._tags.get(of) or []}
    group = (ec2._security_groups.get(of) or {}).get("GroupName")
    return str(tags.get("Name") or group or of)


async def _answer(old: Any, path: str, method: str, query_params: dict[str, Any]) -> Any:
    if (method, path) != ("GET", PATH):
        return await old(path, method, query_params)
    await asyncio.to_thread(namespaces.refresh)
    found: list[str] = []
    for account, region in sorted({key[:2] for key, _ in list(ec2._security_groups.all_items())}):
        with request_scope(account, region):
            found += lines()
    return 200, {"Content-Type": "text/plain; charset=utf-8"}, "".join(f"{each}\n" for each in found).encode()


def install() -> None:
    """Answer the path beside MiniStack's own ones."""
    patch.wrap(app, "_handle_admin_reset", _answer, "path method query_params")
