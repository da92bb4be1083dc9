"""What CloudWatch Logs refuses is refused, and what is next to it is taken."""

import json
from typing import Any

import pytest
from helpers.emulator import ACCOUNT, REGION, SECOND_REGION, Emulator
from helpers.refusals import client, refused

PARAMETER, DENIED = "InvalidParameterException", "AccessDeniedException"
GROUPS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:"
NOT_ALLOWED = "The specified KMS key does not exist or is not allowed to be used with Arn"
USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]


@pytest.fixture(scope="module")
def logs(aws: Emulator) -> Any:
    return client(aws, "logs")


def make_key(aws: Emulator, region: str = REGION, **statement: Any) -> str:
    """A key that delegates to the account and has one more statement."""
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    statements = [root, {"Effect": "Allow", "Resource": "*", **statement}] if statement else [root]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return client(aws, "kms", region).create_key(Policy=policy)["KeyMetadata"]["Arn"]


def for_logs(region: str = REGION, action: list[str] = USE, groups: str = f"{GROUPS}keys/*") -> dict:
    """The statement that lets CloudWatch Logs in."""
    condition = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}}
    return {"Principal": {"Service": f"logs.{region}.amazonaws.com"}, "Action": action, "Condition": condition}


@pytest.mark.parametrize(
    "statement",
    [
        {},
        for_logs(SECOND_REGION),
        for_logs(groups=f"{GROUPS}others/*"),
        for_logs(action=["kms:Encrypt", "kms:DescribeKey"]),
        {"Principal": {"Service": "s3.amazonaws.com"}, "Action": "kms:*"},
    ],
    ids=["account only", "another region", "other groups", "too few actions", "another service"],
)
def test_a_key_has_to_let_the_service_in(aws: Emulator, logs: Any, statement: dict) -> None:
    request = {"logGroupName": "keys/refused", "kmsKeyId": make_key(aws, **statement)}
    refused(logs, "create_log_group", request, DENIED, f"{NOT_ALLOWED} '{GROUPS}keys/refused'")


def test_a_key_that_lets_the_service_in_is_taken(aws: Emulator, logs: Any) -> None:
    key = make_key(aws, **for_logs())
    logs.create_log_group(logGroupName="keys/taken", kmsKeyId=key)
    found = logs.describe_log_groups(logGroupNamePrefix="keys/taken")["logGroups"]
    assert [group["kmsKeyId"] for group in found] == [key]


def test_a_key_has_to_be_there_and_enabled(aws: Emulator, logs: Any) -> None:
    def request(key: str) -> dict:
        return {"logGroupName": "keys/state", "kmsKeyId": key}

    absent = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
    refused(logs, "create_log_group", request(absent), DENIED, NOT_ALLOWED)
    abroad = make_key(aws, SECOND_REGION, **for_logs())
    refused(logs, "create_log_group", request(abroad), DENIED, NOT_ALLOWED)
    refused(logs, "create_log_group", request("alias/logs"), PARAMETER, "KMS Key Id could not be found")
    disabled = make_key(aws, **for_logs())
    client(aws, "kms").disable_key(KeyId=disabled)
    refused(logs, "create_log_group", request(disabled), PARAMETER, "is not enabled")
    client(aws, "kms").enable_key(KeyId=disabled)
    logs.create_log_group(**request(disabled))


def test_a_key_is_associated_and_dissociated(aws: Emulator, logs: Any) -> None:
    logs.create_log_group(logGroupName="keys/later")
    named = {"logGroupName": "keys/later"}

    def key() -> str | None:
        return logs.describe_log_groups(logGroupNamePrefix="keys/later")["logGroups"][0].get("kmsKeyId")

    refused(logs, "associate_kms_key", {**named, "kmsKeyId": make_key(aws)}, DENIED, NOT_ALLOWED)
    right = make_key(aws, **for_logs())
    logs.associate_kms_key(**named, kmsKeyId=right)
    assert key() == right
    logs.disassociate_kms_key(**named)
    assert key() is None
    absent = {"logGroupName": "keys/absent", "kmsKeyId": right}
    refused(logs, "associate_kms_key", absent, "ResourceNotFoundException", "log group does not exist")


CASES: dict[str, tuple[str, dict, str, dict]] = {
    "AWS's name": ("create_log_group", {"logGroupName": "aws/a"}, "reserved for AWS", {"logGroupName": "/aws/a"}),
    "AWS's tag": (
        "create_log_group",
        {"logGroupName": "tagged", "tags": {"aws:a": "b"}},
        "aws:",
        {"logGroupName": "tagged", "tags": {"a": "b"}},
    ),
    "days": (
        "put_retention_policy",
        {"logGroupName": "kept", "retentionInDays": 31},
        "Member must satisfy enum value set: [1, 3, 5",
        {"logGroupName": "kept", "retentionInDays": 30},
    ),
}


@pytest.mark.parametrize(("operation", "request_", "words", "neighbor"), CASES.values(), ids=CASES)
def test_a_wrong_request_is_refused_and_its_neighbor_taken(
    logs: Any, operation: str, request_: dict, words: str, neighbor: dict
) -> None:
    if operation == "put_retention_policy":
        logs.create_log_group(logGroupName="kept")
    refused(logs, operation, request_, PARAMETER, words)
    assert getattr(logs, operation)(**neighbor)["ResponseMetadata"]["HTTPStatusCode"] == 200
