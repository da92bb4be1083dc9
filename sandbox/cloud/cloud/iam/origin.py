"""Say where a call comes from: from which address or, by an endpoint of which VPC, from which address in there.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip and the
keys after it: a call by an endpoint carries ``aws:SourceVpce``, ``aws:SourceVpc`` and ``aws:VpcSourceIp`` in the
place of ``aws:SourceIp``; any other call of a task in a private subnet comes from the public address of a NAT gateway
(https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html).
"""

from typing import Any

from ministack.services import ec2, ecs

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_addresses _nat_gateways _route_tables _subnets _vpc_endpoints",
    ecs: "_tasks",
}

# How endpoints name services that IAM knows by another name.
_ENDPOINTS = {"cloudwatch": "monitoring"}


def keys(address: str, session: str, action: str, region: str) -> dict[str, str]:
    """The keys of a call that came from an address, for an action like ``s3:GetObject``.

    What the ECS agent does for a task it does through the task's network interface; here it calls from the emulator
    itself, with a session named like the task.
    """
    task = _task(address, session)
    if not task:
        return {"aws:sourceip": address}
    inside, subnet = task.get("privateIPv4Address", address), task.get("subnetId", "")
    table = _route_table(subnet)
    endpoint = _endpoint(action.partition(":")[0], subnet, table, region)
    if endpoint:
        return {
            "aws:sourcevpce": endpoint["VpcEndpointId"],
            "aws:sourcevpc": endpoint["VpcId"],
            "aws:vpcsourceip": inside,
        }
    return {"aws:sourceip": _public_address(table) or address}


def _task(address: str, session: str) -> dict[str, str]:
    """The details of the network interface of the task that calls."""
    for arn, task in list(ecs._tasks.items()):
        for attachment in task.get("attachments") or []:
            details = {each["name"]: each["value"] for each in attachment.get("details") or []}
            agent = address.startswith("127.") and arn.rsplit("/", 1)[-1] == session
            if agent or details.get("privateIPv4Address") == address:
                return details
    return {}


def _route_table(subnet: str) -> dict[str, Any]:
    """The route table of a subnet: its own, or else the main one of its VPC."""
    vpc = (ec2._subnets.get(subnet) or {}).get("VpcId")
    main: dict[str, Any] = {}
    for table in ec2._route_tables.values():
        for association in table["Associations"]:
            if association.get("SubnetId") == subnet:
                return table
            if association.get("Main") and table["VpcId"] == vpc:
                main = table
    return main


def _endpoint(service: str, subnet: str, table: dict[str, Any], region: str) -> dict[str, Any] | None:
    """Which endpoint a call from a subnet comes through."""
    vpc = (ec2._subnets.get(subnet) or {}).get("VpcId")
    for endpoint in ec2._vpc_endpoints.values():
        # com.amazonaws.us-west-1.s3, or .ecr.api
        of = endpoint["ServiceName"].partition(f".{region}.")[2].partition(".")[0]
        if endpoint["VpcId"] != vpc or of != _ENDPOINTS.get(service, service):
            continue
        gateway = endpoint["VpcEndpointType"] == "Gateway"
        if table.get("RouteTableId") in endpoint["RouteTableIds"] if gateway else endpoint.get("PrivateDnsEnabled"):
            return endpoint
    return None


def _public_address(table: dict[str, Any]) -> str:
    """The address of the NAT gateway that the default route leads to."""
    for route in table.get("Routes") or []:
        if route.get("DestinationCidrBlock") == "0.0.0.0/0" and "NatGatewayId" in route:
            gateway = ec2._nat_gateways.get(route["NatGatewayId"]) or {}
            return str((ec2._addresses.get(gateway.get("AllocationId")) or {}).get("PublicIp", ""))
    return ""
