"""EC2 refuses security groups and their rules as AWS does, and takes their neighbors."""

from typing import Any

import pytest
from helpers.emulator import Emulator
from helpers.refusals import filled, refused
from helpers.topology import Network, allow

ABSENT = "sg-0123456789abcdef1"
MALFORMED = "InvalidParameterValue"
CREATED = [
    ({"GroupName": "sg-web"}, MALFORMED, "Group names may not be in the format sg-*."),
    ({"GroupName": "default"}, "InvalidGroup.Reserved", "default"),
    ({"GroupName": "own"}, "InvalidGroup.Duplicate", "The security group 'own' already exists for VPC"),
    ({"GroupName": "Own"}, "InvalidGroup.Duplicate", "already exists"),
    ({"GroupName": "x" * 256}, MALFORMED, "Valid names are strings less than 256 characters"),
    ({"Description": "the web's"}, MALFORMED, "Invalid security group description."),
    ({"Description": None}, "MissingParameter", "Description"),
    ({"VpcId": "vpc-0123456789abcdef0"}, "InvalidVpcID.NotFound", "does not exist"),
]
MANY = [{"CidrIp": f"10.0.0.{number}/32"} for number in range(60)]
AUTHORIZED = [
    ([], "MissingParameter", "ipPermissions"),
    ([allow(IpProtocol=None)], "MissingParameter", "ipProtocol"),
    ([allow()], "InvalidPermission.Duplicate", '"peer: 10.0.0.0/8, TCP, from port: 443, to port: 443, ALLOW" already'),
    ([allow(IpProtocol="6", IpRanges=[{"CidrIp": "10.1.2.3/8"}])], "InvalidPermission.Duplicate", "already exists"),
    ([allow(FromPort=80), allow(FromPort=80)], MALFORMED, "The same permission must not appear multiple times"),
    ([allow(IpRanges=None, UserIdGroupPairs=[{"GroupId": ABSENT}])], "InvalidGroup.NotFound", "does not exist"),
    ([allow(IpRanges=None, UserIdGroupPairs=[{"GroupId": "web"}])], "InvalidGroupId.Malformed", 'Invalid id: "web"'),
    (
        [allow(IpRanges=None, UserIdGroupPairs=[{"GroupId": "<other-group>"}])],
        "InvalidGroup.NotFound",
        "You have specified two resources that belong to different networks.",
    ),
    ([allow(PrefixListIds=[{"PrefixListId": "pl-0"}], IpRanges=None)], "InvalidPrefixListID.NotFound", "'pl-0'"),
    ([allow(IpRanges=[{"CidrIp": "10.0.0.0/33"}])], MALFORMED, "CIDR block 10.0.0.0/33 is malformed"),
    ([allow(IpRanges=[{"CidrIp": "10.0.0.1"}])], MALFORMED, "CIDR block 10.0.0.1 is malformed"),
    ([allow(Ipv6Ranges=[{"CidrIpv6": "10.0.0.0/8"}], IpRanges=None)], MALFORMED, "is malformed"),
    ([allow(IpRanges=[{"CidrIp": "10.0.0.1/32", "Description": "it's"}])], MALFORMED, "Invalid rule description."),
    ([allow(IpProtocol="tpc")], MALFORMED, "Invalid value 'tpc' for IP protocol. Unknown protocol."),
    ([allow(IpProtocol="icmp", FromPort=256)], MALFORMED, "ICMP type (256) out of range"),
    ([allow(FromPort=70000, ToPort=70000)], MALFORMED, "TCP/UDP (from) port (70000) out of range"),
    ([allow(FromPort=-1, ToPort=-1)], MALFORMED, "TCP/UDP (from) port (-1) out of range"),
    ([allow(FromPort=444)], MALFORMED, "Invalid TCP/UDP port range(444:443)"),
    ([allow(FromPort=None, ToPort=None)], MALFORMED, "Must specify both from and to ports with TCP/UDP."),
    ([allow(FromPort=1, IpRanges=MANY)], "RulesPerSecurityGroupLimitExceeded", "The maximum number of rules"),
]


@pytest.fixture(scope="module")
def ours(aws: Emulator) -> Network:
    network = Network(aws)
    network.ec2.authorize_security_group_ingress(GroupId=network.group, IpPermissions=[allow()])
    return network


@pytest.fixture(scope="module")
def names(aws: Emulator, ours: Network) -> dict[str, str]:
    return ours.names() | Network(aws).names("other-")


@pytest.mark.parametrize(("request_", "code", "words"), CREATED)
def test_a_wrong_group_is_refused(ours: Network, request_: dict[str, Any], code: str, words: str) -> None:
    wanted = {"VpcId": ours.vpc, "GroupName": "web", "Description": "web"} | request_
    given = {name: value for name, value in wanted.items() if value is not None}
    refused(ours.ec2, "create_security_group", given, code, words)


@pytest.mark.parametrize(("permissions", "code", "words"), AUTHORIZED)
def test_a_wrong_rule_is_refused(
    ours: Network, names: dict[str, str], permissions: list[dict[str, Any]], code: str, words: str
) -> None:
    request = {"GroupId": ours.group, "IpPermissions": filled(permissions, names)}
    refused(ours.ec2, "authorize_security_group_ingress", request, code, words)


def test_a_wrong_change_of_a_rule_is_refused(ours: Network, names: dict[str, str]) -> None:
    group = ours.security_group("changed")
    made = ours.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[allow()])["SecurityGroupRules"][0]

    def request(**changed: Any) -> dict[str, Any]:
        wanted = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv4": "10.0.0.0/8"} | changed
        update = {"SecurityGroupRuleId": made["SecurityGroupRuleId"], "SecurityGroupRule": wanted}
        return {"GroupId": group, "SecurityGroupRules": [update]}

    ranged = "CIDR block 10.0.0.0/40 is malformed"
    refused(ours.ec2, "modify_security_group_rules", request(CidrIpv4="10.0.0.0/40"), MALFORMED, ranged)
    refused(ours.ec2, "modify_security_group_rules", request(ToPort=1), MALFORMED, "Invalid TCP/UDP port range(443:1)")
    ours.ec2.modify_security_group_rules(**request(Description="the same"))


def test_a_rule_that_is_not_there_cannot_be_revoked(ours: Network) -> None:
    request = {"GroupId": ours.group, "IpPermissions": [allow(ToPort=444)]}
    for direction in ("ingress", "egress"):
        operation, words = f"revoke_security_group_{direction}", "The specified rule does not exist in this"
        refused(ours.ec2, operation, request, "InvalidPermission.NotFound", words)


@pytest.mark.parametrize("ports", [{}, {"FromPort": 0, "ToPort": 0}, {"FromPort": -1, "ToPort": -1}])
def test_the_first_egress_rule_is_revoked_with_any_ports(aws: Emulator, ports: dict[str, int]) -> None:
    network = Network(aws)
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]} | ports
    network.ec2.revoke_security_group_egress(GroupId=network.group, IpPermissions=[everything])
    found = network.ec2.describe_security_groups(GroupIds=[network.group])["SecurityGroups"][0]
    assert found["IpPermissionsEgress"] == []
    network.ec2.authorize_security_group_egress(GroupId=network.group, IpPermissions=[everything])


def test_each_range_of_a_permission_is_a_rule_of_its_own(ours: Network) -> None:
    group = ours.security_group("several")
    ranges = [{"CidrIp": "10.1.2.3/16", "Description": "first"}, {"CidrIp": "10.2.0.0/16"}]
    both = allow(IpProtocol="6", IpRanges=ranges)
    made = ours.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[both])["SecurityGroupRules"]
    assert [(each["IpProtocol"], each["CidrIpv4"]) for each in made] == [("tcp", "10.1.0.0/16"), ("tcp", "10.2.0.0/16")]
    one = allow(IpRanges=[{"CidrIp": "10.1.0.0/16"}])
    ours.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[one])
    left = ours.ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    assert [each["CidrIpv4"] for each in left["SecurityGroupRules"] if not each["IsEgress"]] == ["10.2.0.0/16"]


def test_sixty_rules_of_one_direction_are_taken_and_more_where_the_account_may_have_them(ours: Network) -> None:
    group = ours.security_group("full")
    ours.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[allow(IpRanges=MANY)])
    more = {"GroupId": group, "IpPermissions": [allow(IpRanges=[{"CidrIp": "10.9.0.0/16"}])]}
    refused(ours.ec2, "authorize_security_group_ingress", more, "RulesPerSecurityGroupLimitExceeded", "maximum")
    ours.ec2.authorize_security_group_egress(**more)


def test_a_group_in_use_is_kept(aws: Emulator) -> None:
    network, dependent = Network(aws), ("DependencyViolation", "has a dependent object")
    ec2, named = network.ec2, network.security_group("named")
    pair = [allow(IpRanges=None, UserIdGroupPairs=[{"GroupId": named, "Description": "its reason"}])]
    ec2.authorize_security_group_ingress(GroupId=network.group, IpPermissions=pair)
    refused(ec2, "delete_security_group", {"GroupId": named}, *dependent)
    without = [allow(IpRanges=None, UserIdGroupPairs=[{"GroupId": named}])]
    ec2.revoke_security_group_ingress(GroupId=network.group, IpPermissions=without)
    ec2.authorize_security_group_ingress(GroupId=named, IpPermissions=without)  # its own
    ec2.delete_security_group(GroupId=named)
    interface = ec2.create_network_interface(SubnetId=network.subnets[0], Groups=[network.group])["NetworkInterface"]
    refused(ec2, "delete_security_group", {"GroupId": network.group}, *dependent)
    ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    ec2.delete_security_group(GroupId=network.group)
    refused(ec2, "delete_security_group", {"GroupId": ABSENT}, "InvalidGroup.NotFound", "does not exist")
