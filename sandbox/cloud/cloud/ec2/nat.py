"""Let a NAT gateway fail as on AWS: after the call, with a state that says why.

https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html, NAT gateway creation fails. Those of
MiniStack are available whatever they are made of.
"""

from typing import Any

from ministack.services import ec2

from cloud.core import patch
from cloud.ec2.existing import gateway_of
from cloud.requests.answers import completes
from cloud.requests.rules import Call

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_addresses _nat_gateways",
}


def _failure(nat: dict[str, Any]) -> tuple[str, str] | None:
    if nat["ConnectivityType"] != "public":
        return None
    if gateway_of(nat["VpcId"]) is None:
        return "Gateway.NotAttached", f"Network {nat['VpcId']} has no Internet gateway attached"
    others = [each for each in ec2._nat_gateways.values() if each is not nat and each["State"] == "available"]
    address = nat["AllocationId"]
    taken = any(each["AllocationId"] == address for each in others)
    if taken or (ec2._addresses.get(address) or {}).get("AssociationId"):
        return "Resource.AlreadyAssociated", f"Elastic IP address [{address}] is already associated"
    return None


def _create(old: Any, params: dict[str, Any]) -> Any:
    status, headers, body = old(params)
    name = body.decode().partition("<natGatewayId>")[2].partition("<")[0]
    nat = ec2._nat_gateways.get(name)
    if nat and (failure := _failure(nat)):
        nat["State"] = "failed"
        nat["FailureCode"], nat["FailureMessage"] = failure
        body = body.replace(b"<state>available<", b"<state>pending<")
    return status, headers, body


@completes("ec2", "DescribeNatGateways")
def _failures(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html"""
    for gateway in answer["NatGateways"]:
        kept = ec2._nat_gateways[gateway["NatGatewayId"]]
        gateway |= {name: kept[name] for name in ("FailureCode", "FailureMessage") if name in kept}


def install() -> None:
    """Look at what a gateway is made of."""
    patch.wrap_operation(ec2, "CreateNatGateway", _create)
