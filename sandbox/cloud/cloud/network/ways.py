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


def routes(subnet_id: str, vpc_id: str) -> list[tuple[IPv4Network, dict[str, Any]]]:
    """The routes of a subnet by their ranges of IPv4, the most specific one first."""
    found = []
    for each in table(subnet_id, vpc_id)["Routes"]:
        if block := each.get("DestinationCidrBlock"):
            found.append((IPv4Network(block), each))
        elif name := each.get("DestinationPrefixListId"):
            found += [(block, each) for block in groups.prefix_list(name)]
    return sorted(found, key=lambda each: each[0].prefixlen, reverse=True)


def route(subnet_id: str, vpc_id: str, address: str) -> dict[str, Any] | None:
    """The most specific route of a subnet to an address."""
    found = routes(subnet_id, vpc_id)
    return next((each for block, each in found if IPv4Address(address) in block), None)


def to_internet(interface: dict[str, Any]) -> dict[str, Any] | None:
    """The route that public addresses take."""
    return route(interface["SubnetId"], interface["VpcId"], _PUBLIC_API)


def outward(interface: dict[str, Any]) -> list[tuple[IPv4Network, str]]:
    """The ranges that routes lead out of the VPC to, the most specific one first, with what each way lacks."""
    found = routes(interface["SubnetId"], interface["VpcId"])
    return [(block, _lacks(interface, each)) for block, each in found if each.get("GatewayId") != "local"]


def _attached(gateway_id: str, vpc_id: str) -> bool:
    gateway = ec2._internet_gateways.get(gateway_id) or {}
    return any(each["VpcId"] == vpc_id for each in gateway.get("Attachments", []))


def lacks_internet(interface: dict[str, Any], address: str = _PUBLIC_API) -> str:
    """What is missing on the way to a public address, security groups aside; nothing when the way is there."""
    subnet, vpc = interface["SubnetId"], interface["VpcId"]
    found = route(subnet, vpc, address)
    if found is None:
        return f"the route table {table(subnet, vpc)['RouteTableId']} of {subnet} has no route to the internet"
    return _lacks(interface, found)


def _lacks(interface: dict[str, Any], found: dict[str, Any]) -> str:
    """What the way of a route out of the VPC lacks."""
    subnet, vpc = interface["SubnetId"], interface["VpcId"]
    where = table(subnet, vpc)["RouteTableId"]
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


def resolves(interface: dict[str, Any]) -> bool:
    """Whether the VPC has a resolver: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html."""
    return bool(ec2._vpcs[interface["VpcId"]].get("EnableDnsSupport", True))


def lacks_service(interface: dict[str, Any], service: str, region: str = "") -> str:
    """What is missing on the way to an AWS API, such as ``ecr.api``, of this region or of another one.

    Nothing when a call arrives.
    """
    if not resolves(interface):
        return f"{interface['VpcId']} resolves no names (enableDnsSupport)"
    found = endpoint(interface, service, region)
    if found is None:
        address = next(iter(_listed(service)), _PUBLIC_API)
        if not groups.allows(interface, groups.EGRESS, HTTPS, address):
            return f"no egress rule allows port {HTTPS} to public addresses, and there is no endpoint for {service}"
        missing = lacks_internet(interface, address)
        return f"{missing}, and there is no endpoint for {service}" if missing else ""
    if found["VpcEndpointType"] == "Gateway":
        if any(groups.allows(interface, groups.EGRESS, HTTPS, each) for each in _listed(service)):
            return ""
        return f"no egress rule allows port {HTTPS} to the prefix list of {found['VpcEndpointId']} ({service})"
    return _lacks_endpoint(interface, found)


def _listed(service: str) -> list[str]:
    """An address of each range in the prefix list of a service that has one."""
    lists = ec2._get_aws_managed_prefix_lists()
    named = [each["Cidr"] for each in lists if each["PrefixListName"] == f"com.amazonaws.{get_region()}.{service}"]
    return [str(IPv4Network(each).network_address + 1) for each in named]


def service_of(name: str) -> str:
    """The service in com.amazonaws.us-west-1.ecr.api."""
    return name.partition(f".{get_region()}.")[2]


def _lacks_endpoint(interface: dict[str, Any], found: dict[str, Any]) -> str:
    name, doors = found["VpcEndpointId"], interfaces.of(found["VpcEndpointId"])
    if not doors:
        return f"the endpoint {name} is in no subnet"
    if not any(groups.allows(interface, groups.EGRESS, HTTPS, each["PrivateIpAddress"]) for each in doors):
        return f"no egress rule allows port {HTTPS} to the endpoint {name}"
    if not any(groups.allows(each, groups.INGRESS, HTTPS, interface["PrivateIpAddress"]) for each in doors):
        return f"no ingress rule of the endpoint {name} allows port {HTTPS} from the caller"
    return ""


def endpoint(interface: dict[str, Any], service: str, region: str = "") -> dict[str, Any] | None:
    """The VPC endpoint that a call takes: an interface endpoint by private DNS, else a gateway endpoint by routes.

    Both are for the services of their own region.
    """
    if region and region != get_region():
        return None
    own = [each for each in list(ec2._vpc_endpoints.values()) if each["VpcId"] == interface["VpcId"]]
    own = [each for each in own if service_of(each["ServiceName"]) == service and each["State"] == "available"]
    if resolves(interface) and ec2._vpcs[interface["VpcId"]].get("EnableDnsHostnames", False):
        for each in own:
            if each["VpcEndpointType"] == "Interface" and each.get("PrivateDnsEnabled"):
                return each
    where = table(interface["SubnetId"], interface["VpcId"])["RouteTableId"]
    return next((each for each in own if where in (each.get("RouteTableIds") or [])), None)
