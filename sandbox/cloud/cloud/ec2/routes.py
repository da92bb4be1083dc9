"""Keep each route's own target and destination, and say when its target is gone.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html: a route whose target is not available is a
blackhole. MiniStack takes most targets for the VPC itself, forgets prefix lists, and finds routes by ranges of IPv4.
"""

from collections.abc import Callable
from typing import Any

from ministack.services import ec2

from cloud.core import patch
from cloud.ec2.existing import gateway_of
from cloud.requests.answers import completes, shown
from cloud.requests.rules import Call

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_nat_gateways _network_interfaces _p _route_tables _vpc_peering",
}

_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
_TARGETS = (
    "GatewayId",
    "VpcEndpointId",
    "NatGatewayId",
    "InstanceId",
    "VpcPeeringConnectionId",
    "TransitGatewayId",
    "NetworkInterfaceId",
    "EgressOnlyInternetGatewayId",
    "CarrierGatewayId",
    "LocalGatewayId",
    "CoreNetworkArn",
    "OdbNetworkArn",
)

Change = Callable[[list[dict[str, Any]], dict[str, Any]], list[dict[str, Any]]]


def _named(p: dict[str, Any], members: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name in members if (value := ec2._p(p, name))}


def _same(route: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(route.get(name) == other.get(name) for name in _DESTINATIONS)


def _added(routes: list[dict[str, Any]], new: dict[str, Any]) -> list[dict[str, Any]]:
    return [*routes, new]


def _replaced(routes: list[dict[str, Any]], new: dict[str, Any]) -> list[dict[str, Any]]:
    return [new | {"Origin": each["Origin"]} if _same(each, new) else each for each in routes]


def _deleted(routes: list[dict[str, Any]], gone: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in routes if not _same(each, gone)]


def _changing(change: Change) -> Any:
    def around(old: Any, p: dict[str, Any]) -> Any:
        table = ec2._route_tables.get(ec2._p(p, "RouteTableId"))
        before = list(table["Routes"]) if table else []
        answer = old(p)
        if table and answer[0] == 200:
            target = _named(p, _TARGETS) or {"GatewayId": "local"}
            route = _named(p, _DESTINATIONS) | target | {"State": "active", "Origin": "CreateRoute"}
            table["Routes"] = change(before, route)
        return answer

    return around


def is_gone(route: dict[str, Any], vpc: str) -> bool:
    """Whether what a route leads to is not there."""
    if name := route.get("NatGatewayId"):
        return (ec2._nat_gateways.get(name) or {}).get("State") != "available"
    if str(name := route.get("GatewayId")).startswith("igw-"):
        return (gateway_of(vpc) or {}).get("InternetGatewayId") != name
    if name := route.get("NetworkInterfaceId"):
        return name not in ec2._network_interfaces
    name = route.get("VpcPeeringConnectionId")
    return bool(name) and name not in ec2._vpc_peering


@completes("ec2", "DescribeRouteTables")
def _states(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html, State."""
    for table in shown(answer, "RouteTables"):
        for route in table["Routes"]:
            if is_gone(route, table["VpcId"]):
                route["State"] = "blackhole"


def install() -> None:
    """Inside of ec2.canonical, which clears host bits."""
    patch.wrap_operation(ec2, "CreateRoute", _changing(_added))
    patch.wrap_operation(ec2, "ReplaceRoute", _changing(_replaced))
    patch.wrap_operation(ec2, "DeleteRoute", _changing(_deleted))
