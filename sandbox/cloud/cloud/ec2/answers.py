"""What answers of EC2 say of the use that other resources make of networks.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Types.html. MiniStack shows no address of a NAT gateway, an
elastic address as free whoever has it, no routes to gateway endpoints, subnets that no network ACL is for, and forgets
what flow logs and endpoints were made with.
"""

import hashlib
from typing import Any

from ministack.services import ec2

from cloud.ec2 import readback
from cloud.network import interfaces
from cloud.requests.answers import completes, shown
from cloud.requests.rules import Call

# What this module uses of MiniStack.
NEEDS = {
    ec2: (
        "_addresses _flow_logs _get_aws_managed_prefix_lists _nat_gateways _network_interfaces _security_groups "
        "_subnets _vpc_endpoints"
    ),
}


def _derived(prefix: str, *parts: str) -> str:
    """An id that stays the same, of something that MiniStack keeps no record of."""
    return f"{prefix}-{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:17]}"


def _kept(record: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """What a record holds, which an earlier emulator may have made without some of it."""
    return {each: record[each] for each in names if record.get(each) is not None}


def _gateway_addresses(gateway: dict[str, Any]) -> list[dict[str, Any]]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGatewayAddress.html"""
    found: dict[str, Any] = {"IsPrimary": True, "Status": "succeeded"}
    for interface in interfaces.of(gateway["NatGatewayId"]):
        found |= {
            "NetworkInterfaceId": interface["NetworkInterfaceId"],
            "PrivateIp": interface["PrivateIpAddress"],
        }
    if address := ec2._addresses.get(gateway.get("AllocationId")):
        found |= {
            "AllocationId": address["AllocationId"],
            "AssociationId": _derived("eipassoc", address["AllocationId"], gateway["NatGatewayId"]),
            "PublicIp": address["PublicIp"],
        }
    return [found]


@completes("ec2", "CreateNatGateway DescribeNatGateways")
def _nat_gateways(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html"""
    for gateway in shown(answer, "NatGateways", "NatGateway"):
        record = ec2._nat_gateways.get(gateway["NatGatewayId"])
        if record and gateway["State"] == "available":
            gateway["NatGatewayAddresses"] = _gateway_addresses(record)


@completes("ec2", "AllocateAddress DescribeAddresses")
def _addresses(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Address.html"""
    used = {each["AllocationId"]: each for each in ec2._nat_gateways.values() if each["State"] == "available"}
    for address in answer.get("Addresses", [answer]):
        address |= {"NetworkBorderGroup": call.region, "PublicIpv4Pool": "amazon"}
        if gateway := used.get(address["AllocationId"]):
            found = _gateway_addresses(gateway)[0]
            address |= {"AssociationId": found["AssociationId"], "NetworkInterfaceOwnerId": call.account}
            if "PrivateIp" in found:
                address |= {
                    "NetworkInterfaceId": found["NetworkInterfaceId"],
                    "PrivateIpAddress": found["PrivateIp"],
                }


# The account that has the other end of an interface which a service made.
_ATTACHED_BY = {interfaces.BALANCER: "amazon-elb", interfaces.DATABASE: "amazon-rds"}


@completes("ec2", "DescribeNetworkInterfaces")
def _network_interfaces(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html"""
    public = {gateway["NatGatewayId"]: gateway for gateway in ec2._nat_gateways.values()}
    for interface in shown(answer, "NetworkInterfaces"):
        record = ec2._network_interfaces.get(interface["NetworkInterfaceId"]) or {}
        if kind := record.get(interfaces.KIND):
            service = _ATTACHED_BY.get(kind, "amazon-aws")
            interface |= {"RequesterId": service, "RequesterManaged": True}
            interface["Attachment"] = {
                "AttachmentId": _derived("eni-attach", interface["NetworkInterfaceId"]),
                "DeleteOnTermination": False,
                "DeviceIndex": 1,
                "InstanceOwnerId": service,
                "Status": "attached",
            }
        if gateway := public.get(record.get(interfaces.OWNER, "")):
            found = _gateway_addresses(gateway)[0]
            names = ("AllocationId", "AssociationId", "PublicIp")
            interface["Association"] = {"IpOwnerId": call.account} | {
                each: found[each] for each in names if each in found
            }
        interface["PrivateDnsName"] = (
            f"ip-{interface['PrivateIpAddress'].replace('.', '-')}.{call.region}.compute.internal"
        )


@completes("ec2", "DescribeSecurityGroups")
def _security_groups(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroup.html"""
    for group in shown(answer, "SecurityGroups"):
        group["SecurityGroupArn"] = f"arn:aws:ec2:{call.region}:{call.account}:security-group/{group['GroupId']}"


@completes("ec2", "DescribeRouteTables")
def _routes(call: Call, answer: dict[str, Any]) -> None:
    """A gateway endpoint is a route to its service's prefix list:
    https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html#gateway-endpoint-routing"""
    lists = {each["PrefixListName"]: each["PrefixListId"] for each in ec2._get_aws_managed_prefix_lists()}
    for table in shown(answer, "RouteTables"):
        table["Routes"] += [
            {
                "DestinationPrefixListId": lists[endpoint["ServiceName"]],
                "GatewayId": endpoint["VpcEndpointId"],
                "Origin": "CreateRoute",
                "State": "active",
            }
            for endpoint in ec2._vpc_endpoints.values()
            if table["RouteTableId"] in endpoint["RouteTableIds"] and endpoint["ServiceName"] in lists
        ]


@completes("ec2", "DescribeNetworkAcls")
def _network_acls(call: Call, answer: dict[str, Any]) -> None:
    """A subnet without an ACL of its own has the VPC's default one:
    https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html"""
    associated = {each["SubnetId"] for acl in shown(answer, "NetworkAcls") for each in acl["Associations"]}
    for acl in shown(answer, "NetworkAcls"):
        for subnet in ec2._subnets.values() if acl["IsDefault"] else ():
            if subnet["VpcId"] == acl["VpcId"] and subnet["SubnetId"] not in associated:
                name = _derived("aclassoc", subnet["SubnetId"])
                association = {"NetworkAclAssociationId": name, "NetworkAclId": acl["NetworkAclId"]}
                acl["Associations"].append(association | {"SubnetId": subnet["SubnetId"]})


@completes("ec2", "DescribeFlowLogs")
def _flow_logs(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html"""
    for each in shown(answer, "FlowLogs"):
        each |= _kept(ec2._flow_logs[each["FlowLogId"]], readback.FLOW_LOG)
        each["DeliverLogsStatus"] = "SUCCESS"
        if each["LogDestinationType"] == "cloud-watch-logs":
            each["LogGroupName"] = each["LogDestination"].partition(":log-group:")[2].removesuffix(":*")


@completes("ec2", "CreateVpcEndpoint DescribeVpcEndpoints")
def _endpoints(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html"""
    for endpoint in shown(answer, "VpcEndpoints", "VpcEndpoint"):
        name, record = endpoint["VpcEndpointId"], ec2._vpc_endpoints[endpoint["VpcEndpointId"]]
        groups = {each: ec2._security_groups.get(each) or {} for each in record.get("Groups", [])}
        endpoint |= _kept(record, readback.ENDPOINT)
        endpoint |= {
            "DnsOptions": {"DnsRecordIpType": "ipv4"},
            "Groups": [{"GroupId": each, "GroupName": found.get("GroupName")} for each, found in groups.items()],
            "NetworkInterfaceIds": [each["NetworkInterfaceId"] for each in interfaces.of(name)],
            "RequesterManaged": False,
            "ServiceRegion": call.region,
        }
        if endpoint["VpcEndpointType"] == "Interface":
            short = endpoint["ServiceName"].partition(f".{call.region}.")[2]
            hosts = [f"{name}-{_derived('', name)[1:9]}.{short}.{call.region}.vpce.amazonaws.com"]
            hosts += [f"{short}.{call.region}.amazonaws.com"] if record.get("PrivateDnsEnabled") else []
            endpoint["DnsEntries"] = [{"DnsName": each} for each in hosts]
