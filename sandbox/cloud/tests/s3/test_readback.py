"""A bucket has the settings that AWS gives it, and tells of missing objects only who may list it."""

import json
import secrets
from typing import Any

import pytest
from botocore.exceptions import ClientError
from helpers.emulator import REGION, Emulator, allow, assume


@pytest.fixture
def bucket(aws: Emulator) -> str:
    """A new bucket."""
    name = f"new-{secrets.token_hex(4)}"
    aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


DEFAULTS: dict[str, Any] = {
    "get_bucket_encryption": {
        "ServerSideEncryptionConfiguration": {
            "Rules": [
                {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False},
            ]
        }
    },
    "get_public_access_block": {
        "PublicAccessBlockConfiguration": dict.fromkeys(
            ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
        )
    },
    "get_bucket_ownership_controls": {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
    "get_bucket_request_payment": {"Payer": "BucketOwner"},
    "get_bucket_abac": {"AbacStatus": {"Status": "Disabled"}},
    "get_bucket_versioning": {},
    "get_bucket_logging": {},
}


@pytest.mark.parametrize("operation", DEFAULTS)
def test_a_new_bucket_has_the_defaults(aws: Emulator, bucket: str, operation: str) -> None:
    answer = getattr(aws.client("s3"), operation)(Bucket=bucket)
    del answer["ResponseMetadata"]
    assert answer == DEFAULTS[operation]


@pytest.mark.parametrize(
    ("effect", "condition", "public"),
    [
        ("Deny", {}, False),
        ("Allow", {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}, False),
        ("Allow", {}, True),
    ],
)
def test_a_policy_is_public_when_it_allows_anybody(
    aws: Emulator, bucket: str, effect: str, condition: dict, public: bool
) -> None:
    s3 = aws.client("s3")
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy_status(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    statement = {
        "Effect": effect,
        "Principal": {"AWS": ["*"]},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": condition,
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is public


@pytest.mark.parametrize(
    ("listing", "status"),
    [
        ([], 403),
        ([{"StringLike": {"s3:prefix": "logs/*"}}], 404),
        ([{"StringLike": {"s3:prefix": "data/*"}}], 403),
    ],
)
def test_who_may_not_list_is_refused_where_an_object_is_missing(
    aws: Emulator, bucket: str, listing: list[dict], status: int
) -> None:
    aws.client("s3").put_object(Bucket=bucket, Key="logs/there")
    arn = f"arn:aws:s3:::{bucket}"
    statements = [allow(["s3:GetObject"], [f"{arn}/*"])]
    statements += [allow(["s3:ListBucket"], [arn], condition) for condition in listing]
    s3 = aws.client("s3", **assume(aws, *statements))
    assert s3.get_object(Bucket=bucket, Key="logs/there")
    for operation in (s3.get_object, s3.head_object):
        with pytest.raises(ClientError) as refused:
            operation(Bucket=bucket, Key="logs/missing")
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    if status == 403:
        with pytest.raises(ClientError, match=f's3:ListBucket on resource: "{arn}"'):
            s3.get_object(Bucket=bucket, Key="logs/missing")


def test_a_policy_comes_back_in_the_form_of_s3(aws: Emulator, bucket: str) -> None:
    s3, arn = aws.client("s3"), f"arn:aws:s3:::{bucket}"
    statement = {
        "Resource": [f"{arn}/*"],
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Principal": {"AWS": ["*"]},
        "Condition": {"Bool": {"aws:SecureTransport": ["false"]}},
        "Effect": "Deny",
        "Sid": "Tls",
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": [statement], "Version": "2012-10-17"}))
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == (
        '{"Version":"2012-10-17","Statement":[{"Sid":"Tls","Effect":"Deny","Principal":{"AWS":"*"},'
        f'"Action":["s3:GetObject","s3:PutObject"],"Resource":"{arn}/*",'
        '"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}'
    )
