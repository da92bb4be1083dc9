"""EC2 refuses to look up what is not there, and to filter by what it does not know."""

from typing import Any

import pytest
from helpers.emulator import Emulator
from helpers.refusals import filled, refused
from helpers.topology import Network

ABSENT = "0123456789abcdef0"
ABSENCES = [
    ("vpcs", {"VpcIds": [f"vpc-{ABSENT}"]}, "InvalidVpcID.NotFound"),
    ("subnets", {"SubnetIds": [f"subnet-{ABSENT}"]}, "InvalidSubnetID.NotFound"),
    ("security_groups", {"GroupIds": [f"sg-{ABSENT}"]}, "InvalidGroup.NotFound"),
    ("security_groups", {"GroupIds": ["web"]}, "InvalidGroupId.Malformed"),
    ("security_group_rules", {"SecurityGroupRuleIds": [f"sgr-{ABSENT}"]}, "InvalidSecurityGroupRuleId.NotFound"),
    ("route_tables", {"RouteTableIds": [f"rtb-{ABSENT}"]}, "InvalidRouteTableID.NotFound"),
    ("internet_gateways", {"InternetGatewayIds": [f"igw-{ABSENT}"]}, "InvalidInternetGatewayID.NotFound"),
    ("nat_gateways", {"NatGatewayIds": [f"nat-{ABSENT}"]}, "NatGatewayNotFound"),
    ("vpc_endpoints", {"VpcEndpointIds": [f"vpce-{ABSENT}"]}, "InvalidVpcEndpointId.NotFound"),
    ("addresses", {"AllocationIds": [f"eipalloc-{ABSENT}"]}, "InvalidAllocationID.NotFound"),
    ("network_interfaces", {"NetworkInterfaceIds": [f"eni-{ABSENT}"]}, "InvalidNetworkInterfaceID.NotFound"),
    ("prefix_lists", {"PrefixListIds": [f"pl-{ABSENT}"]}, "InvalidPrefixListId.NotFound"),
    ("availability_zones", {"ZoneNames": ["us-west-1b"]}, "InvalidParameterValue"),
    ("vpc_endpoint_services", {"ServiceNames": ["com.amazonaws.us-west-1.parameters"]}, "InvalidServiceName"),
    ("vpcs", {"Filters": [{"Name": "vpc", "Values": ["x"]}]}, "InvalidParameterValue"),
    ("nat_gateways", {"Filter": [{"Name": "name", "Values": ["x"]}]}, "InvalidParameterValue"),
]
LISTS = ["addresses", "flow_logs", "nat_gateways", "network_interfaces", "vpc_endpoints"]
FOUND = [
    ("vpcs", {"Filters": [{"Name": "isDefault", "Values": ["true"]}, {"Name": "tag:x", "Values": ["y"]}]}),
    ("subnets", {"SubnetIds": ["<subnet>"], "Filters": [{"Name": "vpc-id", "Values": ["<vpc>"]}]}),
    ("availability_zones", {"ZoneNames": ["us-west-1a"], "Filters": [{"Name": "state", "Values": ["available"]}]}),
    ("vpc_endpoint_services", {"ServiceNames": ["com.amazonaws.us-west-1.s3"]}),
]


@pytest.fixture(scope="module")
def network(aws: Emulator) -> Network:
    return Network(aws)


@pytest.mark.parametrize(("what", "request_", "code"), ABSENCES)
def test_what_is_not_there_is_not_found(network: Network, what: str, request_: dict[str, Any], code: str) -> None:
    refused(network.ec2, f"describe_{what}", request_, code)


@pytest.mark.parametrize("what", LISTS)
def test_nothing_is_a_list_of_nothing(network: Network, what: str) -> None:
    parameter = "Filter" if what in ("flow_logs", "nat_gateways") else "Filters"
    tagged = {parameter: [{"Name": "tag:nobody", "Values": ["has"]}]}
    answer = getattr(network.ec2, f"describe_{what}")(**tagged)
    assert [each for name, each in answer.items() if name != "ResponseMetadata"] == [[]]


@pytest.mark.parametrize(("what", "request_"), FOUND)
def test_what_is_there_is_found(network: Network, what: str, request_: dict[str, Any]) -> None:
    assert getattr(network.ec2, f"describe_{what}")(**filled(request_, network.names()))
