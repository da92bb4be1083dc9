"""Bucket policies take a request for one by TLS, and see which key it names."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from helpers.emulator import Emulator, allow, assume, running

BUCKET = "guarded-111122223333"
ANY = ["arn:aws:s3:::" + BUCKET, f"arn:aws:s3:::{BUCKET}/*"]
KEY_ID = "s3:x-amz-server-side-encryption-aws-kms-key-id"


def deny(action: str, condition: dict) -> dict:
    return {"Effect": "Deny", "Principal": {"AWS": ["*"]}, "Action": [action], "Resource": ANY, "Condition": condition}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    state = Path(tmp_path_factory.mktemp("emulator"))
    # As in the sandbox, one that loads the gateway goes first.
    modules = ("cloud.core.persistence", "cloud.iam.secure_transport", "cloud.s3.conditions")
    with running(state, *modules) as found:
        found.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "us-west-1"})
        yield found


def guarded(emulator: Emulator, *statements: dict) -> Any:
    """A client that may do anything with the bucket, except for what its policy refuses."""
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    emulator.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
    return emulator.client("s3", **assume(emulator, allow(["s3:*"], ANY)))


@pytest.mark.parametrize(
    "condition", [{"Bool": {"aws:SecureTransport": "false"}}, {"NumericLessThan": {"s3:TlsVersion": "1.2"}}]
)
def test_a_policy_that_wants_tls_refuses_nothing(emulator: Emulator, condition: dict) -> None:
    s3 = guarded(emulator, deny("s3:*", condition))
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"a")
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 1


@pytest.mark.parametrize(
    "condition", [{"Bool": {"aws:SecureTransport": "true"}}, {"NumericGreaterThanEquals": {"s3:TlsVersion": "1.2"}}]
)
def test_the_keys_are_there_to_be_judged(emulator: Emulator, condition: dict) -> None:
    s3 = guarded(emulator, deny("s3:PutObject", condition))
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket=BUCKET, Key="b", Body=b"b")


def test_a_foreign_key_is_refused(emulator: Emulator) -> None:
    kms = emulator.client("kms")
    own, foreign = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    s3 = guarded(emulator, deny("s3:PutObject", {"Null": {KEY_ID: "false"}, "StringNotEquals": {KEY_ID: own}}))
    s3.put_object(Bucket=BUCKET, Key="c", Body=b"c")
    s3.put_object(Bucket=BUCKET, Key="c", Body=b"c", ServerSideEncryption="aws:kms", SSEKMSKeyId=own)
    for write in (s3.put_object, s3.create_multipart_upload):
        with pytest.raises(ClientError, match="AccessDenied"):
            write(Bucket=BUCKET, Key="c", ServerSideEncryption="aws:kms", SSEKMSKeyId=foreign)
