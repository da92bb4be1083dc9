"""The network interfaces of a VPC: each takes an address from its subnet and has security groups.

https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html: AWS keeps the first four addresses of a subnet and
the last. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Subnet.html: a subnet says how many are free.
MiniStack gives any address, and none to tasks, databases, load balancers, endpoints and NAT gateways.
"""

import secrets
import threading
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import ec2

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_network_interfaces _security_groups _subnets _vpcs",
}

# Members of an interface that AWS's answers do not show: what it is of, and whether it has a public address.
KIND, OWNER, PUBLIC = "_Kind", "_Owner", "_Public"
TASK, DATABASE, BALANCER, ENDPOINT, NAT = "task", "database", "balancer", "endpoint", "nat"

_lock = threading.RLock()


class FullError(RuntimeError):
    """None of the subnets has a free address; the text is the first one's id."""


def _taken(subnet_id: str) -> set[str]:
    return {
        each["PrivateIpAddress"] for each in list(ec2._network_interfaces.values()) if each["SubnetId"] == subnet_id
    }


def free(subnet: dict[str, Any]) -> list[IPv4Address]:
    """The free addresses of a subnet."""
    block, taken = IPv4Network(subnet["CidrBlock"]), _taken(subnet["SubnetId"])
    first, last = int(block.network_address) + 4, int(block.broadcast_address) - 1
    return [address for number in range(first, last + 1) if str(address := IPv4Address(number)) not in taken]


def count_free(subnet: dict[str, Any]) -> int:
    """How many addresses of a subnet are free."""
    return IPv4Network(subnet["CidrBlock"]).num_addresses - 5 - len(_taken(subnet["SubnetId"]))


def create(
    subnet_ids: list[str], groups: list[str], kind: str, owner: str, description: str, public: bool = False
) -> dict[str, Any]:
    """An interface in the subnet that has the fewest of this kind, of those with a free address; else FullError."""
    with _lock:
        mine = [each["SubnetId"] for each in list(ec2._network_interfaces.values()) if each.get(KIND) == kind]
        known = [ec2._subnets[each] for each in subnet_ids if each in ec2._subnets]
        open_ones = [each for each in known if count_free(each) > 0]
        if not open_ones:
            raise FullError(subnet_ids[0])
        subnet = min(open_ones, key=lambda each: mine.count(each["SubnetId"]))
        return _record(subnet, str(secrets.choice(free(subnet))), groups, kind, owner, description, public)


def _record(
    subnet: dict[str, Any], address: str, groups: list[str], kind: str, owner: str, description: str, public: bool
) -> dict[str, Any]:
    name = f"eni-{secrets.token_hex(9)[:17]}"
    record = {
        "NetworkInterfaceId": name,
        "SubnetId": subnet["SubnetId"],
        "VpcId": subnet["VpcId"],
        "AvailabilityZone": subnet["AvailabilityZone"],
        "Description": description,
        "OwnerId": get_account_id(),
        "Status": "in-use",
        "PrivateIpAddress": address,
        "InterfaceType": {ENDPOINT: "vpc_endpoint", NAT: "nat_gateway"}.get(kind, "interface"),
        "SourceDestCheck": kind != NAT,
        "MacAddress": ":".join(("0a", *(f"{byte:02x}" for byte in secrets.token_bytes(5)))),
        "Groups": _named(groups),
        "Attachment": None,
        KIND: kind,
        OWNER: owner,
        PUBLIC: public,
    }
    ec2._network_interfaces[name] = record
    return record


def _named(groups: list[str]) -> list[dict[str, str]]:
    return [
        {"GroupId": each, "GroupName": (ec2._security_groups.get(each) or {}).get("GroupName", each)} for each in groups
    ]


def of(owner: str) -> list[dict[str, Any]]:
    """The interfaces of a task, database, load balancer, endpoint or NAT gateway."""
    return [each for each in list(ec2._network_interfaces.values()) if each.get(OWNER) == owner]


def all_owned() -> list[dict[str, Any]]:
    """The interfaces that belong to something that this sandbox runs."""
    return [each for each in list(ec2._network_interfaces.values()) if each.get(OWNER)]


def release(owner: str) -> None:
    """Give the addresses back."""
    for each in of(owner):
        ec2._network_interfaces.pop(each["NetworkInterfaceId"], None)


def set_groups(interface: dict[str, Any], groups: list[str]) -> None:
    """Put an interface in other security groups."""
    interface["Groups"] = _named(groups)


def groups_of(interface: dict[str, Any]) -> list[str]:
    """The ids of an interface's security groups."""
    return [each["GroupId"] for each in interface["Groups"]]


def ranges(vpc_id: str) -> list[IPv4Network]:
    """The address ranges of a VPC."""
    vpc = ec2._vpcs[vpc_id]
    blocks = {vpc["CidrBlock"], *(each["CidrBlock"] for each in vpc.get("CidrBlockAssociationSet") or [])}
    return sorted(IPv4Network(each) for each in blocks)


def _subnet_xml(old: Any, subnet: dict[str, Any], tag: str = "item") -> str:
    return old({**subnet, "AvailableIpAddressCount": count_free(subnet)}, tag)


def _create(old: Any, p: dict[str, Any]) -> Any:
    """CreateNetworkInterface: MiniStack's address is of no subnet."""
    before = set(ec2._network_interfaces)
    answer = old(p)
    for name in set(ec2._network_interfaces) - before:
        record = ec2._network_interfaces[name]
        if (subnet := ec2._subnets.get(record["SubnetId"])) and (addresses := free(subnet)):
            was, record["PrivateIpAddress"] = record["PrivateIpAddress"], str(secrets.choice(addresses))
            answer = (answer[0], answer[1], answer[2].replace(was.encode(), record["PrivateIpAddress"].encode()))
    return answer


def install() -> None:
    """Count what is free in a subnet."""
    patch.wrap(ec2, "_subnet_fields_xml", _subnet_xml, "subnet tag")
    patch.wrap_operation(ec2, "CreateNetworkInterface", _create)
