"""Answers are in the service's protocol, also when the emulator itself fails."""

import asyncio
import contextlib
import http.client
import json
import logging
import re
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.parsers import create_parser
from helpers.emulator import Emulator

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


@pytest.mark.parametrize("where", ["service", "authorization"])
@pytest.mark.parametrize("service", CALLS)
def test_an_exception_in_the_emulator_is_an_internal_failure_and_in_the_log(
    service: str, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    operation, parameters, protocol = CALLS[service]
    sent = request(service, operation, parameters)
    headers = {name.lower(): v.decode() if isinstance(v, bytes) else str(v) for name, v in sent.headers.items()}
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""

    async def broken(*_: Any) -> Any:
        raise KeyError("what nobody expects")

    with caplog.at_level(logging.ERROR):
        if where == "service":
            call = front_door._checked(service, broken, sent.method, "/", headers, body, {})
        else:
            call = front_door._guarded(broken, sent.method, "/", headers, body, {}, "id")
        status, answered, text = asyncio.run(call)
    parsed = create_parser(protocol).parse({"status_code": status, "headers": answered, "body": text}, None)
    assert (status, parsed["Error"]["Code"]) == (500, "InternalError" if service == "s3" else "InternalFailure")
    assert "what nobody expects" in caplog.text


def post(aws: Emulator, service: str, body: bytes, **headers: str) -> tuple[int, str]:
    """What a signed request is answered."""
    request = AWSRequest("POST", f"http://127.0.0.1:{aws.port}/", headers, body)
    SigV4Auth(Credentials("AKIAIOSFODNN7EXAMPLE", "administrator"), service, aws.region).add_auth(request)
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", aws.port)) as connection:
        connection.request("POST", "/", body, dict(request.headers))
        response = connection.getresponse()
        return response.status, response.read().decode()


TARGETS = {"ecs": "AmazonEC2ContainerServiceV20141113", "logs": "Logs_20140328", "kms": "TrentService"}


@pytest.mark.parametrize("service", TARGETS)
@pytest.mark.parametrize(
    ("operation", "body", "code"),
    [("Nothing", b"{}", "UnknownOperationException"), ("ListTagsForResource", b"{broken", "SerializationException")],
)
def test_a_json_call_that_aws_cannot_read_is_told_so(
    aws: Emulator, service: str, operation: str, body: bytes, code: str
) -> None:
    if service == "kms":
        operation = operation.replace("ListTagsForResource", "ListKeys")
    headers = {"x-amz-target": f"{TARGETS[service]}.{operation}", "content-type": "application/x-amz-json-1.1"}
    status, text = post(aws, service, body, **headers)
    assert (status, json.loads(text)["__type"]) == (400, code)


@pytest.mark.parametrize(
    ("service", "words"),
    [
        ("ec2", "The action Nothing is not valid for this web service."),
        ("iam", "Could not find operation Nothing for version 2020-01-01"),
        ("rds", "Could not find operation Nothing for version 2020-01-01"),
    ],
)
def test_an_action_that_aws_does_not_know_is_invalid(aws: Emulator, service: str, words: str) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    status, text = post(aws, service, b"Action=Nothing&Version=2020-01-01", **form)
    assert status == 400
    assert f"<Code>InvalidAction</Code><Message>{words}</Message>" in re.sub(r">\s+<", "><", text)


def test_an_operation_that_the_sandbox_lacks_is_told_from_one_that_aws_lacks(aws: Emulator) -> None:
    with pytest.raises(ClientError, match="DescribeDBLogFiles is an operation of AWS that this sandbox lacks"):
        aws.client("rds").describe_db_log_files(DBInstanceIdentifier="a")


# Lists of what there is none of, as each test has names of its own.
EMPTY = {
    "ec2": [
        ("describe_nat_gateways", {"Filter": [{"Name": "vpc-id", "Values": ["vpc-1"]}]}),
        ("describe_vpc_endpoints", {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}]}),
        ("describe_network_interfaces", {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}]}),
        ("describe_flow_logs", {"Filter": [{"Name": "resource-id", "Values": ["vpc-1"]}]}),
    ],
    "ecs": [("describe_clusters", {"clusters": ["none"]})],
    "ssm": [("describe_parameters", {"ParameterFilters": [{"Key": "Name", "Values": ["/none"]}]})],
}


@pytest.mark.parametrize(
    ("service", "operation", "parameters"), [(each, *call) for each, calls in EMPTY.items() for call in calls]
)
def test_an_empty_list_is_answered(aws: Emulator, service: str, operation: str, parameters: dict) -> None:
    answer = getattr(aws.client(service), operation)(**parameters)
    lists = [value for name, value in answer.items() if isinstance(value, list) and name != "failures"]
    assert lists == [[]]


EVERYTHING = {
    "ec2": (
        "addresses dhcp_options flow_logs internet_gateways managed_prefix_lists nat_gateways network_acls "
        "network_interfaces prefix_lists route_tables security_group_rules security_groups subnets vpc_endpoints vpcs"
    ),
    "elbv2": "load_balancers target_groups",
    "rds": "certificates db_instances db_instance_automated_backups db_parameter_groups db_snapshots db_subnet_groups",
    "ecs": "capacity_providers clusters",
}


@pytest.mark.parametrize("region", ["us-west-1", "eu-central-1"])
@pytest.mark.parametrize(
    ("service", "what"), [(service, what) for service, names in EVERYTHING.items() for what in names.split()]
)
def test_an_account_is_described_where_there_is_much_and_where_there_is_nothing(
    aws: Emulator, service: str, what: str, region: str
) -> None:
    assert getattr(aws.client(service, region), f"describe_{what}")()["ResponseMetadata"]["HTTPStatusCode"] == 200
