"""Calls beyond a rate are throttled in the service's own words, and no others."""

import urllib.error
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from helpers.emulator import Emulator
from helpers.refusals import client, refused
from helpers.throttle import throttle

BUCKET = "b-throttled"
CASES = [
    ("ecs", "RunTask", {"cluster": "none", "taskDefinition": "none"}, "ThrottlingException", "Rate exceeded"),
    ("s3", "PutObject", {"Bucket": BUCKET, "Key": "a"}, "SlowDown", "Please reduce your request rate."),
]


@pytest.fixture(scope="module")
def bucket(aws: Emulator) -> None:
    client(aws, "s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "us-west-1"})


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize(("service", "operation", "asked", "code", "words"), CASES, ids=[each[1] for each in CASES])
def test_a_call_beyond_the_rate_is_refused_and_one_of_another_operation_is_not(
    aws: Emulator, service: str, operation: str, asked: dict, code: str, words: str
) -> None:
    called, method = client(aws, service), xform_name(operation)
    throttle(aws, service, operation, rate=0.001, burst=1)
    answered(called, method, asked)
    refused(called, method, asked, code, words)
    answered(client(aws, "ecs"), "list_clusters", {})
    assert throttle(aws, service, operation) == 1
    assert throttle(aws, service, operation) == 0
    answered(called, method, asked)


def test_tokens_come_back_with_the_time(aws: Emulator) -> None:
    throttle(aws, "s3", "ListBuckets", rate=5, burst=1)
    buckets = aws.client("s3")  # which tries again, as by default
    attempts = [buckets.list_buckets()["ResponseMetadata"]["RetryAttempts"] for _ in range(4)]
    throttle(aws, "s3", "ListBuckets")
    assert sum(attempts) > 0


def test_a_service_whose_throttling_is_not_known_is_refused(aws: Emulator) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        throttle(aws, "rds", "CreateDBInstance", rate=1)


def answered(service: Any, method: str, request: dict) -> None:
    """Call, and assert that it is not throttled."""
    try:
        getattr(service, method)(**request)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ClusterNotFoundException"
