"""EC2 refuses networks as AWS does, and takes their neighbors."""

from typing import Any

import pytest
from helpers.emulator import Emulator
from helpers.refusals import filled, refused
from helpers.topology import Network

ABSENT = "0123456789abcdef0"
TAGGED = {"CidrBlock": "10.0.0.0/16"}


def tags(key: str, kind: str = "vpc") -> list[dict[str, Any]]:
    """Tags at creation."""
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": "x"}]}]


RANGES = [
    ("create_vpc", {"CidrBlock": "10.0.0.0/15"}, "InvalidVpc.Range", "The CIDR '10.0.0.0/15' is invalid."),
    ("create_vpc", {"CidrBlock": "10.0.0.0/29"}, "InvalidVpc.Range", "is invalid"),
    ("create_vpc", {"CidrBlock": "169.254.0.0/16"}, "InvalidVpc.Range", "is invalid"),
    ("create_vpc", {"CidrBlock": "10.0.0/16"}, "InvalidParameterValue", "This is not a valid CIDR block."),
    ("create_vpc", {"CidrBlock": "10.0.0.0"}, "InvalidParameterValue", "This is not a valid CIDR block."),
    ("create_vpc", {}, "MissingParameter", "cidrBlock"),
    ("create_vpc", TAGGED | {"TagSpecifications": tags("aws:x")}, "InvalidParameterValue", "reserved for internal use"),
    ("create_vpc", TAGGED | {"TagSpecifications": tags("x", "subnet")}, "InvalidParameterValue", "'subnet' is not a"),
    ("create_subnet", {"VpcId": "<vpc>", "CidrBlock": "192.168.0.0/24"}, "InvalidSubnet.Range", "is invalid"),
    ("create_subnet", {"VpcId": "<vpc>", "CidrBlock": "<block>.9.0/29"}, "InvalidSubnet.Range", "is invalid"),
    ("create_subnet", {"VpcId": "<vpc>", "CidrBlock": "<block>.0.0/20"}, "InvalidSubnet.Conflict", "conflicts with"),
    ("create_subnet", {"VpcId": f"vpc-{ABSENT}", "CidrBlock": "10.0.0.0/24"}, "InvalidVpcID.NotFound", "vpc ID 'vpc-0"),
    (
        "create_subnet",
        {"VpcId": "<vpc>", "CidrBlock": "<block>.9.0/24", "AvailabilityZone": "us-west-2a"},
        "InvalidParameterValue",
        "availability zones: us-west-1a, us-west-1c.",
    ),
    (
        "modify_vpc_attribute",
        {"VpcId": "<vpc>", "EnableDnsSupport": {"Value": True}, "EnableDnsHostnames": {"Value": True}},
        "InvalidParameterCombination",
        "Fields for multiple attribute types specified: enableDnsHostnames, enableDnsSupport",
    ),
    ("modify_subnet_attribute", {"SubnetId": "<subnet>"}, "InvalidParameterCombination", "No attributes specified."),
    (
        "create_subnet",
        {
            "VpcId": "<vpc>",
            "CidrBlock": "<block>.9.0/24",
            "AvailabilityZone": "us-west-1a",
            "AvailabilityZoneId": "usw1-az1",
        },
        "InvalidParameterCombination",
        "availabilityZoneId",
    ),
]
GATEWAYS = [
    ("attach", {"InternetGatewayId": "<other-gateway>", "VpcId": "<vpc>"}, "InvalidParameterValue", "already has an"),
    ("attach", {"InternetGatewayId": "<gateway>", "VpcId": "<other-vpc>"}, "Resource.AlreadyAssociated", "is already"),
    (
        "attach",
        {"InternetGatewayId": "<other-gateway>", "VpcId": f"vpc-{ABSENT}"},
        "InvalidVpcID.NotFound",
        "not exist",
    ),
    ("attach", {"InternetGatewayId": f"igw-{ABSENT}", "VpcId": "<vpc>"}, "InvalidInternetGatewayID.NotFound", "exist"),
    ("detach", {"InternetGatewayId": "<other-gateway>", "VpcId": "<other-vpc>"}, "Gateway.NotAttached", "not attached"),
    ("delete", {"InternetGatewayId": "<gateway>"}, "DependencyViolation", "has dependencies and cannot be deleted"),
]
TABLES = [
    ("create_route_table", {"VpcId": f"vpc-{ABSENT}"}, "InvalidVpcID.NotFound", "does not exist"),
    (
        "associate_route_table",
        {"RouteTableId": "<table>", "SubnetId": "<other-subnet>"},
        "InvalidParameterValue",
        "belong to different networks",
    ),
    (
        "associate_route_table",
        {"RouteTableId": "<table>", "SubnetId": "<subnet>"},
        "Resource.AlreadyAssociated",
        "conflicts with an existing association",
    ),
    (
        "associate_route_table",
        {"RouteTableId": "<table>", "SubnetId": f"subnet-{ABSENT}"},
        "InvalidSubnetID.NotFound",
        "The subnet ID",
    ),
    ("associate_route_table", {"RouteTableId": "<table>"}, "MissingParameter", "exactly one of subnetId"),
    (
        "replace_route_table_association",
        {"AssociationId": "<main>", "RouteTableId": "<other-table>"},
        "InvalidParameterValue",
        "belong to different networks",
    ),
    ("disassociate_route_table", {"AssociationId": "<main>"}, "InvalidParameterValue", "main route table association"),
    ("disassociate_route_table", {"AssociationId": "rtbassoc-0"}, "InvalidAssociationID.NotFound", "does not exist"),
    ("delete_route_table", {"RouteTableId": "<table>"}, "DependencyViolation", "has dependencies"),
]
FAR, OUT = {"DestinationCidrBlock": "192.168.0.0/16"}, {"GatewayId": "<gateway>"}
DIFFERENT = ("InvalidParameterValue", "belong to different networks")
ROUTES = [
    ("create", {"DestinationCidrBlock": "0.0.0.0/0"} | OUT, "RouteAlreadyExists", "The route identified by 0.0.0.0/0"),
    ("create", FAR | {"GatewayId": "<other-gateway>"}, *DIFFERENT),
    ("create", FAR | {"GatewayId": f"igw-{ABSENT}"}, "InvalidGatewayID.NotFound", "The gateway ID 'igw-0"),
    ("create", FAR | {"GatewayId": "gateway"}, "InvalidGatewayID.NotFound", "The gateway ID 'gateway'"),
    ("create", {"DestinationPrefixListId": "pl-0"} | OUT, "InvalidPrefixListID.NotFound", "'pl-0' does not exist"),
    ("create", FAR | {"NatGatewayId": f"nat-{ABSENT}"}, "InvalidNatGatewayID.NotFound", "does not exist"),
    ("create", FAR | {"NatGatewayId": "<nat>"}, *DIFFERENT),
    ("create", FAR, "MissingParameter", "exactly one of gatewayId, localGatewayId, carrierGatewayId, natGatewayId"),
    ("create", FAR | OUT | {"NatGatewayId": "<nat>"}, "InvalidParameterCombination", "exactly one of gatewayId"),
    ("create", OUT, "MissingParameter", "exactly one of destinationCidrBlock"),
    ("create", {"DestinationCidrBlock": "192.168.0.0/33"} | OUT, "InvalidParameterValue", "Value (192.168.0.0/33) for"),
    ("create", {"DestinationCidrBlock": "<block>.7.0/24"} | OUT, "InvalidParameterValue", "equal to or more specific"),
    ("create", {"RouteTableId": f"rtb-{ABSENT}"} | FAR | OUT, "InvalidRouteTableID.NotFound", "does not exist"),
    ("replace", FAR | OUT, "InvalidParameterValue", "There is no route defined for '192.168.0.0/16'"),
    ("delete", FAR, "InvalidRoute.NotFound", "no route with destination-cidr-block 192.168.0.0/16"),
    ("delete", {"DestinationCidrBlock": "<block>.0.0/16"}, "InvalidParameterValue", "cannot remove local route"),
]
ADDRESSES = [
    ("create_nat_gateway", {"SubnetId": "<subnet>"}, "MissingParameter", "must include the AllocationId parameter"),
    (
        "create_nat_gateway",
        {"SubnetId": "<subnet>", "AllocationId": f"eipalloc-{ABSENT}"},
        "InvalidElasticIpID.NotFound",
        f"The elasticIp ID 'eipalloc-{ABSENT}' does not exist",
    ),
    (
        "create_nat_gateway",
        {"SubnetId": f"subnet-{ABSENT}", "AllocationId": "<address>"},
        "InvalidSubnetID.NotFound",
        "does not exist",
    ),
    (
        "create_nat_gateway",
        {"SubnetId": "<subnet>", "AllocationId": "<address>", "ConnectivityType": "private"},
        "InvalidParameterCombination",
        "AllocationId cannot be specified",
    ),
    ("create_nat_gateway", {"AllocationId": "<address>"}, "MissingParameter", "SubnetId"),
    ("allocate_address", {"PublicIpv4Pool": "ipv4pool-ec2-0"}, "InvalidPublicIpv4PoolID.NotFound", "does not exist"),
    ("allocate_address", {"NetworkBorderGroup": "us-east-1"}, "InvalidParameterValue", "networkBorderGroup"),
    ("disassociate_address", {"AssociationId": "eipassoc-0"}, "InvalidAssociationID.NotFound", "does not exist"),
    ("release_address", {"AllocationId": f"eipalloc-{ABSENT}"}, "InvalidAllocationID.NotFound", "does not exist"),
]
TAGS = [
    ({"Tags": [{"Key": "AWS:x", "Value": ""}]}, "InvalidParameterValue", "reserved for internal use"),
    ({"Tags": [{"Key": "k" * 129, "Value": ""}]}, "InvalidParameterValue", "Tag key exceeds the maximum length"),
    ({"Tags": [{"Key": "k", "Value": "v" * 257}]}, "InvalidParameterValue", "Tag value exceeds the maximum length"),
    ({"Tags": [{"Key": str(n), "Value": ""} for n in range(51)]}, "TagLimitExceeded", "maximum number of Tags"),
    ({"Resources": [f"subnet-{ABSENT}"]}, "InvalidSubnetID.NotFound", "does not exist"),
]
TABLE = [
    *RANGES,
    *((f"{operation}_internet_gateway", *rest) for operation, *rest in GATEWAYS),
    *TABLES,
    *((f"{operation}_route", {"RouteTableId": "<table>"} | request, *rest) for operation, request, *rest in ROUTES),
    *ADDRESSES,
    *(
        ("create_tags", {"Resources": ["<vpc>"], "Tags": [{"Key": "k", "Value": "v"}]} | request, *rest)
        for request, *rest in TAGS
    ),
]


@pytest.fixture(scope="module")
def ours(aws: Emulator) -> Network:
    network = Network(aws)
    network.ec2.associate_route_table(RouteTableId=network.table, SubnetId=network.subnets[0])
    network.ec2.create_route(RouteTableId=network.table, DestinationCidrBlock="0.0.0.0/0", GatewayId=network.gateway)
    return network


@pytest.fixture(scope="module")
def names(aws: Emulator, ours: Network) -> dict[str, str]:
    other = Network(aws, gateway=False)
    nat = other.ec2.create_nat_gateway(SubnetId=other.subnets[0], ConnectivityType="private")["NatGateway"]
    return ours.names() | other.names("other-") | {"nat": nat["NatGatewayId"], "address": ours.address()}


@pytest.mark.parametrize(("operation", "request_", "code", "words"), TABLE)
def test_a_wrong_request_is_refused(
    ours: Network, names: dict[str, str], operation: str, request_: dict[str, Any], code: str, words: str
) -> None:
    refused(ours.ec2, operation, filled(request_, names), code, words)


def test_the_largest_and_the_smallest_networks_are_taken(aws: Emulator) -> None:
    ec2 = aws.client("ec2")
    for block in ("10.250.0.0/16", "240.0.0.0/28", "100.64.0.0/16"):
        vpc = ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"]
        ec2.create_subnet(VpcId=vpc, CidrBlock=block)


def test_host_bits_of_a_range_are_cleared(aws: Emulator) -> None:
    network = Network(aws)
    vpc = network.ec2.create_vpc(CidrBlock="10.251.2.3/16")["Vpc"]
    subnet = network.ec2.create_subnet(VpcId=vpc["VpcId"], CidrBlock="10.251.7.9/24")["Subnet"]
    assert (vpc["CidrBlock"], subnet["CidrBlock"]) == ("10.251.0.0/16", "10.251.7.0/24")
    route = {"RouteTableId": network.table, "GatewayId": network.gateway}
    network.ec2.create_route(DestinationCidrBlock="192.168.1.2/16", **route)
    refused(
        network.ec2, "create_route", {"DestinationCidrBlock": "192.168.0.0/16"} | route, "RouteAlreadyExists", "168"
    )
    network.ec2.delete_route(RouteTableId=network.table, DestinationCidrBlock="192.168.3.4/16")


def state(network: Network, subnet: str, address: str) -> tuple[str, str, str]:
    """What a NAT gateway shows that is made of a subnet and an address."""
    made = network.ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]
    assert made["State"] in ("pending", "available")
    found = network.ec2.describe_nat_gateways(NatGatewayIds=[made["NatGatewayId"]])["NatGateways"][0]
    return found["State"], found.get("FailureCode", ""), found.get("FailureMessage", "")


def test_a_nat_gateway_fails_without_internet_gateway_or_with_a_taken_address(aws: Emulator) -> None:
    lonely, network = Network(aws, gateway=False), Network(aws)
    address = network.address()
    words = f"Network {lonely.vpc} has no Internet gateway attached"
    assert state(lonely, lonely.subnets[0], address) == ("failed", "Gateway.NotAttached", words)
    assert state(network, network.subnets[0], address) == ("available", "", "")
    assert state(network, network.subnets[0], address)[:2] == ("failed", "Resource.AlreadyAssociated")


def test_what_is_in_use_is_kept(aws: Emulator) -> None:
    network, dependency = Network(aws), ("DependencyViolation", "dependencies and cannot be deleted")
    ec2, address = network.ec2, network.address()
    nat = ec2.create_nat_gateway(SubnetId=network.subnets[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
    detached = {"InternetGatewayId": network.gateway, "VpcId": network.vpc}
    refused(ec2, "release_address", {"AllocationId": address}, "InvalidIPAddress.InUse", "is in use")
    refused(ec2, "detach_internet_gateway", detached, "DependencyViolation", "has some mapped public address(es)")
    refused(ec2, "delete_subnet", {"SubnetId": network.subnets[0]}, *dependency)
    ec2.delete_nat_gateway(NatGatewayId=nat)
    ec2.release_address(AllocationId=address)
    ec2.delete_subnet(SubnetId=network.subnets[0])
    refused(ec2, "delete_vpc", {"VpcId": network.vpc}, *dependency)
    ec2.detach_internet_gateway(**detached)
    ec2.delete_internet_gateway(InternetGatewayId=network.gateway)
    ec2.delete_subnet(SubnetId=network.subnets[1])
    ec2.delete_security_group(GroupId=network.group)
    refused(ec2, "delete_vpc", {"VpcId": network.vpc}, *dependency)
    ec2.delete_route_table(RouteTableId=network.table)
    ec2.delete_vpc(VpcId=network.vpc)
