"""What Parameter Store refuses is refused, and what is next to it is taken."""

from typing import Any

import pytest
from helpers.emulator import ACCOUNT, REGION, SECOND_REGION, Emulator
from helpers.refusals import client, refused

INVALID = "ValidationException"
LEVELS = "/".join("abcdefghijklmno")
IMAGE = {"DataType": "aws:ec2:image", "Value": "ami-12345678"}


def put(name: str, **change: Any) -> dict:
    """A call that is right but for a change."""
    return {"Name": name, "Value": "v", "Type": "String", **change}


# What: the error's code and words, the request, and a neighbor that is taken.
CASES: dict[str, tuple[str, str, dict, dict]] = {
    "slash at the end": (INVALID, "must not end with slash", put("/end/a/"), put("/end/a")),
    "no slash at the beginning": (INVALID, "must be a fully qualified name", put("begin/a"), put("/begin/a")),
    "space": (INVALID, "following 3 symbols .-_", put("/space/a b"), put("/space/a.b-c_D1")),
    "two slashes": (INVALID, "following 3 symbols .-_", put("/two//a"), put("/two/a")),
    "AWS's prefix": ("AccessDeniedException", "reserved parameter name", put("/AWS/a"), put("/not/aws")),
    "SSM's prefix": (INVALID, "can't be prefixed", put("ssm-a"), put("an-ssm")),
    "levels": (
        "HierarchyLevelLimitExceededException",
        "at most 15 levels",
        put(f"/{LEVELS}/p"),
        put(f"/{LEVELS}"),
    ),
    "length": (INVALID, "at most 1011", put("n" * 971), put("n" * 966)),
    "empty": (INVALID, "at 'value'", put("/empty", Value=""), put("/empty", Value=" ")),
    "nested": (INVALID, "can't nest another", put("/nested", Value="a{{ssm:b}}"), put("/nested", Value="a{b}")),
    "kind of data": (INVALID, "data type is not supported: Text", put("/d", DataType="Text"), put("/d", **IMAGE)),
    "secret image": (
        INVALID,
        "not supported for the following input type: SecureString",
        put("/image", **IMAGE) | {"Type": "SecureString"},
        put("/image", **IMAGE),
    ),
    "pattern": (
        "ParameterPatternMismatchException",
        r"cannot be validated against allowedPattern: \d{1,4}",
        put("/pattern", AllowedPattern=r"\d{1,4}", Value="10,000"),
        put("/pattern", AllowedPattern=r"\d{1,4}", Value="100"),
    ),
    "pattern of lists": (
        "ParameterPatternMismatchException",
        "cannot be validated",
        put("/list", AllowedPattern=r"^\d+$", Value="1,b", Type="StringList"),
        put("/list", AllowedPattern=r"^\d+$", Value="1,2", Type="StringList"),
    ),
    "no pattern": ("InvalidAllowedPatternException", "is none", put("/p", AllowedPattern="("), put("/p")),
    "size": (INVALID, "maximum parameter value of 4096", put("/s", Value="v" * 4097), put("/s", Value="v" * 4096)),
    "advanced size": (
        INVALID,
        "maximum parameter value of 8192",
        put("/advanced", Value="v" * 8193, Tier="Advanced"),
        put("/advanced", Value="v" * 8192, Tier="Advanced"),
    ),
    "tier by size": (
        INVALID,
        "maximum parameter value of 8192",
        put("/tiering", Value="v" * 8193, Tier="Intelligent-Tiering"),
        put("/tiering", Value="v" * 8192, Tier="Intelligent-Tiering"),
    ),
    "policies": (
        INVALID,
        "can't assign parameter policies",
        put("/policies", Policies="[]"),
        put("/policies", Policies="[]", Tier="Advanced"),
    ),
    "AWS's tag": (
        INVALID,
        "aws:",
        put("/tag", Tags=[{"Key": "aws:a", "Value": "b"}]),
        put("/tag", Tags=[{"Key": "a", "Value": "b"}]),
    ),
}


@pytest.mark.parametrize(("code", "words", "request_", "neighbor"), CASES.values(), ids=CASES)
def test_a_wrong_parameter_is_refused_and_its_neighbor_taken(
    aws: Emulator, code: str, words: str, request_: dict, neighbor: dict
) -> None:
    ssm = client(aws, "ssm")
    refused(ssm, "put_parameter", request_, code, words)
    assert ssm.put_parameter(**neighbor)["Version"] == 1


def test_an_advanced_parameter_stays_advanced(aws: Emulator) -> None:
    ssm = client(aws, "ssm")
    ssm.put_parameter(**put("/stays", Tier="Advanced"))
    refused(ssm, "put_parameter", put("/stays", Tier="Standard", Overwrite=True), INVALID, "You can't downgrade")
    assert ssm.put_parameter(**put("/stays", Value="v" * 8192, Overwrite=True))["Tier"] == "Advanced"


def test_the_key_of_a_secret_is_there_and_enabled(aws: Emulator) -> None:
    ssm, kms = client(aws, "ssm"), client(aws, "kms")

    def secret(key: str) -> dict:
        return put("/keys/secret", Type="SecureString", KeyId=key)

    absent = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
    abroad = client(aws, "kms", SECOND_REGION).create_key()["KeyMetadata"]["Arn"]
    for key in (absent, "alias/absent", abroad):
        refused(ssm, "put_parameter", secret(key), "InvalidKeyId", f"Invalid keyId {key}")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.disable_key(KeyId=key)
    refused(ssm, "put_parameter", secret(key), "InvalidKeyId", "is disabled")
    kms.enable_key(KeyId=key)
    ssm.put_parameter(**secret(key))
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    refused(ssm, "put_parameter", secret(key) | {"Overwrite": True}, "InvalidKeyId", "is pending deletion")
    ssm.put_parameter(**put("/keys/default", Type="SecureString"))
