"""EC2 refuses endpoints and flow logs as AWS does, and takes their neighbors."""

import json
from typing import Any

import pytest
from helpers.emulator import ACCOUNT, REGION, Emulator, make_role
from helpers.refusals import filled, refused
from helpers.topology import Network

S3 = f"com.amazonaws.{REGION}.s3"
ENDPOINT = {
    "VpcId": "<vpc>",
    "ServiceName": f"com.amazonaws.{REGION}.ssm",
    "VpcEndpointType": "Interface",
    "SubnetIds": ["<subnet>", "<second>"],
    "SecurityGroupIds": ["<group>"],
    "PrivateDnsEnabled": True,
}
GATEWAY = {"VpcEndpointType": "Gateway", "SubnetIds": None, "SecurityGroupIds": None, "PrivateDnsEnabled": None}
ELSEWHERE = {"VpcId": "<other-vpc>", "SubnetIds": ["<other-subnet>"], "SecurityGroupIds": ["<other-group>"]}
ENDPOINTS = [
    ({"ServiceName": f"com.amazonaws.{REGION}.smm"}, "InvalidServiceName", "does not exist"),
    ({"ServiceName": "com.amazonaws.us-west-2.ssm"}, "InvalidServiceName", "Service 'com.amazonaws.us-west-2.ssm'"),
    ({"ServiceName": "ssm"}, "InvalidServiceName", "The Vpc Endpoint Service 'ssm' does not exist"),
    ({"ServiceName": None}, "MissingParameter", "ServiceName"),
    (GATEWAY, "InvalidParameter", "Endpoint type (Gateway) does not match available service types ([Interface])."),
    (GATEWAY | {"ServiceName": S3, "SubnetIds": ["<subnet>"]}, "InvalidParameter", "Subnet IDs are only supported for"),
    (GATEWAY | {"ServiceName": S3, "SecurityGroupIds": ["<group>"]}, "InvalidParameter", "Security group IDs are only"),
    (GATEWAY | {"ServiceName": S3, "RouteTableIds": ["<other-table>"]}, "InvalidParameter", "does not belong to the"),
    ({"RouteTableIds": ["<table>"]}, "InvalidParameter", "Route table IDs are only supported for Gateway"),
    ({"SubnetIds": ["<subnet>", "<third>"]}, "DuplicateSubnetsInSameZone", "Found another VPC endpoint subnet in the"),
    ({"SubnetIds": ["<other-subnet>"]}, "InvalidParameter", "does not belong to the VPC"),
    ({"SubnetIds": ["subnet-0123456789abcdef0"]}, "InvalidSubnetID.NotFound", "does not exist"),
    ({"SecurityGroupIds": ["<other-group>"]}, "InvalidParameter", "does not belong to the VPC"),
    ({"SecurityGroupIds": ["sg-0123456789abcdef1"]}, "InvalidGroup.NotFound", "does not exist"),
    ({"VpcId": "vpc-0123456789abcdef0"}, "InvalidVpcID.NotFound", "does not exist"),
    (ELSEWHERE, "InvalidParameter", "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames"),
    ({"PolicyDocument": "{"}, "InvalidPolicyDocument", "is not a valid JSON policy document"),
    ({"PolicyDocument": json.dumps({"Statement": [{"Effect": "Let"}]})}, "InvalidPolicyDocument", "is not a valid"),
]
FLOW_LOG = {
    "ResourceIds": ["<vpc>"],
    "ResourceType": "VPC",
    "TrafficType": "ALL",
    "LogDestination": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:flows",
    "DeliverLogsPermissionArn": "<role>",
}
FLOW_LOGS = [
    ({"DeliverLogsPermissionArn": "<stranger>"}, "InvalidParameter", "Unable to assume given IAM role"),
    ({"DeliverLogsPermissionArn": f"arn:aws:iam::{ACCOUNT}:role/absent"}, "InvalidParameter", "Unable to assume"),
    ({"DeliverLogsPermissionArn": None}, "InvalidParameter", "DeliverLogsPermissionArn can't be empty if"),
    ({"LogDestination": None}, "InvalidParameter", "LogDestination can't be empty if LogGroupName is not provided."),
    ({"LogGroupName": "flows"}, "InvalidParameter", "Please only provide LogGroupName or only provide LogDestination."),
    ({"MaxAggregationInterval": 300}, "InvalidParameter", "Invalid Flow Log Max Aggregation Interval."),
    ({"LogFormat": "${srcaddr} ${sourceaddr}"}, "InvalidParameter", "Unknown fields provided: 'sourceaddr'"),
    ({"LogFormat": "version srcaddr"}, "InvalidParameter", "Unknown fields provided"),
    ({"LogDestination": "arn:aws:s3:::flows"}, "InvalidParameter", "LogDestination"),
    ({"ResourceType": "Subnet"}, "InvalidSubnetId.Malformed", '(expecting "subnet-...")'),
    ({"TrafficType": None}, "MissingParameter", "TrafficType"),
    ({"TrafficType": "NONE"}, "InvalidParameterValue", "ACCEPT"),
    ({"ResourceIds": ["vpc-0123456789abcdef0"]}, "InvalidVpcID.NotFound", "does not exist"),
]


def wanted(base: dict[str, Any], changed: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """A request, without what is None."""
    return filled({name: value for name, value in (base | changed).items() if value is not None}, names)


@pytest.fixture(scope="module")
def ours(aws: Emulator) -> Network:
    network = Network(aws)
    network.ec2.modify_vpc_attribute(VpcId=network.vpc, EnableDnsHostnames={"Value": True})
    return network


@pytest.fixture(scope="module")
def names(aws: Emulator, ours: Network) -> dict[str, str]:
    roles = {
        "role": make_role(aws, "vpc-flow-logs.amazonaws.com"),
        "stranger": make_role(aws, "ecs-tasks.amazonaws.com"),
    }
    return ours.names() | Network(aws).names("other-") | {"third": ours.subnet(3)} | roles


@pytest.mark.parametrize(("changed", "code", "words"), ENDPOINTS)
def test_a_wrong_endpoint_is_refused(
    ours: Network, names: dict[str, str], changed: dict[str, Any], code: str, words: str
) -> None:
    refused(ours.ec2, "create_vpc_endpoint", wanted(ENDPOINT, changed, names), code, words)


def test_private_names_are_taken_once_and_the_endpoint_holds_what_it_uses(aws: Emulator) -> None:
    network = Network(aws)
    ec2, names = network.ec2, network.names()
    ec2.modify_vpc_attribute(VpcId=network.vpc, EnableDnsHostnames={"Value": True})
    made = ec2.create_vpc_endpoint(**wanted(ENDPOINT, {}, names))["VpcEndpoint"]["VpcEndpointId"]
    words = f"there is already a conflicting DNS domain for ssm.{REGION}.amazonaws.com in the VPC {network.vpc}"
    refused(ec2, "create_vpc_endpoint", wanted(ENDPOINT, {}, names), "InvalidParameter", words)
    more = {"VpcEndpointId": made, "AddSubnetIds": [network.subnet(5)]}
    refused(ec2, "modify_vpc_endpoint", more, "DuplicateSubnetsInSameZone", "Found another VPC endpoint subnet")
    refused(ec2, "delete_security_group", {"GroupId": network.group}, "DependencyViolation", "dependent object")
    refused(ec2, "delete_subnet", {"SubnetId": network.subnets[0]}, "DependencyViolation", "dependencies")
    ec2.delete_vpc_endpoints(VpcEndpointIds=[made])
    ec2.delete_security_group(GroupId=network.group)
    ec2.delete_subnet(SubnetId=network.subnets[0])


def test_a_route_table_leads_to_a_service_by_one_endpoint(ours: Network, names: dict[str, str]) -> None:
    request = wanted(ENDPOINT, GATEWAY | {"ServiceName": S3, "RouteTableIds": ["<table>"]}, names)
    ours.ec2.create_vpc_endpoint(**request)
    words = f"route table {ours.table} already has a route with destination-prefix-list-id pl-"
    refused(ours.ec2, "create_vpc_endpoint", request, "RouteAlreadyExists", words)


@pytest.mark.parametrize(("changed", "code", "words"), FLOW_LOGS)
def test_a_wrong_flow_log_is_refused(
    ours: Network, names: dict[str, str], changed: dict[str, Any], code: str, words: str
) -> None:
    refused(ours.ec2, "create_flow_logs", wanted(FLOW_LOG, changed, names), code, words)


def test_a_flow_log_is_made_once(ours: Network, names: dict[str, str]) -> None:
    request = wanted(FLOW_LOG, {"MaxAggregationInterval": 60, "LogFormat": "${srcaddr} ${action}"}, names)
    ours.ec2.create_flow_logs(**request)
    refused(ours.ec2, "create_flow_logs", request, "FlowLogAlreadyExists", "There is an existing Flow Log")
    ours.ec2.create_flow_logs(**request | {"LogDestination": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:others"})
