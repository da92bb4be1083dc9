"""A load balancer and what belongs to it have the defaults of AWS."""

import secrets
from typing import Any

import pytest
from helpers.emulator import REGION, Emulator


@pytest.fixture
def made(aws: Emulator) -> dict[str, Any]:
    """An internal load balancer with a listener that forwards to a group."""
    ec2, elb, name = aws.client("ec2"), aws.client("elbv2"), f"b-{secrets.token_hex(4)}"
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.7.{number}.0/24", AvailabilityZone=REGION + zone)["Subnet"]
        for number, zone in enumerate("ac")
    ]
    names = [each["SubnetId"] for each in subnets]
    balancer = elb.create_load_balancer(Name=name, Subnets=names, Scheme="internal")["LoadBalancers"][0]
    group = elb.create_target_group(Name=name, Protocol="HTTP", Port=3000, VpcId=vpc, TargetType="ip")["TargetGroups"][
        0
    ]
    action = {"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}
    arn = {"LoadBalancerArn": balancer["LoadBalancerArn"]}
    listener = elb.create_listener(**arn, Protocol="HTTP", Port=80, DefaultActions=[action])["Listeners"][0]
    return {"elb": elb, "name": name, "balancer": balancer, "group": group, "listener": listener}


def attributes(answer: dict[str, Any]) -> dict[str, str]:
    """The attributes in an answer."""
    return {each["Key"]: each["Value"] for each in answer["Attributes"]}


def test_the_name_of_an_internal_balancer_says_so(made: dict[str, Any]) -> None:
    shown = made["elb"].describe_load_balancers(Names=[made["name"]])["LoadBalancers"][0]
    assert shown["DNSName"] == made["balancer"]["DNSName"]
    assert shown["DNSName"].startswith(f"internal-{made['name']}-")


def test_attributes_have_their_defaults_until_they_are_set(made: dict[str, Any]) -> None:
    elb, arn = made["elb"], {"TargetGroupArn": made["group"]["TargetGroupArn"]}
    before = attributes(elb.describe_target_group_attributes(**arn))
    assert before["load_balancing.algorithm.type"] == "round_robin"
    changed = {"Key": "load_balancing.algorithm.type", "Value": "least_outstanding_requests"}
    after = attributes(elb.modify_target_group_attributes(**arn, Attributes=[changed]))
    assert after == before | {changed["Key"]: changed["Value"]}
    assert attributes(elb.describe_target_group_attributes(**arn)) == after
    of_balancer = elb.describe_load_balancer_attributes(LoadBalancerArn=made["balancer"]["LoadBalancerArn"])
    assert attributes(of_balancer)["load_balancing.cross_zone.enabled"] == "true"
    of_listener = elb.describe_listener_attributes(ListenerArn=made["listener"]["ListenerArn"])
    assert attributes(of_listener)["routing.http.response.strict_transport_security.header_value"] == ""


def test_a_group_and_a_forward_have_their_defaults(made: dict[str, Any]) -> None:
    assert (made["group"]["ProtocolVersion"], made["group"]["IpAddressType"]) == ("HTTP1", "ipv4")
    arn = made["listener"]["ListenerArn"]
    listener = made["elb"].describe_listeners(ListenerArns=[arn])["Listeners"][0]
    assert listener["DefaultActions"] == made["listener"]["DefaultActions"]
    forward = listener["DefaultActions"][0]["ForwardConfig"]
    assert forward["TargetGroups"] == [{"TargetGroupArn": made["group"]["TargetGroupArn"], "Weight": 1}]
    assert made["elb"].describe_listener_certificates(ListenerArn=arn)["Certificates"] == []
    with pytest.raises(made["elb"].exceptions.ListenerNotFoundException):
        made["elb"].describe_listener_certificates(ListenerArn=f"{arn[:-4]}none")


def test_texts_have_the_characters_that_xml_writes_otherwise(aws: Emulator, made: dict[str, Any]) -> None:
    client = aws.client("elbv2")
    group = made["group"]["TargetGroupArn"]
    client.modify_target_group(TargetGroupArn=group, HealthCheckPath="/health?all&deep")
    shown = client.describe_target_groups(TargetGroupArns=[group])["TargetGroups"][0]
    assert shown["HealthCheckPath"] == "/health?all&deep"
