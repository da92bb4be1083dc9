"""Which way leads from an interface to the internet and to AWS's APIs, and what is missing where none does.

https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html (a subnet's own table or the VPC's main one, the
most specific route), VPC_Internet_Gateway.html (a public address), vpc-nat-gateway.html (a gateway in a subnet that
itself reaches the internet), https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html (by route table)
and privatelink-access-aws-services.html (private DNS, which needs both DNS attributes of the VPC; the groups).
"""

from ipaddress import IPv4Address, IPv4Network
from typing import Any

from ministack.core.responses import get_region
from ministack.services import ec2

from cloud.network import groups, interfaces

# What this module uses of MiniStack.
NEEDS = {
    ec2: ("_get_aws_managed_prefix_lists _internet_gateways _nat_gateways _route_tables _vpc_endpoints _vpcs"),
}

HTTPS = 443
# One of the public addresses that AWS's APIs have: https://ip-ranges.amazonaws.com/ip-ranges.json
_PUBLIC_API = "52.94.0.1"


def table(subnet_id: str, vpc_id: str) -> dict[str, Any]:
    """The route table of a subnet."""
    tables = [each for each in list(ec2._route_tables.values()) if each["VpcId"] == vpc_id]
    for each in tables:
        if any(association.get("SubnetId") == subnet_id for association in each["Associations"]):
            return each
    return next(each for each in tables if any(a.get("Main") for a in each["Associations"]))


def route(subnet_id: str, vpc_id: str, address: str) -> dict[str, Any] | None:
    """The most specific route of a subnet to an address."""
    routes = table(subnet_id, vpc_id)["Routes"]
    leading = [each for each in routes if IPv4Address(address) in _destination(each)]
    return max(leading, key=lambda each: _destination(each).prefixlen, default=None)


def to_internet(interface: dict[str, Any]) -> dict[str, Any] | None:
    """The route that public addresses take."""
    return route(interface["SubnetId"], interface["VpcId"], _PUBLIC_API)


def _destination(found: dict[str, Any]) -> IPv4Network:
    # A route without a range is one to a prefix list or of IPv6.
    return IPv4Network(found.get("DestinationCidrBlock") or "255.255.255.255/32")


def _attached(gateway_id: str, vpc_id: str) -> bool:
    gateway = ec2._internet_gateways.get(gateway_id) or {}
    return any(each["VpcId"] == vpc_id for each in gateway.get("Attachments", []))


def lacks_internet(interface: dict[str, Any]) -> str:
    """What is missing on the way to a public address, security groups aside; nothing when the way is there."""
    subnet, vpc = interface["SubnetId"], interface["VpcId"]
    found, where = to_internet(interface), table(subnet, vpc)["RouteTableId"]
    if found is None:
        return f"the route table {where} of {subnet} has no route to the internet"
    if gateway := found.get("NatGatewayId"):
        nat = ec2._nat_gateways.get(gateway)
        if nat is None or nat["State"] != "available":
            return f"the route of {where} leads to {gateway}, which is not there"
        if nat["ConnectivityType"] != "public":
            return f"the NAT gateway {gateway} is private"
        beyond = route(nat["SubnetId"], vpc, _PUBLIC_API) or {}
        if not _attached(beyond.get("GatewayId", ""), vpc):
            return f"the subnet {nat['SubnetId']} of {gateway} has no route to an internet gateway"
        return ""
    if not _attached(found.get("GatewayId", ""), vpc):
        return f"the route of {where} to the internet leads to no gateway of {vpc}"
    if not interface.get(interfaces.PUBLIC):
        return f"{subnet} leads to an internet gateway, and the interface has no public address"
    return ""


def lacks_service(interface: dict[str, Any], service: str) -> str:
    """What is missing on the way to an AWS API, such as ``ecr.api``; nothing when a call arrives."""
    found = endpoint(interface, service)
    if found is None:
        if not groups.allows(interface, groups.EGRESS, HTTPS, _PUBLIC_API):
            return f"no egress rule allows port {HTTPS} to public addresses, and there is no endpoint for {service}"
        missing = lacks_internet(interface)
        return f"{missing}, and there is no endpoint for {service}" if missing else ""
    if found["VpcEndpointType"] == "Gateway":
        return _lacks_gateway(interface, found, service)
    return _lacks_endpoint(interface, found)


def service_of(name: str) -> str:
    """The service in com.amazonaws.us-west-1.ecr.api."""
    return name.partition(f".{get_region()}.")[2]


def _lacks_gateway(interface: dict[str, Any], found: dict[str, Any], service: str) -> str:
    lists = ec2._get_aws_managed_prefix_lists()
    ranges = [
        each["Cidr"] for each in lists if each["PrefixListName"].endswith(f".{service}") and ":" not in each["Cidr"]
    ]
    addresses = [str(IPv4Network(each).network_address + 1) for each in ranges]
    if any(groups.allows(interface, groups.EGRESS, HTTPS, each) for each in addresses):
        return ""
    return f"no egress rule allows port {HTTPS} to the prefix list of {found['VpcEndpointId']} ({service})"


def _lacks_endpoint(interface: dict[str, Any], found: dict[str, Any]) -> str:
    name, doors = found["VpcEndpointId"], interfaces.of(found["VpcEndpointId"])
    if not any(groups.allows(interface, groups.EGRESS, HTTPS, each["PrivateIpAddress"]) for each in doors):
        return f"no egress rule allows port {HTTPS} to the endpoint {name}"
    if not any(groups.allows(each, groups.INGRESS, HTTPS, interface["PrivateIpAddress"]) for each in doors):
        return f"no ingress rule of the endpoint {name} allows port {HTTPS} from the caller"
    return ""


def endpoint(interface: dict[str, Any], service: str) -> dict[str, Any] | None:
    """The VPC endpoint that a call takes: an interface endpoint by private DNS, else a gateway endpoint by routes."""
    own = [each for each in list(ec2._vpc_endpoints.values()) if each["VpcId"] == interface["VpcId"]]
    own = [each for each in own if service_of(each["ServiceName"]) == service and each["State"] == "available"]
    vpc = ec2._vpcs[interface["VpcId"]]
    if vpc.get("EnableDnsSupport", True) and vpc.get("EnableDnsHostnames", False):
        for each in own:
            if each["VpcEndpointType"] == "Interface" and each.get("PrivateDnsEnabled"):
                return each
    where = table(interface["SubnetId"], interface["VpcId"])["RouteTableId"]
    return next((each for each in own if where in (each.get("RouteTableIds") or [])), None)
