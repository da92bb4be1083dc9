"""Say where a call comes from: from which address or, by an endpoint of which VPC, from which address in there.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip and the
keys after it: a call by an endpoint carries ``aws:SourceVpce``, ``aws:SourceVpc`` and ``aws:VpcSourceIp`` in the
place of ``aws:SourceIp``; any other call of a task in a private subnet comes from the public address of a NAT gateway
(https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html).
"""

from dataclasses import dataclass
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import ec2

from cloud.network import interfaces, namespaces, ways

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "all_items",
    ec2: "_addresses _nat_gateways _network_interfaces",
}

# How endpoints name services that IAM knows by another name.
_ENDPOINTS = {"cloudwatch": "monitoring", "ecr": "ecr.api"}


def keys(address: str, session: str, action: str, region: str) -> dict[str, str]:
    """The keys of a call that came from an address, for an action like ``s3:GetObject`` of a region."""
    caller = _caller(address, session)
    if not caller:
        return {"aws:sourceip": address}
    interface = caller.interface
    if found := endpoint(address, session, action, region):
        return {
            "aws:sourcevpce": found["VpcEndpointId"],
            "aws:sourcevpc": found["VpcId"],
            "aws:vpcsourceip": interface["PrivateIpAddress"],
        }
    with request_scope(caller.account, caller.region):
        return {"aws:sourceip": _public_address(interface) or address}


def endpoint(address: str, session: str, action: str, region: str) -> dict[str, Any] | None:
    """The VPC endpoint that a call takes, if it takes one."""
    caller, service = _caller(address, session), action.partition(":")[0]
    if not caller:
        return None
    with request_scope(caller.account, caller.region):
        return ways.endpoint(caller.interface, _ENDPOINTS.get(service, service), region)


@dataclass(frozen=True)
class _Caller:
    """The network interface of the task that calls, or for which the agent calls, and where it is."""

    account: str
    region: str
    interface: dict[str, Any]


def _caller(address: str, session: str) -> _Caller | None:
    """Who calls, wherever its VPC is.

    What the ECS agent does for a task it does through the task's network interface; here it calls from the emulator
    itself, with a session named like the task.
    """
    place = namespaces.at(address)
    for (account, region, _), each in list(ec2._network_interfaces.all_items()):
        owner = str(each.get(interfaces.OWNER))
        agent = address.startswith("127.") and each.get(interfaces.KIND) == interfaces.TASK
        if (place and owner == place.owner) or (agent and owner.rsplit("/", 1)[-1] == session):
            return _Caller(account, region, each)
    return None


def _public_address(interface: dict[str, Any]) -> str:
    """The address of the NAT gateway that the way to the internet leads through."""
    gateway = ec2._nat_gateways.get((ways.to_internet(interface) or {}).get("NatGatewayId")) or {}
    return str((ec2._addresses.get(gateway.get("AllocationId")) or {}).get("PublicIp", ""))
