"""Answers are in the service's protocol, also when the emulator itself fails."""

import asyncio
import logging
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSRequest
from botocore.parsers import create_parser

from cloud.requests import front_door

# By service: a call, and how botocore names the protocol of its answer.
CALLS = {
    "ec2": ("describe_vpcs", {}, "ec2"),
    "ecs": ("list_clusters", {}, "json"),
    "iam": ("list_roles", {}, "query"),
    "logs": ("describe_log_groups", {}, "json"),
    "rds": ("describe_db_instances", {}, "query"),
    "s3": ("list_buckets", {}, "rest-xml"),
}


def request(service: str, operation: str, parameters: dict[str, Any]) -> AWSRequest:
    """What boto3 would send."""
    client = boto3.client(service, region_name="us-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    caught: list[AWSRequest] = []

    def catch(request: AWSRequest, **_: Any) -> None:
        caught.append(request)
        raise InterruptedError

    client.meta.events.register("before-send", catch)
    with pytest.raises(InterruptedError):
        getattr(client, operation)(**parameters)
    return caught[0]


@pytest.mark.parametrize("service", CALLS)
def test_an_exception_in_the_emulator_is_an_internal_failure_and_in_the_log(
    service: str, caplog: pytest.LogCaptureFixture
) -> None:
    operation, parameters, protocol = CALLS[service]
    sent = request(service, operation, parameters)
    headers = {name.lower(): v.decode() if isinstance(v, bytes) else str(v) for name, v in sent.headers.items()}
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""

    async def broken(*_: Any) -> Any:
        raise KeyError("what nobody expects")

    with caplog.at_level(logging.ERROR):
        call = front_door._checked(service, broken, sent.method, "/", headers, body, {})
        status, answered, text = asyncio.run(call)
    parsed = create_parser(protocol).parse({"status_code": status, "headers": answered, "body": text}, None)
    assert (status, parsed["Error"]["Code"]) == (500, "InternalFailure")
    assert "what nobody expects" in caplog.text
