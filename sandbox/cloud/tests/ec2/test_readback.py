"""EC2 gives back what something was made with, and what else uses it."""

from typing import Any

import pytest
from helpers.emulator import ACCOUNT, REGION, Emulator, make_role

GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:flow"


def test_flow_log(aws: Emulator) -> None:
    ec2, role = aws.client("ec2"), make_role(aws, "vpc-flow-logs.amazonaws.com")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="REJECT",
        LogDestination=GROUP,
        DeliverLogsPermissionArn=role,
        MaxAggregationInterval=60,
        TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "a", "Value": "b"}]}],
    )["FlowLogIds"]
    found = ec2.describe_flow_logs(FlowLogIds=made)["FlowLogs"][0]
    assert found["DeliverLogsPermissionArn"] == role
    assert found["MaxAggregationInterval"] == 60
    assert found["LogGroupName"] == "flow"
    assert found["Tags"] == [{"Key": "a", "Value": "b"}]


def test_interface_endpoint(aws: Emulator) -> None:
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.2.0.0/24")["Subnet"]["SubnetId"]
    first, second = (
        ec2.create_security_group(VpcId=vpc, GroupName=name, Description=name)["GroupId"] for name in ("one", "two")
    )
    made = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName=f"com.amazonaws.{REGION}.ecs",
        VpcEndpointType="Interface",
        SubnetIds=[subnet],
        SecurityGroupIds=[first],
        PrivateDnsEnabled=True,
    )["VpcEndpoint"]
    assert made["PrivateDnsEnabled"] is True
    assert [group["GroupId"] for group in made["Groups"]] == [first]
    ec2.modify_vpc_endpoint(
        VpcEndpointId=made["VpcEndpointId"],
        AddSecurityGroupIds=[second],
        RemoveSecurityGroupIds=[first],
        PrivateDnsEnabled=False,
    )
    found = ec2.describe_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])["VpcEndpoints"][0]
    assert [group["GroupId"] for group in found["Groups"]] == [second]
    assert found["PrivateDnsEnabled"] is False


def test_rule_to_a_prefix_list(aws: Emulator) -> None:
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.3.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(VpcId=vpc, GroupName="g", Description="g")["GroupId"]
    name = ec2.describe_prefix_lists()["PrefixLists"][0]["PrefixListId"]
    made = ec2.authorize_security_group_egress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "PrefixListIds": [{"PrefixListId": name, "Description": "S3"}],
            }
        ],
    )["SecurityGroupRules"]
    found = ec2.describe_security_group_rules(SecurityGroupRuleIds=[made[0]["SecurityGroupRuleId"]])[
        "SecurityGroupRules"
    ]
    assert [(rule["PrefixListId"], rule["Description"], rule["FromPort"]) for rule in found] == [(name, "S3", 443)]


@pytest.fixture
def network(aws: Emulator) -> dict[str, Any]:
    """A VPC of its own with an internet gateway and a subnet."""
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.4.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.4.1.0/24")["Subnet"]["SubnetId"]
    return {"ec2": ec2, "vpc": vpc, "subnet": subnet, "filter": [{"Name": "vpc-id", "Values": [vpc]}]}


# The provider revokes the first with ports, which EC2 does not look at for all protocols.
@pytest.mark.parametrize("ports", [{}, {"FromPort": 0, "ToPort": 0}])
def test_a_revoked_default_rule_is_gone(network: dict[str, Any], ports: dict[str, int]) -> None:
    ec2 = network["ec2"]
    group = ec2.create_security_group(VpcId=network["vpc"], GroupName="g", Description="g")["GroupId"]
    rule = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], **ports}
    assert ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissionsEgress"]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[rule])
    of_group = [{"Name": "group-id", "Values": [group]}]
    found = ec2.describe_security_groups(Filters=of_group)["SecurityGroups"]
    assert [(each["GroupId"], each["IpPermissionsEgress"]) for each in found] == [(group, [])]
    assert found[0]["SecurityGroupArn"] == f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{group}"
    assert ec2.describe_security_group_rules(Filters=of_group)["SecurityGroupRules"] == []


def test_the_address_of_a_nat_gateway_is_in_use_until_the_gateway_is_gone(network: dict[str, Any]) -> None:
    ec2 = network["ec2"]
    address = ec2.allocate_address(Domain="vpc")
    assert "AssociationId" not in address
    made = ec2.create_nat_gateway(SubnetId=network["subnet"], AllocationId=address["AllocationId"])["NatGateway"]
    gateway = ec2.describe_nat_gateways(NatGatewayIds=[made["NatGatewayId"]])["NatGateways"][0]
    own = gateway["NatGatewayAddresses"][0]
    assert (own["AllocationId"], own["PublicIp"]) == (address["AllocationId"], address["PublicIp"])
    named = {"AllocationIds": [address["AllocationId"]]}
    assert ec2.describe_addresses(**named)["Addresses"][0]["AssociationId"] == own["AssociationId"]
    ec2.delete_nat_gateway(NatGatewayId=made["NatGatewayId"])
    assert "AssociationId" not in ec2.describe_addresses(**named)["Addresses"][0]


def test_a_gateway_endpoint_is_a_route(network: dict[str, Any]) -> None:
    ec2, service = network["ec2"], f"com.amazonaws.{REGION}.s3"
    table = ec2.create_route_table(VpcId=network["vpc"])["RouteTable"]["RouteTableId"]
    endpoint = ec2.create_vpc_endpoint(VpcId=network["vpc"], ServiceName=service, RouteTableIds=[table])["VpcEndpoint"]
    names = [{"Name": "prefix-list-name", "Values": [service]}]
    prefixes = ec2.describe_managed_prefix_lists(Filters=names)["PrefixLists"][0]["PrefixListId"]
    routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    found = {each["DestinationPrefixListId"]: each["GatewayId"] for each in routes if "DestinationPrefixListId" in each}
    assert found == {prefixes: endpoint["VpcEndpointId"]}


def test_a_subnet_has_the_default_network_acl(network: dict[str, Any]) -> None:
    acls = network["ec2"].describe_network_acls(Filters=network["filter"])["NetworkAcls"]
    assert [(acl["IsDefault"], [each["SubnetId"] for each in acl["Associations"]]) for acl in acls] == [
        (True, [network["subnet"]])
    ]


def test_network_interfaces_are_found_by_their_group(network: dict[str, Any]) -> None:
    ec2 = network["ec2"]
    one, two = (
        ec2.create_security_group(VpcId=network["vpc"], GroupName=name, Description=name)["GroupId"]
        for name in ("one", "two")
    )
    made = ec2.create_network_interface(SubnetId=network["subnet"], Groups=[one])["NetworkInterface"]

    def found(group: str) -> list[str]:
        answer = ec2.describe_network_interfaces(Filters=[{"Name": "group-id", "Values": [group]}])
        return [each["NetworkInterfaceId"] for each in answer["NetworkInterfaces"]]

    assert (found(one), found(two)) == ([made["NetworkInterfaceId"]], [])
