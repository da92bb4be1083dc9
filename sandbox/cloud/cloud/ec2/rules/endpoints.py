"""VPC endpoints."""

import functools
import json
import re
from typing import Any

import botocore.session
from ministack.services import ec2

from cloud.ec2.existing import find
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_VPCE_INTERFACE_SERVICES _aws_pl_id_from_name _vpc_endpoints",
}

_GATEWAYS = ("s3", "dynamodb")
_NAMELESS = ("Resource", "ServiceNetwork")
# Names at endpoints that begin like no service's name or host.
_OTHERS = ("analytics", "console", "control", "git", "storage", "streaming", "sync", "tags", "timestream", "workflow")


@functools.cache
def _beginnings() -> frozenset[str]:
    """How services' names at endpoints can begin: a list with more than there are, and without slips of the pen.

    https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
    """
    session = botocore.session.get_session()
    names = session.get_available_services()
    hosts = [session.get_service_model(each).endpoint_prefix for each in names]
    every = [*names, *hosts, *ec2._VPCE_INTERFACE_SERVICES, *_OTHERS]
    return frozenset(re.split("[.-]", each)[0] for each in every)


def offered(service: str) -> bool:
    """Whether there is such a service as the last part of an endpoint service's name."""
    return re.split("[.-]", service)[0] in _beginnings()


@rule("ec2", "CreateVpcEndpoint")
def _service(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html, ServiceName."""
    find("vpc", call.parameters["VpcId"])
    if call.parameters.get("ServiceRegion") or call.parameters.get("VpcEndpointType") in _NAMELESS:
        return
    if not (name := call.parameters.get("ServiceName")):
        raise Refused("MissingParameter", "The request must contain the parameter ServiceName")
    if name.startswith("aws."):
        return  # a few services' own, such as aws.sagemaker
    found = re.fullmatch(r"(?:cn\.)?com\.amazonaws\.([a-z0-9-]+)\.(.+)", name)
    if found is None:
        raise Refused("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")
    here = found[1] == call.region
    if _kind(call) == "Gateway" and not (here and found[2] in _GATEWAYS):
        words = "Endpoint type (Gateway) does not match available service types ([Interface])."
        raise Refused("InvalidParameter", words)
    if not here or not offered(found[2]):
        raise Refused("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")


@rule("ec2", "CreateVpcEndpoint ModifyVpcEndpoint")
def _members_of_its_kind(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html"""
    kind = _before(call).get("VpcEndpointType") or _kind(call)
    given = {name.removeprefix("Add"): value for name, value in call.parameters.items()}
    if kind == "Gateway" and given.get("SubnetIds"):
        words = "Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints."
        raise Refused("InvalidParameter", words)
    if kind == "Gateway" and given.get("SecurityGroupIds"):
        words = "Security group IDs are only supported for Interface type VPC Endpoint."
        raise Refused("InvalidParameter", words)
    if kind == "Interface" and given.get("RouteTableIds"):
        words = "Route table IDs are only supported for Gateway type VPC Endpoint."
        raise Refused("InvalidParameter", words)


@rule("ec2", "CreateVpcEndpoint ModifyVpcEndpoint")
def _in_its_vpc(call: Call) -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html: one subnet per zone."""
    given, before = call.parameters, _before(call)
    vpc = before.get("VpcId") or given["VpcId"]
    removed = given.get("RemoveSubnetIds") or []
    zones = {find("subnet", each)["AvailabilityZone"] for each in before.get("SubnetIds", []) if each not in removed}
    for name in given.get("SubnetIds") or given.get("AddSubnetIds") or []:
        subnet = find("subnet", name)
        if subnet["VpcId"] != vpc:
            raise Refused("InvalidParameter", f"The subnet {name} does not belong to the VPC {vpc}")
        if subnet["AvailabilityZone"] in zones:
            words = f"Found another VPC endpoint subnet in the availability zone of {name}"
            raise Refused("DuplicateSubnetsInSameZone", words)
        zones.add(subnet["AvailabilityZone"])
    for kind, parameter, what in (
        ("sg", "SecurityGroupIds", "security group"),
        ("rtb", "RouteTableIds", "route table"),
    ):
        for name in given.get(parameter) or given.get(f"Add{parameter}") or []:
            if find(kind, name)["VpcId"] != vpc:
                raise Refused("InvalidParameter", f"The {what} {name} does not belong to the VPC {vpc}")


@rule("ec2", "CreateVpcEndpoint ModifyVpcEndpoint")
def _routed_once(call: Call) -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html: one per service and route table."""
    before = _before(call)
    service = before.get("ServiceName") or call.parameters.get("ServiceName")
    for table in call.parameters.get("RouteTableIds") or call.parameters.get("AddRouteTableIds") or []:
        for each in ec2._vpc_endpoints.values():
            if each is not before and each["ServiceName"] == service and table in each["RouteTableIds"]:
                prefix = ec2._aws_pl_id_from_name(str(service))
                words = f"route table {table} already has a route with destination-prefix-list-id {prefix}"
                raise Refused("RouteAlreadyExists", words)


@rule("ec2", "CreateVpcEndpoint ModifyVpcEndpoint")
def _private_names(call: Call) -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html, private DNS."""
    before = _before(call)
    if not call.parameters.get("PrivateDnsEnabled"):
        return
    name = before.get("VpcId") or call.parameters["VpcId"]
    vpc = find("vpc", name)
    if not vpc.get("EnableDnsSupport", True) or not vpc.get("EnableDnsHostnames", vpc["IsDefault"]):
        needed = "requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true"
        raise Refused("InvalidParameter", f"Enabling private DNS {needed} for {name}")
    service = before.get("ServiceName") or call.parameters.get("ServiceName") or ""
    for each in ec2._vpc_endpoints.values():
        same = each["ServiceName"] == service and each["VpcId"] == name and each.get("PrivateDnsEnabled")
        if same and each is not before:
            host = f"{service.rpartition('.')[2]}.{call.region}.amazonaws.com"
            words = "private-dns-enabled cannot be set because there is already a conflicting DNS domain"
            raise Refused("InvalidParameter", f"{words} for {host} in the VPC {name}")


@rule("ec2", "CreateVpcEndpoint ModifyVpcEndpoint")
def _policy(call: Call) -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html"""
    if not (text := call.parameters.get("PolicyDocument")):
        return
    try:
        statements = json.loads(text)["Statement"]
    except (ValueError, KeyError, TypeError):
        statements = None
    each = statements if isinstance(statements, list) else [statements]
    if not all(isinstance(one, dict) and one.get("Effect") in ("Allow", "Deny") for one in each):
        words = "The specified policy document is not a valid JSON policy document."
        raise Refused("InvalidPolicyDocument", words)


def _kind(call: Call) -> str:
    return str(call.parameters.get("VpcEndpointType") or "Gateway")


def _before(call: Call) -> dict[str, Any]:
    """The endpoint that is changed; nothing when one is made."""
    return find("vpce", call.parameters["VpcEndpointId"]) if call.operation == "ModifyVpcEndpoint" else {}
