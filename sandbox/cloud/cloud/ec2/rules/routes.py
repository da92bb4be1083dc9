"""Route tables, routes, NAT gateways and elastic addresses."""

from typing import Any

from ministack.services import ec2

from cloud.ec2.existing import find, gateway_of, network
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    ec2: ("_addresses _internet_gateways _nat_gateways _prefix_lists _resolve_aws_pl_by_id _route_tables _subnets"),
}

_GATEWAYS = ("igw", "local", "nat", "vgw", "vpce")
_NAT_LIVES = ("pending", "available", "deleting")
_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
_TARGETS = (
    "GatewayId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "NatGatewayId",
    "NetworkInterfaceId",
    "VpcPeeringConnectionId",
    "EgressOnlyInternetGatewayId",
    "TransitGatewayId",
    "VpcEndpointId",
    "CoreNetworkArn",
    "InstanceId",
    "OdbNetworkArn",
    "LocalTarget",
)


@rule("ec2", "CreateRouteTable")
def _table_in_vpc(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html"""
    find("vpc", call.parameters["VpcId"])


@rule("ec2", "AssociateRouteTable")
def _association(call: Call) -> None:
    """One table per subnet: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html."""
    table = find("rtb", call.parameters["RouteTableId"])
    _exactly_one(call.parameters, ("SubnetId", "GatewayId"), "subnetId or gatewayId")
    if call.parameters.get("GatewayId"):
        return
    subnet = find("subnet", call.parameters.get("SubnetId"))
    _same_network(table, subnet)
    for each in ec2._route_tables.values():
        if any(found.get("SubnetId") == subnet["SubnetId"] for found in each["Associations"]):
            name = each["RouteTableId"]
            words = f"the specified association for route table {name} conflicts with an existing association"
            raise Refused("Resource.AlreadyAssociated", words)


@rule("ec2", "ReplaceRouteTableAssociation")
def _other_table(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRouteTableAssociation.html"""
    association, before = _associated(call.parameters["AssociationId"])
    table = find("rtb", call.parameters["RouteTableId"])
    if association.get("Main"):
        _same_vpc(table, before["VpcId"], f"network {before['VpcId']}")
    if subnet := ec2._subnets.get(association.get("SubnetId")):
        _same_network(table, subnet)


@rule("ec2", "DisassociateRouteTable")
def _not_main(call: Call) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html: the main table is replaced only."""
    association, _ = _associated(call.parameters["AssociationId"])
    if association.get("Main"):
        name = association["RouteTableAssociationId"]
        raise Refused("InvalidParameterValue", f"cannot disassociate the main route table association {name}")


@rule("ec2", "DeleteRouteTable")
def _unused_table(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRouteTable.html"""
    table = find("rtb", call.parameters["RouteTableId"])
    if any(each.get("Main") or each.get("SubnetId") in ec2._subnets for each in table["Associations"]):
        name = table["RouteTableId"]
        raise Refused("DependencyViolation", f"The routeTable '{name}' has dependencies and cannot be deleted.")


@rule("ec2", "CreateRoute ReplaceRoute")
def _route(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html and API_ReplaceRoute.html"""
    given = call.parameters
    _exactly_one(given, _DESTINATIONS, "destinationCidrBlock, destinationIpv6CidrBlock, destinationPrefixListId")
    named = ", ".join(name[0].lower() + name[1:] for name in _TARGETS[:10])
    _exactly_one(given, _TARGETS, f"{named} or instanceId")
    table = find("rtb", given["RouteTableId"])
    if name := given.get("NatGatewayId"):
        _same_vpc(table, find("nat", name)["VpcId"], f"nat gateway {name}")
    name = given.get("GatewayId", "")
    if name and name.partition("-")[0] not in _GATEWAYS:
        raise Refused("InvalidGatewayID.NotFound", f"The gateway ID '{name}' does not exist")
    if name.startswith("igw-"):
        if name not in ec2._internet_gateways:
            raise Refused("InvalidGatewayID.NotFound", f"The gateway ID '{name}' does not exist")
        if (gateway_of(table["VpcId"]) or {}).get("InternetGatewayId") != name:
            _same_vpc(table, None, f"network gateway {name}")
    listed = given.get("DestinationPrefixListId")
    if listed and listed not in ec2._prefix_lists and not ec2._resolve_aws_pl_by_id(listed):
        raise Refused("InvalidPrefixListID.NotFound", f"The prefix list ID '{listed}' does not exist")
    if block := given.get("DestinationCidrBlock"):
        _destination(call, table, str(network(block, "destinationCidrBlock")))


def _destination(call: Call, table: dict[str, Any], block: str) -> None:
    there = any(each.get("DestinationCidrBlock") == block for each in table["Routes"])
    if call.operation == "CreateRoute" and there:
        raise Refused("RouteAlreadyExists", f"The route identified by {block} already exists.")
    if call.operation == "ReplaceRoute" and not there:
        words = f"There is no route defined for '{block}' in the route table. Use CreateRoute instead."
        raise Refused("InvalidParameterValue", words)
    local = network(find("vpc", table["VpcId"])["CidrBlock"], "cidrBlock")
    if call.parameters.get("GatewayId", "").startswith("igw-") and network(block, "").subnet_of(local):
        raise Refused(
            "InvalidParameterValue",
            f"The destination CIDR block {block} is equal to or more specific than one of this VPC's CIDR blocks. "
            "This route can target only an interface or an instance.",
        )


@rule("ec2", "DeleteRoute")
def _known_route(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRoute.html"""
    table = find("rtb", call.parameters["RouteTableId"])
    if not (block := call.parameters.get("DestinationCidrBlock")):
        return
    wanted = str(network(block, "destinationCidrBlock"))
    for each in table["Routes"]:
        if each.get("DestinationCidrBlock") == wanted:
            if each.get("GatewayId") == "local":
                words = f"cannot remove local route {wanted} in route table {table['RouteTableId']}"
                raise Refused("InvalidParameterValue", words)
            return
    words = f"no route with destination-cidr-block {wanted} in route table {table['RouteTableId']}"
    raise Refused("InvalidRoute.NotFound", words)


@rule("ec2", "CreateNatGateway")
def _nat_gateway(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html"""
    address = call.parameters.get("AllocationId")
    if call.parameters.get("AvailabilityMode") == "regional":
        return
    if not call.parameters.get("SubnetId"):
        raise Refused("MissingParameter", "The request must contain the parameter SubnetId")
    find("subnet", call.parameters["SubnetId"])
    if call.parameters.get("ConnectivityType") == "private":
        if address:
            words = "AllocationId cannot be specified for a NAT Gateway with Connectivity Type private."
            raise Refused("InvalidParameterCombination", words)
        return
    if not address:
        raise Refused("MissingParameter", "The request must include the AllocationId parameter.")
    if address not in ec2._addresses:
        raise Refused("InvalidElasticIpID.NotFound", f"The elasticIp ID '{address}' does not exist")


@rule("ec2", "AllocateAddress")
def _pool(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html"""
    pool, group = call.parameters.get("PublicIpv4Pool"), call.parameters.get("NetworkBorderGroup")
    if pool and pool != "amazon":
        raise Refused("InvalidPublicIpv4PoolID.NotFound", f"The publicIpv4Pool ID '{pool}' does not exist")
    if group and not group.startswith(call.region):
        words = f"Value ({group}) for parameter networkBorderGroup is invalid."
        raise Refused("InvalidParameterValue", words)


@rule("ec2", "DisassociateAddress")
def _associated_address(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateAddress.html"""
    name = call.parameters.get("AssociationId")
    if name and all(each.get("AssociationId") != name for each in ec2._addresses.values()):
        raise Refused("InvalidAssociationID.NotFound", f"The association ID '{name}' does not exist")


@rule("ec2", "ReleaseAddress")
def _free_address(call: Call) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseAddress.html: it is disassociated first."""
    name = call.parameters.get("AllocationId")
    if not name:
        words = "You must specify an allocation id when releasing a VPC elastic IP address"
        raise Refused("InvalidParameterValue", words)
    used = any(each["AllocationId"] == name and each["State"] in _NAT_LIVES for each in ec2._nat_gateways.values())
    found = ec2._addresses.get(name)
    if found and (used or found.get("AssociationId")):
        raise Refused("InvalidIPAddress.InUse", f"Address {found['PublicIp']} is in use.")


def _exactly_one(given: dict[str, Any], names: Any, shown: str) -> None:
    count = sum(bool(given.get(name)) for name in names)
    if count != 1:
        code = "InvalidParameterCombination" if count else "MissingParameter"
        raise Refused(code, f"The request must contain exactly one of {shown}")


def _same_network(table: dict[str, Any], subnet: dict[str, Any]) -> None:
    if table["VpcId"] != subnet["VpcId"]:
        words = f"Route table {table['RouteTableId']} and subnet {subnet['SubnetId']} belong to different networks"
        raise Refused("InvalidParameterValue", words)


def _same_vpc(table: dict[str, Any], vpc: str | None, target: str) -> None:
    if table["VpcId"] != vpc:
        words = f"route table {table['RouteTableId']} and {target} belong to different networks"
        raise Refused("InvalidParameterValue", words)


def _associated(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """An association and its table."""
    for table in ec2._route_tables.values():
        for association in table["Associations"]:
            if association["RouteTableAssociationId"] == name:
                return association, table
    raise Refused("InvalidAssociationID.NotFound", f"The association ID '{name}' does not exist")
