"""A load balancer is given back as it was made, lets its targets drain, and goes with its listeners."""

from typing import Any

import pytest
from helpers.emulator import REGION, Emulator

TARGET = [{"Id": "10.9.0.200", "Port": 3000}]
HEALTH = {
    "HealthCheckProtocol": "HTTP",
    "HealthCheckPort": "traffic-port",
    "HealthCheckPath": "/server_info",
    "HealthCheckIntervalSeconds": 15,
    "HealthCheckTimeoutSeconds": 10,
    "HealthyThresholdCount": 2,
    "UnhealthyThresholdCount": 4,
    "Matcher": {"HttpCode": "200-299"},
}


class Made:
    """A load balancer in a VPC of its own with a target group and a listener."""

    def __init__(self, aws: Emulator, name: str) -> None:
        self.elb, ec2 = aws.client("elbv2"), aws.client("ec2")
        self.vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        self.subnets = {
            zone: ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=zone)["Subnet"][
                "SubnetId"
            ]
            for number, zone in enumerate((f"{REGION}c", f"{REGION}a"))
        }
        subnets = list(self.subnets.values())
        self.group = self.elb.create_target_group(
            Name=name, Protocol="HTTP", Port=3000, VpcId=self.vpc, TargetType="ip", **HEALTH
        )["TargetGroups"][0]["TargetGroupArn"]
        self.balancer = self.elb.create_load_balancer(Name=name, Subnets=subnets, Scheme="internal")["LoadBalancers"][
            0
        ]["LoadBalancerArn"]
        self.actions = [{"Type": "forward", "TargetGroupArn": self.group}]
        self.listener = self.elb.create_listener(
            LoadBalancerArn=self.balancer, Protocol="HTTP", Port=80, DefaultActions=self.actions
        )["Listeners"][0]["ListenerArn"]

    def delay(self, seconds: int) -> None:
        """Set the deregistration delay."""
        attribute = {"Key": "deregistration_delay.timeout_seconds", "Value": str(seconds)}
        self.elb.modify_target_group_attributes(TargetGroupArn=self.group, Attributes=[attribute])

    def states(self) -> list[str]:
        """What DescribeTargetHealth says."""
        found = self.elb.describe_target_health(TargetGroupArn=self.group)["TargetHealthDescriptions"]
        return [each["TargetHealth"]["State"] for each in found]


@pytest.fixture
def made(aws: Emulator, request: pytest.FixtureRequest) -> Made:
    return Made(aws, request.node.name.replace("_", "-")[5:35].strip("-"))


def attributes(answer: dict[str, Any]) -> dict[str, str]:
    """The attributes in an answer."""
    return {each["Key"]: each["Value"] for each in answer["Attributes"]}


def test_everything_is_read_back(made: Made) -> None:
    balancer = made.elb.describe_load_balancers(LoadBalancerArns=[made.balancer])["LoadBalancers"][0]
    assert (balancer["VpcId"], balancer["Scheme"]) == (made.vpc, "internal")
    subnets = list(made.subnets.values())
    changed = made.elb.set_subnets(LoadBalancerArn=made.balancer, Subnets=subnets)
    for shown in (balancer["AvailabilityZones"], changed["AvailabilityZones"]):
        assert {each["ZoneName"]: each["SubnetId"] for each in shown} == made.subnets
    group = made.elb.describe_target_groups(TargetGroupArns=[made.group])["TargetGroups"][0]
    assert {key: group[key] for key in HEALTH} == HEALTH
    assert (group["VpcId"], group["TargetType"], group["LoadBalancerArns"]) == (made.vpc, "ip", [made.balancer])
    listener = made.elb.describe_listeners(LoadBalancerArn=made.balancer)["Listeners"][0]
    assert (listener["Port"], listener["Protocol"]) == (80, "HTTP")
    assert listener["DefaultActions"][0]["TargetGroupArn"] == made.group


def test_attributes_are_read_back(made: Made) -> None:
    wanted = {
        "idle_timeout.timeout_seconds": "300",
        "routing.http.drop_invalid_header_fields.enabled": "true",
        "routing.http.desync_mitigation_mode": "strictest",
    }
    given = [{"Key": key, "Value": value} for key, value in wanted.items()]
    made.elb.modify_load_balancer_attributes(LoadBalancerArn=made.balancer, Attributes=given)
    made.delay(30)
    found = attributes(made.elb.describe_load_balancer_attributes(LoadBalancerArn=made.balancer))
    assert found | wanted == found
    group = attributes(made.elb.describe_target_group_attributes(TargetGroupArn=made.group))
    assert group["deregistration_delay.timeout_seconds"] == "30"


def test_a_target_drains_for_the_delay(made: Made) -> None:
    made.elb.register_targets(TargetGroupArn=made.group, Targets=TARGET)
    assert made.states() == ["initial"]
    made.elb.deregister_targets(TargetGroupArn=made.group, Targets=TARGET)
    assert made.states() == ["draining"]
    made.elb.register_targets(TargetGroupArn=made.group, Targets=TARGET)
    assert made.states() == ["initial"]
    made.delay(0)
    made.elb.deregister_targets(TargetGroupArn=made.group, Targets=TARGET)
    assert made.states() == []


def test_the_listeners_of_a_balancer_go_with_it(made: Made) -> None:
    listener = made.elb.describe_listeners(LoadBalancerArn=made.balancer)["Listeners"][0]["ListenerArn"]
    made.elb.delete_load_balancer(LoadBalancerArn=made.balancer)
    with pytest.raises(made.elb.exceptions.ListenerNotFoundException):
        made.elb.describe_listeners(ListenerArns=[listener])
