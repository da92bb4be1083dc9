"""Each call takes the permissions that the service authorization reference names, on each of its resources."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from helpers.emulator import ACCOUNT, REGION, Emulator, allow, assume, make_role, running

from cloud import extensions

OWN = {"Application": "a", "Environment": "dev"}
TAGS = [{"Key": key, "Value": value} for key, value in OWN.items()]
ASKED = {"StringEquals": {f"aws:RequestTag/{key}": value for key, value in OWN.items()}}
HAS = {"StringEquals": {f"aws:ResourceTag/{key}": value for key, value in OWN.items()}}
EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}:"


def specified(kind: str) -> list[dict]:
    """Tags for a new resource of EC2."""
    return [{"ResourceType": kind, "Tags": TAGS}]


def refused(call: Any, **parameters: Any) -> str:
    """What a call that is refused says."""
    with pytest.raises(ClientError, match=r"(?i)not authorized|AccessDenied") as error:
        call(**parameters)
    return str(error.value)


def test_a_new_resource_is_judged_by_the_tags_it_gets_and_an_old_one_by_those_it_has(aws: Emulator) -> None:
    vpc = aws.client("ec2").create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=specified("vpc"))["Vpc"]["VpcId"]
    other = aws.client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    make = allow(["ec2:CreateSubnet"], [EC2 + "subnet/*"], ASKED)
    use = allow(["ec2:CreateSubnet"], [EC2 + "vpc/*"], HAS)
    tag = allow(["ec2:CreateTags"], ["*"], {"StringEquals": {"ec2:CreateAction": "CreateSubnet"}})
    asked = {"VpcId": vpc, "CidrBlock": "10.9.1.0/24", "TagSpecifications": specified("subnet")}
    assert aws.client("ec2", **assume(aws, make, use, tag)).create_subnet(**asked)["Subnet"]
    for without in ([use, tag], [make, tag], [make, use]):
        refused(aws.client("ec2", **assume(aws, *without)).create_subnet, **asked)
    ec2 = aws.client("ec2", **assume(aws, make, use, tag))
    refused(ec2.create_subnet, **asked | {"VpcId": other})
    refused(ec2.create_subnet, **asked | {"TagSpecifications": []})


def test_a_tag_of_the_request_says_nothing_of_what_is_there(aws: Emulator) -> None:
    vpc = aws.client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2 = aws.client("ec2", **assume(aws, allow(["ec2:CreateSubnet", "ec2:CreateTags"], ["*"], ASKED)))
    refused(ec2.create_subnet, VpcId=vpc, CidrBlock="10.9.1.0/24", TagSpecifications=specified("subnet"))


def test_tags_of_what_is_there_are_judged_by_those_that_it_has(aws: Emulator) -> None:
    admin = aws.client("ec2")
    mine = admin.create_internet_gateway(TagSpecifications=specified("internet-gateway"))["InternetGateway"]
    bare = admin.create_internet_gateway()["InternetGateway"]
    ec2 = aws.client("ec2", **assume(aws, allow(["ec2:CreateTags", "ec2:DeleteInternetGateway"], ["*"], HAS)))
    ec2.create_tags(Resources=[mine["InternetGatewayId"]], Tags=[{"Key": "Name", "Value": "x"}])
    refused(ec2.create_tags, Resources=[bare["InternetGatewayId"]], Tags=TAGS)
    refused(ec2.delete_internet_gateway, InternetGatewayId=bare["InternetGatewayId"])
    ec2.delete_internet_gateway(InternetGatewayId=mine["InternetGatewayId"])


def test_a_role_within_a_boundary_takes_the_boundary(aws: Emulator) -> None:
    iam = aws.client("iam")
    found = allow(["s3:ListAllMyBuckets"], ["*"])
    text = json.dumps({"Version": "2012-10-17", "Statement": [found]})
    bounds = iam.create_policy(PolicyName="bounds", PolicyDocument=text)["Policy"]["Arn"]
    within = {"StringEquals": {"iam:PermissionsBoundary": bounds}}
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ],
        }
    )
    limited = aws.client("iam", **assume(aws, allow(["iam:CreateRole", "iam:PutRolePolicy"], ["*"], within)))
    assert "iam:CreateRole" in refused(limited.create_role, RoleName="free", AssumeRolePolicyDocument=trust)
    limited.create_role(RoleName="bounded", AssumeRolePolicyDocument=trust, PermissionsBoundary=bounds)
    limited.put_role_policy(RoleName="bounded", PolicyName="p", PolicyDocument=text)
    iam.create_role(RoleName="free", AssumeRolePolicyDocument=trust)
    assert "iam:PutRolePolicy" in refused(limited.put_role_policy, RoleName="free", PolicyName="p", PolicyDocument=text)
    assert "iam:DeleteRolePermissionsBoundary" in refused(limited.delete_role_permissions_boundary, RoleName="bounded")


def test_a_key_with_tags_takes_their_permission_and_an_alias_that_of_name_and_key(aws: Emulator) -> None:
    make = allow(["kms:CreateKey"], ["*"])
    assert "kms:TagResource" in refused(
        aws.client("kms", **assume(aws, make)).create_key, Tags=[{"TagKey": "Environment", "TagValue": "dev"}]
    )
    tag = allow(["kms:TagResource"], ["*"], {"StringEquals": {"aws:RequestTag/Environment": "dev"}})
    kms = aws.client("kms", **assume(aws, make, tag))
    key = kms.create_key(Tags=[{"TagKey": "Environment", "TagValue": "dev"}])["KeyMetadata"]
    name = allow(["kms:CreateAlias"], [f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/permissions"])
    alias = {"AliasName": "alias/permissions", "TargetKeyId": key["KeyId"]}
    refused(aws.client("kms", **assume(aws, name)).create_alias, **alias)
    aws.client("kms", **assume(aws, name, allow(["kms:CreateAlias"], [key["Arn"]]))).create_alias(**alias)


@pytest.fixture
def untouched(tmp_path: Path) -> Iterator[Emulator]:
    """An account in which nobody has used anything yet."""
    with running(tmp_path, *extensions.ORDER) as emulator:
        yield emulator


def test_the_first_user_of_a_service_in_an_account_takes_the_permission_to_make_its_role(untouched: Emulator) -> None:
    make = allow(["ecs:CreateCluster"], ["*"])
    linked = allow(
        ["iam:CreateServiceLinkedRole"], ["*"], {"StringEquals": {"iam:AWSServiceName": "ecs.amazonaws.com"}}
    )
    said = refused(untouched.client("ecs", **assume(untouched, make)).create_cluster, clusterName="first")
    assert "iam:CreateServiceLinkedRole" in said
    untouched.client("ecs", **assume(untouched, make, linked)).create_cluster(clusterName="first")
    untouched.client("ecs", **assume(untouched, make)).create_cluster(clusterName="second")


def test_a_cluster_is_judged_by_the_tags_that_it_has(aws: Emulator) -> None:
    tags = [{"key": key, "value": value} for key, value in OWN.items()]
    aws.client("ecs").create_cluster(clusterName="mine", tags=tags)
    aws.client("ecs").create_cluster(clusterName="bare")
    ecs = aws.client("ecs", **assume(aws, allow(["ecs:DeleteCluster"], ["*"], HAS)))
    refused(ecs.delete_cluster, cluster="bare")
    ecs.delete_cluster(cluster="mine")


def test_a_database_takes_its_groups_its_key_its_tags_and_the_role_of_its_monitoring(aws: Emulator) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    role = make_role(aws, "monitoring.rds.amazonaws.com")
    rds = f"arn:aws:rds:{REGION}:{ACCOUNT}:"
    statements = {
        "rds:CreateDBInstance": allow(["rds:CreateDBInstance"], [rds + "db:mine", rds + "subgrp:mine"]),
        "rds:AddTagsToResource": allow(["rds:AddTagsToResource"], [rds + "db:mine"], ASKED),
        "iam:PassRole": allow(
            ["iam:PassRole"], [role], {"StringEquals": {"iam:PassedToService": "monitoring.rds.amazonaws.com"}}
        ),
        "kms:CreateGrant": allow(
            ["kms:CreateGrant"], [key], {"StringEquals": {"kms:ViaService": f"rds.{REGION}.amazonaws.com"}}
        ),
        "kms:DescribeKey": allow(["kms:DescribeKey"], [key]),
    }
    asked = {
        "DBInstanceIdentifier": "mine",
        "DBInstanceClass": "db.t4g.micro",
        "Engine": "postgres",
        "DBSubnetGroupName": "mine",
        "KmsKeyId": key,
        "MonitoringRoleArn": role,
        "Tags": TAGS,
    }
    for action in statements:
        rest = [each for name, each in statements.items() if name != action]
        assert action in refused(aws.client("rds", **assume(aws, *rest)).create_db_instance, **asked)


def test_what_was_asked_is_recorded_once_with_its_answer(aws: Emulator) -> None:
    with_role = assume(aws, allow(["s3:ListAllMyBuckets"], ["*"]))
    for _ in range(2):
        aws.client("s3", **with_role).list_buckets()
        refused(aws.client("s3", **with_role).create_bucket, Bucket="recorded")
    me = aws.client("sts", **with_role).get_caller_identity()["Arn"]
    with urllib.request.urlopen(f"http://127.0.0.1:{aws.port}/_sandbox/calls") as answer:
        mine = [each for each in json.load(answer) if each["principal"] == me and "s3" in each["action"]]
    assert [(each["action"], each["resource"], each["allowed"]) for each in mine] == [
        ("s3:ListAllMyBuckets", "*", True),
        ("s3:CreateBucket", "arn:aws:s3:::recorded", False),
    ]
