"""What flow logs, endpoints and rules were made with is given back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.emulator import ACCOUNT, REGION, Emulator, running

ROLE = f"arn:aws:iam::{ACCOUNT}:role/flow"
GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:flow"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(Path(tmp_path_factory.mktemp("emulator")), "cloud.ec2.readback") as found:
        yield found


def test_flow_log(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="REJECT",
        LogDestination=GROUP,
        DeliverLogsPermissionArn=ROLE,
        MaxAggregationInterval=60,
        TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "a", "Value": "b"}]}],
    )["FlowLogIds"]
    found = ec2.describe_flow_logs(FlowLogIds=made)["FlowLogs"][0]
    assert found["DeliverLogsPermissionArn"] == ROLE
    assert found["MaxAggregationInterval"] == 60
    assert found["LogGroupName"] == "flow"
    assert found["Tags"] == [{"Key": "a", "Value": "b"}]


def test_interface_endpoint(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
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


def test_rule_to_a_prefix_list(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2")
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
