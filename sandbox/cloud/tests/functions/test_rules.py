"""Lambda refuses functions that could not run."""

import json
import secrets
from typing import Any

import pytest
from helpers.emulator import ACCOUNT, Emulator, allow, make_role
from helpers.refusals import client, filled, refused
from helpers.topology import Network

CODE = "InvalidParameterValueException"
EMPTY = b"PK\x05\x06" + bytes(18)  # an archive without files
INTERFACES = ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"]


@pytest.fixture(scope="module")
def names(aws: Emulator) -> dict[str, str]:
    """Two networks, and roles for and not for Lambda."""
    first, second = Network(aws), Network(aws, gateway=False)
    return {
        "subnet": first.subnets[0],
        "group": first.group,
        "other-group": second.group,
        "role": make_role(aws, "lambda.amazonaws.com", allow(INTERFACES, ["*"])),
        "no-permission": make_role(aws, "lambda.amazonaws.com", allow(INTERFACES[1:], ["*"])),
        "tasks": make_role(aws, "ecs-tasks.amazonaws.com", allow(INTERFACES, ["*"])),
    }


def function(role: str = "<role>", subnets: str = "<subnet>", groups: str = "<group>") -> dict[str, Any]:
    """A function."""
    vpc = {"SubnetIds": subnets.split(), "SecurityGroupIds": groups.split()}
    return {
        "FunctionName": f"f-{secrets.token_hex(4)}",
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Role": role,
        "Code": {"ZipFile": EMPTY},
        "VpcConfig": vpc,
    }


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (function("<tasks>"), "cannot be assumed by Lambda"),
        (function(f"arn:aws:iam::{ACCOUNT}:role/none"), "cannot be assumed by Lambda"),
        (function("<no-permission>"), "does not have permissions to call CreateNetworkInterface on EC2"),
        (function(groups=""), "must coexist"),
        (function(subnets="subnet-1"), "'subnet-1' does not exist"),
        (function(groups="<other-group>"), "in the same VPC"),
    ],
)
def test_functions_that_are_not_made(aws: Emulator, names: dict[str, str], asked: dict[str, Any], words: str) -> None:
    refused(client(aws, "lambda"), "create_function", filled(asked, names), CODE, words)


def test_functions_that_are_made(aws: Emulator, names: dict[str, str]) -> None:
    functions = client(aws, "lambda")
    for asked in (function(), function("<no-permission>", subnets="", groups="")):
        made = functions.create_function(**filled(asked, names))
        assert json.dumps(made["VpcConfig"]["SubnetIds"]) == json.dumps(filled(asked, names)["VpcConfig"]["SubnetIds"])
