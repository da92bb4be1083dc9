"""VPCs, their subnets and internet gateways."""

import ipaddress

from ministack.services import ec2

from cloud.ec2 import interfaces, zones
from cloud.ec2.existing import find, gateway_of, network
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_route_tables _subnets _vpc_endpoints",
}

_RESERVED = [ipaddress.IPv4Network(each) for each in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4")]


@rule("ec2", "CreateVpc")
def _vpc_range(call: Call) -> None:
    """/16 to /28: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html."""
    if call.parameters.get("Ipv4IpamPoolId"):
        return
    if not (block := call.parameters.get("CidrBlock")):
        raise Refused("MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.")
    wanted = network(block, "cidrBlock")
    if not 16 <= wanted.prefixlen <= 28 or any(wanted.overlaps(each) for each in _RESERVED):
        raise Refused("InvalidVpc.Range", f"The CIDR '{block}' is invalid.")


@rule("ec2", "ModifyVpcAttribute ModifySubnetAttribute")
def _one_attribute(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html, or of a subnet"""
    names = [name for name in call.parameters if name not in ("VpcId", "SubnetId")]
    if not names:
        raise Refused("InvalidParameterCombination", "No attributes specified.")
    if len(names) > 1 and call.operation == "ModifyVpcAttribute":
        shown = ", ".join(name[0].lower() + name[1:] for name in sorted(names))
        raise Refused("InvalidParameterCombination", f"Fields for multiple attribute types specified: {shown}")


@rule("ec2", "DeleteVpc")
def _empty_vpc(call: Call) -> None:
    """All but the main route table goes first: https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html."""
    vpc = call.parameters["VpcId"]
    tables = [each for each in ec2._route_tables.values() if each["VpcId"] == vpc]
    extra = [table for table in tables if not any(each.get("Main") for each in table["Associations"])]
    endpoints = [each for each in ec2._vpc_endpoints.values() if each["VpcId"] == vpc]
    if extra or endpoints:
        raise Refused("DependencyViolation", f"The vpc '{vpc}' has dependencies and cannot be deleted.")


@rule("ec2", "CreateSubnet")
def _subnet_range(call: Call) -> None:
    """/16 to /28, within the VPC, beside the others: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html."""
    vpc = find("vpc", call.parameters["VpcId"])
    if call.parameters.get("Ipv4IpamPoolId") or call.parameters.get("Ipv6Native"):
        return
    if not (block := call.parameters.get("CidrBlock")):
        raise Refused("MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.")
    wanted = network(block, "cidrBlock")
    if not 16 <= wanted.prefixlen <= 28 or not wanted.subnet_of(network(vpc["CidrBlock"], "cidrBlock")):
        raise Refused("InvalidSubnet.Range", f"The CIDR '{block}' is invalid.")
    for each in ec2._subnets.values():
        if each["VpcId"] == vpc["VpcId"] and wanted.overlaps(network(each["CidrBlock"], "cidrBlock")):
            raise Refused("InvalidSubnet.Conflict", f"The CIDR '{block}' conflicts with another subnet")


@rule("ec2", "CreateSubnet")
def _subnet_zone(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html, AvailabilityZone."""
    zone = call.parameters.get("AvailabilityZone")
    if zone and call.parameters.get("AvailabilityZoneId"):
        words = "The parameter availabilityZone cannot be used with the parameter availabilityZoneId"
        raise Refused("InvalidParameterCombination", words)
    if zone and zone not in zones.names():
        raise Refused(
            "InvalidParameterValue",
            f"Value ({zone}) for parameter availabilityZone is invalid. "
            f"Subnets can currently only be created in the following availability zones: {', '.join(zones.names())}.",
        )


@rule("ec2", "DeleteSubnet")
def _empty_subnet(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnet.html"""
    subnet = call.parameters["SubnetId"]
    if any(each.subnet == subnet for each in interfaces.held()):
        raise Refused("DependencyViolation", f"The subnet '{subnet}' has dependencies and cannot be deleted.")


@rule("ec2", "AttachInternetGateway")
def _one_gateway(call: Call) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html: one gateway per VPC."""
    vpc = find("vpc", call.parameters["VpcId"])["VpcId"]
    found = find("igw", call.parameters["InternetGatewayId"])
    there = gateway_of(vpc)
    if there and there is not found:
        raise Refused("InvalidParameterValue", f"Network {vpc} already has an internet gateway attached")


@rule("ec2", "DetachInternetGateway")
def _gateway_not_needed(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html"""
    gateway = find("igw", call.parameters["InternetGatewayId"])["InternetGatewayId"]
    vpc = find("vpc", call.parameters["VpcId"])["VpcId"]
    if (gateway_of(vpc) or {}).get("InternetGatewayId") != gateway:
        raise Refused("Gateway.NotAttached", f"resource {gateway} is not attached to network {vpc}")
    if any(each.public and each.vpc == vpc for each in interfaces.held()):
        raise Refused(
            "DependencyViolation",
            f"Network {vpc} has some mapped public address(es). Please unmap those public address(es) before "
            "detaching the gateway.",
        )


@rule("ec2", "DeleteInternetGateway")
def _gateway_detached(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteInternetGateway.html"""
    gateway = find("igw", call.parameters["InternetGatewayId"])
    if gateway.get("Attachments"):
        name = gateway["InternetGatewayId"]
        raise Refused("DependencyViolation", f"The internetGateway '{name}' has dependencies and cannot be deleted.")
