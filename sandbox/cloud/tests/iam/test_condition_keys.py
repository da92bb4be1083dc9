"""A condition and a policy variable see what AWS puts into a call's context."""

import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from helpers.emulator import ACCOUNT, REGION, Emulator, allow, running
from ministack.core import iam_evaluator

from cloud.iam import condition_keys

BUCKET = f"conditions-{ACCOUNT}"
OBJECTS = f"arn:aws:s3:::{BUCKET}/*"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/worker"
NOW = int(time.time())


class World:
    """A bucket, a key, and a role with a path and a tag, in a session with a tag."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        location = {"LocationConstraint": REGION}
        emulator.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
        tags = [{"TagKey": "team", "TagValue": "data"}]
        self.key = emulator.client("kms").create_key(Tags=tags)["KeyMetadata"]["Arn"]
        trust = {
            "Effect": "Allow",
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Principal": {"AWS": ACCOUNT},
        }
        self.role = emulator.client("iam").create_role(
            Path="/team/",
            RoleName="worker",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
            Tags=[{"Key": "team", "Value": "data"}, {"Key": "stage", "Value": "dev"}],
        )["Role"]

    def client(self, service: str, *statements: dict) -> Any:
        """A client of a session of the role with the given statements only."""
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        self.emulator.client("iam").put_role_policy(
            RoleName="worker", PolicyName="p", PolicyDocument=json.dumps(document)
        )
        found = self.emulator.client("sts").assume_role(
            RoleArn=self.role["Arn"], RoleSessionName="session", Tags=[{"Key": "stage", "Value": "prod"}]
        )["Credentials"]
        return self.emulator.client(
            service,
            aws_access_key_id=found["AccessKeyId"],
            aws_secret_access_key=found["SecretAccessKey"],
            aws_session_token=found["SessionToken"],
        )

    def writes(self, *statements: dict, **settings: str) -> bool:
        """Whether the role may write an object."""
        try:
            self.client("s3", *statements).put_object(Bucket=BUCKET, Key=secrets.token_hex(4), **settings)
        except ClientError as refused:
            assert refused.response["Error"]["Code"] == "AccessDenied"
            return False
        return True


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    state = Path(tmp_path_factory.mktemp("emulator"))
    modules = ("iam.secure_transport", "iam.authorization", "iam.condition_keys", "s3.kms")
    with running(state, *(f"cloud.{each}" for each in modules)) as emulator:
        yield World(emulator)


# What a call of the session carries, as a condition that holds and one that does not.
PRESENT = [
    ("ArnEquals", "aws:PrincipalArn", ROLE, f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/session"),
    ("StringEquals", "aws:PrincipalAccount", ACCOUNT, "444455556666"),
    ("StringEquals", "aws:PrincipalType", "AssumedRole", "User"),
    ("StringEquals", "aws:PrincipalTag/team", "data", "other"),
    ("StringEquals", "aws:PrincipalTag/stage", "prod", "dev"),
    ("StringLike", "aws:userid", "AROA*:session", "worker"),
    ("Bool", "aws:PrincipalIsAWSService", "false", "true"),
    ("Bool", "aws:ViaAWSService", "false", "true"),
    ("Bool", "aws:SecureTransport", "true", "false"),
    ("Bool", "aws:MultiFactorAuthPresent", "false", "true"),
    ("IpAddress", "aws:SourceIp", "127.0.0.0/8", "10.0.0.0/8"),
    ("StringEquals", "aws:RequestedRegion", REGION, "us-east-1"),
    ("StringEquals", "aws:ResourceAccount", ACCOUNT, "444455556666"),
    ("DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z", "2120-01-01T00:00:00Z"),
    ("NumericGreaterThan", "aws:EpochTime", str(NOW - 60), str(NOW + 3600)),
    ("DateGreaterThan", "aws:TokenIssueTime", "2020-01-01T00:00:00Z", "2120-01-01T00:00:00Z"),
]
ABSENT = [
    "aws:username",
    "aws:PrincipalOrgID",
    "aws:PrincipalServiceName",
    "aws:FederatedProvider",
    "aws:SourceIdentity",
    "aws:SourceVpce",
    "aws:SourceVpc",
    "aws:VpcSourceIp",
    "aws:CalledVia",
    "aws:MultiFactorAuthAge",
    "aws:TagKeys",
]


@pytest.mark.parametrize(("operator", "key", "holds", "fails"), PRESENT, ids=[each[1] for each in PRESENT])
def test_a_key_of_a_session_has_the_value_that_aws_gives(
    world: World, operator: str, key: str, holds: str, fails: str
) -> None:
    assert world.writes(allow(["s3:PutObject"], [OBJECTS], {operator: {key: holds}}))
    assert not world.writes(allow(["s3:PutObject"], [OBJECTS], {operator: {key: fails}}))


@pytest.mark.parametrize("key", ABSENT)
def test_a_key_that_aws_does_not_give_is_absent(world: World, key: str) -> None:
    assert world.writes(allow(["s3:PutObject"], [OBJECTS], {"Null": {key: "true"}}))
    assert not world.writes(allow(["s3:PutObject"], [OBJECTS], {"Null": {key: "false"}}))


def test_a_deny_of_a_bucket_policy_spares_the_role_that_it_names(world: World) -> None:
    """A session's ARN in the place of the role's would be refused here."""
    s3 = world.emulator.client("s3")

    def guarded(role: str) -> bool:
        deny = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": OBJECTS,
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": role}},
        }
        s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
        return world.writes(allow(["s3:PutObject"], [OBJECTS]))

    try:
        assert guarded(ROLE)
        assert not guarded(f"arn:aws:iam::{ACCOUNT}:role/worker")
    finally:
        s3.delete_bucket_policy(Bucket=BUCKET)


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"Bool": {"aws:ViaAWSService": "true"}}, True),
        ({"Bool": {"aws:ViaAWSService": "false"}}, False),
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, False),
        ({"StringEquals": {"aws:ResourceTag/team": "data"}}, True),
        ({"StringEquals": {"aws:ResourceTag/team": "other"}}, False),
    ],
)
def test_a_key_that_s3_uses_for_the_caller_sees_that_a_service_calls(
    world: World, condition: dict, allowed: bool
) -> None:
    write, use = allow(["s3:PutObject"], [OBJECTS]), allow(["kms:GenerateDataKey"], [world.key], condition)
    assert world.writes(write, use, ServerSideEncryption="aws:kms", SSEKMSKeyId=world.key) == allowed


@pytest.mark.parametrize(("tag", "allowed"), [("data", True), ("other", False)])
def test_the_tags_of_a_request_are_seen(world: World, tag: str, allowed: bool) -> None:
    condition = {"StringEquals": {"aws:RequestTag/team": "data"}, "ForAllValues:StringEquals": {"aws:TagKeys": "team"}}
    kms = world.client("kms", allow(["kms:TagResource"], ["*"], condition))
    tags = [{"TagKey": "team", "TagValue": tag}]
    if allowed:
        kms.tag_resource(KeyId=world.key, Tags=tags)
        return
    with pytest.raises(ClientError, match="AccessDenied"):
        kms.tag_resource(KeyId=world.key, Tags=tags)


@pytest.mark.parametrize(
    ("resource", "allowed"),
    [
        ("${aws:PrincipalTag/team}/*", True),
        ("${aws:PrincipalTag/stage}/*", False),
        ("${aws:PrincipalTag/none}/*", False),
        ("${aws:PrincipalTag/none, 'data'}/*", True),
        ("${aws:username}/*", False),
    ],
)
def test_a_variable_in_a_resource_takes_the_value_of_its_key(world: World, resource: str, allowed: bool) -> None:
    s3 = world.client("s3", allow(["s3:PutObject"], [f"arn:aws:s3:::{BUCKET}/{resource}"]))
    if allowed:
        s3.put_object(Bucket=BUCKET, Key="data/1")
        return
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket=BUCKET, Key="data/1")


def test_a_variable_in_a_condition_takes_the_value_of_its_key(world: World) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}
    kms = world.client("kms", allow(["kms:DescribeKey"], ["*"], condition))
    assert kms.describe_key(KeyId=world.key)["KeyMetadata"]
    untagged = world.emulator.client("kms").create_key()["KeyMetadata"]["Arn"]
    with pytest.raises(ClientError, match="AccessDenied"):
        kms.describe_key(KeyId=untagged)


GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:a:b"


@pytest.mark.parametrize(
    ("pattern", "alike"),
    [(f"arn:aws:logs:*:{ACCOUNT}:log-group:*", True), ("arn:aws:logs:*:log-group:a:b", False)],
)
def test_a_wildcard_stays_within_its_part_of_an_arn(pattern: str, alike: bool) -> None:
    assert iam_evaluator.fnmatch_iam_cs(GROUP, pattern)
    assert condition_keys._arn_like(iam_evaluator.fnmatch_iam_cs, GROUP, pattern) is alike


@pytest.mark.parametrize(("operator", "allowed"), [("ArnLike", True), ("ArnNotLike", False), ("ArnNotEquals", False)])
def test_a_part_of_an_arn_may_be_any(world: World, operator: str, allowed: bool) -> None:
    condition = {operator: {"aws:PrincipalArn": "arn:aws:iam::*:role/team/worke?"}}
    assert world.writes(allow(["s3:PutObject"], [OBJECTS], condition)) == allowed
