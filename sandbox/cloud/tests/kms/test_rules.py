"""KMS refuses policies, states and names as on AWS."""

import json
import secrets
from typing import Any

import pytest
from helpers.emulator import ACCOUNT, SECOND_REGION, Emulator, make_role
from helpers.refusals import client, refused

MALFORMED = "MalformedPolicyDocumentException"
OWN = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
INVALID = "Policy contains a statement with one or more invalid principals."
LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def use_by(principal: Any) -> dict:
    return OWN | {"Principal": principal, "Action": "kms:Decrypt"}


POLICIES = {
    "no JSON": ("{", "This policy contains invalid Json"),
    "an unknown element": (document(OWN | {"Principals": "*"}), "Syntax errors in policy."),
    "an action without service": (document(OWN, OWN | {"Action": "Decrypt"}), "must be prefaced by a vendor"),
    "no principal": (document({name: OWN[name] for name in ("Effect", "Action", "Resource")}), "with no principal"),
    "a role that is not there": (document(OWN, use_by({"AWS": f"arn:aws:iam::{ACCOUNT}:role/none"})), INVALID),
    "a service's short name": (document(OWN, use_by({"Service": "logs"})), INVALID),
    "nobody who may change it": (document(OWN | {"Action": "kms:Decrypt"}), LOCKED_OUT),
    "another account only": (document(OWN | {"Principal": {"AWS": "444455556666"}}), LOCKED_OUT),
    "a service only": (document(OWN | {"Principal": {"Service": "logs.us-west-1.amazonaws.com"}}), LOCKED_OUT),
    "a denial of it": (document(OWN, OWN | {"Effect": "Deny", "Action": "kms:Put*"}), LOCKED_OUT),
    "a condition that fails": (
        document(OWN | {"Condition": {"StringEquals": {"kms:CallerAccount": "444455556666"}}}),
        LOCKED_OUT,
    ),
}
TAKEN = {
    "a line before": "\n" + document(OWN),
    "names with spaces": document(OWN | {"Sid": "Enable IAM User Permissions"}),
    "an older version": json.dumps({"Version": "2008-10-17", "Statement": OWN}),
    "a service of the region": document(OWN, use_by({"Service": "logs.us-west-1.amazonaws.com"})),
    "another account too": document(OWN, use_by({"AWS": ["444455556666", "arn:aws:iam::444455556666:role/r"]})),
    "a statement without effect for lack of resource": document(OWN, {k: OWN[k] for k in OWN if k != "Resource"}),
}
SPECS = {
    "signatures by the symmetric key": ({"KeyUsage": "SIGN_VERIFY"}, "not compatible with KeySpec SYMMETRIC_DEFAULT"),
    "an asymmetric key for nothing": ({"KeySpec": "RSA_2048"}, "You must specify a KeyUsage value"),
    "curves that encrypt": ({"KeySpec": "ECC_NIST_P256", "KeyUsage": "ENCRYPT_DECRYPT"}, "not compatible"),
}


@pytest.fixture(scope="module")
def key(aws: Emulator) -> str:
    return client(aws, "kms").create_key()["KeyMetadata"]["KeyId"]


@pytest.mark.parametrize(("text", "words"), POLICIES.values(), ids=POLICIES)
def test_a_policy_is_refused(aws: Emulator, key: str, text: str, words: str) -> None:
    refused(client(aws, "kms"), "create_key", {"Policy": text}, MALFORMED, words)
    put = {"KeyId": key, "PolicyName": "default", "Policy": text}
    refused(client(aws, "kms"), "put_key_policy", put, MALFORMED, words)


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN)
def test_an_unusual_policy_is_taken(aws: Emulator, key: str, text: str) -> None:
    client(aws, "kms").put_key_policy(KeyId=key, PolicyName="default", Policy=text)


def test_a_policy_may_let_in_a_role_that_exists(aws: Emulator, key: str) -> None:
    text = document(OWN, use_by({"AWS": make_role(aws, "ecs-tasks.amazonaws.com")}))
    client(aws, "kms").put_key_policy(KeyId=key, PolicyName="default", Policy=text)


def test_who_asks_for_it_locks_everybody_out(aws: Emulator) -> None:
    text = document(OWN | {"Action": "kms:Decrypt"})
    client(aws, "kms").create_key(Policy=text, BypassPolicyLockoutSafetyCheck=True)


def test_a_large_policy_is_refused(aws: Emulator) -> None:
    large = document(*[OWN | {"Sid": f"s{number}"} for number in range(300)])
    refused(client(aws, "kms"), "create_key", {"Policy": large}, "LimitExceededException", "32768")


@pytest.mark.parametrize(("request_", "words"), SPECS.values(), ids=SPECS)
def test_a_spec_has_its_usages(aws: Emulator, request_: dict, words: str) -> None:
    refused(client(aws, "kms"), "create_key", request_, "ValidationException", words)


def test_a_spec_with_its_usage_is_taken(aws: Emulator) -> None:
    client(aws, "kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("data", "ValidationException", 'Alias must start with the prefix "alias/".'),
        ("alias/", "ValidationException", 'Alias must start with the prefix "alias/".'),
        ("alias/aws/data", "NotAuthorizedException", ""),
        ("alias/a:b", "ValidationException", "alias/a:b contains invalid characters for an alias"),
        ("alias/a b", "ValidationException", "regular expression pattern"),
    ],
)
def test_an_alias_has_its_grammar(aws: Emulator, key: str, name: str, code: str, words: str) -> None:
    refused(client(aws, "kms"), "create_alias", {"AliasName": name, "TargetKeyId": key}, code, words)


def test_an_alias_is_unique_and_names_a_key(aws: Emulator, key: str) -> None:
    kms, name = client(aws, "kms"), f"alias/{secrets.token_hex(4)}"
    kms.create_alias(AliasName=name, TargetKeyId=key)
    again = {"AliasName": name, "TargetKeyId": key}
    refused(kms, "create_alias", again, "AlreadyExistsException", f":{name} already exists")
    of_an_alias = {"AliasName": f"{name}-2", "TargetKeyId": name}
    refused(kms, "create_alias", of_an_alias, "ValidationException", "Aliases must refer to keys. Not aliases")
    none = {"AliasName": f"{name}-2", "TargetKeyId": "134f2428-cec1-4b25-a1ae-9048164dba47"}
    refused(kms, "create_alias", none, "NotFoundException", "134f2428-cec1-4b25-a1ae-9048164dba47' does not exist")


def test_a_key_of_another_region_is_not_found(aws: Emulator) -> None:
    arn = client(aws, "kms", SECOND_REGION).create_key()["KeyMetadata"]["Arn"]
    kms = client(aws, "kms")
    refused(kms, "describe_key", {"KeyId": arn}, "NotFoundException", f"Invalid arn {SECOND_REGION}")
    refused(kms, "describe_key", {"KeyId": "my-key"}, "NotFoundException", "Invalid keyId 'my-key'")


def test_a_key_that_waits_for_its_deletion_is_not_changed(aws: Emulator) -> None:
    kms = client(aws, "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    refused(kms, "cancel_key_deletion", {"KeyId": key}, "KMSInvalidStateException", "is not pending deletion.")
    early = {"KeyId": key, "PendingWindowInDays": 6}
    refused(kms, "schedule_key_deletion", early, "ValidationException", "7 and 30")
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    for operation, more in {
        "enable_key": {},
        "disable_key": {},
        "enable_key_rotation": {},
        "schedule_key_deletion": {},
        "update_key_description": {"Description": "a"},
        "tag_resource": {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
    }.items():
        refused(kms, operation, {"KeyId": key, **more}, "KMSInvalidStateException", "is pending deletion.")
    alias = {"AliasName": "alias/late", "TargetKeyId": key}
    refused(kms, "create_alias", alias, "KMSInvalidStateException", "is pending deletion.")
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(OWN))
    kms.cancel_key_deletion(KeyId=key)
    refused(kms, "enable_key_rotation", {"KeyId": key}, "DisabledException", "is disabled.")


def test_only_symmetric_keys_rotate_within_90_to_2560_days(aws: Emulator, key: str) -> None:
    kms = client(aws, "kms")
    signs = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    refused(kms, "enable_key_rotation", {"KeyId": signs}, "UnsupportedOperationException", "")
    often = {"KeyId": key, "RotationPeriodInDays": 89}
    refused(kms, "enable_key_rotation", often, "ValidationException", "greater than or equal to 90")
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["aws:a"], "Tags beginning with aws: are reserved"),
        (["a", "a"], "Duplicate tag keys"),
        ([str(number) for number in range(51)], "Too many tags"),
    ],
)
def test_tags_are_limited(aws: Emulator, keys: list[str], words: str) -> None:
    tags = [{"TagKey": each, "TagValue": ""} for each in keys]
    refused(client(aws, "kms"), "create_key", {"Tags": tags}, "TagException", words)
