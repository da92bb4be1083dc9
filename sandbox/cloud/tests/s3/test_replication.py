"""An object reaches the second region when the replication role may take it there, under the key of that region."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from helpers.emulator import REGION, SECOND_REGION, Emulator, allow, make_role, running


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(Path(tmp_path_factory.mktemp("emulator")), "cloud.s3.replication") as found:
        yield found


class Pair:
    """Two buckets, each under a key of its region, and what a role needs to copy between them."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.source, self.target = (f"{name}-{secrets.token_hex(4)}" for name in ("source", "target"))
        self.keys = {}
        for bucket, region in ((self.source, REGION), (self.target, SECOND_REGION)):
            self.keys[bucket] = emulator.client("kms", region).create_key()["KeyMetadata"]["Arn"]
            s3 = emulator.client("s3", region)
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
            s3.put_bucket_encryption(
                Bucket=bucket,
                ServerSideEncryptionConfiguration={
                    "Rules": [
                        {
                            "BucketKeyEnabled": True,
                            "ApplyServerSideEncryptionByDefault": {
                                "SSEAlgorithm": "aws:kms",
                                "KMSMasterKeyID": self.keys[bucket],
                            },
                        }
                    ]
                },
            )
        self.statements = {
            "configuration": allow(
                ["s3:GetReplicationConfiguration", "s3:ListBucket"], [f"arn:aws:s3:::{self.source}"]
            ),
            "read": allow(
                ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
                [f"arn:aws:s3:::{self.source}/*"],
            ),
            "write": allow(
                ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"], [f"arn:aws:s3:::{self.target}/*"]
            ),
            "decrypt": allow(
                ["kms:Decrypt"],
                [self.keys[self.source]],
                {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}},
            ),
            "encrypt": allow(
                ["kms:Encrypt"],
                [self.keys[self.target]],
                {"StringEquals": {"kms:ViaService": f"s3.{SECOND_REGION}.amazonaws.com"}},
            ),
        }

    def replicate(self, without: str = "", selected: bool = True, service: str = "s3.amazonaws.com") -> None:
        role = make_role(
            self.emulator,
            service,
            *(statement for name, statement in self.statements.items() if name != without),
        )
        rule: dict = {
            "ID": "all",
            "Status": "Enabled",
            "Priority": 1,
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Enabled"},
            "Destination": {
                "Bucket": f"arn:aws:s3:::{self.target}",
                "EncryptionConfiguration": {"ReplicaKmsKeyID": self.keys[self.target]},
            },
        }
        if selected:
            rule["SourceSelectionCriteria"] = {"SseKmsEncryptedObjects": {"Status": "Enabled"}}
        else:
            del rule["Destination"]["EncryptionConfiguration"]
        self.emulator.client("s3").put_bucket_replication(
            Bucket=self.source, ReplicationConfiguration={"Role": role, "Rules": [rule]}
        )

    def put(self) -> dict:
        s3 = self.emulator.client("s3")
        s3.put_object(Bucket=self.source, Key="object", Body=b"data")
        return s3.head_object(Bucket=self.source, Key="object")

    def copy(self) -> dict:
        return self.emulator.client("s3", SECOND_REGION).get_object(Bucket=self.target, Key="object")


@pytest.fixture
def pair(emulator: Emulator) -> Pair:
    return Pair(emulator)


def test_copy_has_the_data_and_the_key_of_its_region(pair: Pair) -> None:
    pair.replicate()
    source = pair.put()
    assert source["ReplicationStatus"] == "COMPLETED"
    assert source["SSEKMSKeyId"] == pair.keys[pair.source]
    copy = pair.copy()
    assert copy["Body"].read() == b"data"
    assert copy["ReplicationStatus"] == "REPLICA"
    assert copy["SSEKMSKeyId"] == pair.keys[pair.target]
    assert copy["VersionId"]


def test_deletion_goes_along(pair: Pair) -> None:
    pair.replicate()
    pair.put()
    pair.emulator.client("s3").delete_object(Bucket=pair.source, Key="object")
    with pytest.raises(ClientError, match="NoSuchKey"):
        pair.copy()


@pytest.mark.parametrize("missing", ["configuration", "read", "write", "decrypt", "encrypt"])
def test_every_permission_of_the_role_is_needed(pair: Pair, missing: str) -> None:
    pair.replicate(without=missing)
    assert pair.put()["ReplicationStatus"] == "FAILED"
    with pytest.raises(ClientError, match="NoSuchKey"):
        pair.copy()


def test_a_role_that_trusts_another_service_copies_nothing(pair: Pair) -> None:
    pair.replicate(service="ec2.amazonaws.com")
    assert pair.put()["ReplicationStatus"] == "FAILED"
    with pytest.raises(ClientError, match="NoSuchKey"):
        pair.copy()


def test_objects_under_a_key_have_to_be_selected(pair: Pair) -> None:
    pair.replicate(selected=False)
    assert "ReplicationStatus" not in pair.put()
    with pytest.raises(ClientError, match="NoSuchKey"):
        pair.copy()
