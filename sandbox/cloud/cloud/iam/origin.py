"""Say where a call comes from: from which address or, by an endpoint of which VPC, from which address in there.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip and the
keys after it: a call by an endpoint carries ``aws:SourceVpce``, ``aws:SourceVpc`` and ``aws:VpcSourceIp`` in the
place of ``aws:SourceIp``; any other call of a task in a private subnet comes from the public address of a NAT gateway
(https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html).
"""

from typing import Any

from ministack.services import ec2

from cloud.network import interfaces, namespaces, ways

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_addresses _nat_gateways",
}

# How endpoints name services that IAM knows by another name.
_ENDPOINTS = {"cloudwatch": "monitoring", "ecr": "ecr.api"}


def keys(address: str, session: str, action: str) -> dict[str, str]:
    """The keys of a call that came from an address, for an action like ``s3:GetObject``."""
    interface = _interface(address, session)
    if not interface:
        return {"aws:sourceip": address}
    if found := endpoint(address, session, action):
        return {
            "aws:sourcevpce": found["VpcEndpointId"],
            "aws:sourcevpc": found["VpcId"],
            "aws:vpcsourceip": interface["PrivateIpAddress"],
        }
    return {"aws:sourceip": _public_address(interface) or address}


def endpoint(address: str, session: str, action: str) -> dict[str, Any] | None:
    """The VPC endpoint that a call takes, if it takes one.

    What the ECS agent does for a task it does through the task's network interface; here it calls from the emulator
    itself, with a session named like the task.
    """
    interface, service = _interface(address, session), action.partition(":")[0]
    return ways.endpoint(interface, _ENDPOINTS.get(service, service)) if interface else None


def _interface(address: str, session: str) -> dict[str, Any] | None:
    """The network interface of the task that calls, or for which the agent calls."""
    if not address.startswith("127."):
        place = namespaces.at(address)
        return next(iter(interfaces.of(place.owner)), None) if place else None
    tasks = [each for each in interfaces.all_owned() if each[interfaces.KIND] == interfaces.TASK]
    return next((each for each in tasks if each[interfaces.OWNER].rsplit("/", 1)[-1] == session), None)


def _public_address(interface: dict[str, Any]) -> str:
    """The address of the NAT gateway that the way to the internet leads through."""
    gateway = ec2._nat_gateways.get((ways.to_internet(interface) or {}).get("NatGatewayId")) or {}
    return str((ec2._addresses.get(gateway.get("AllocationId")) or {}).get("PublicIp", ""))
