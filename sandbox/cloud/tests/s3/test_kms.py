"""Who reads or writes an object under a KMS key needs the key too, and only through S3."""

from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from helpers.emulator import REGION, Emulator, allow, assume, running

BUCKET = "data-under-a-key"
OBJECTS = allow(["s3:GetObject", "s3:PutObject"], [f"arn:aws:s3:::{BUCKET}/*"])
VIA_S3 = {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(Path(tmp_path_factory.mktemp("emulator")), "cloud.s3.kms") as found:
        yield found


@pytest.fixture(scope="module")
def key(emulator: Emulator) -> str:
    arn = emulator.client("kms").create_key()["KeyMetadata"]["Arn"]
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_encryption(
        Bucket=BUCKET,
        ServerSideEncryptionConfiguration={
            "Rules": [
                {
                    "BucketKeyEnabled": True,
                    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn},
                }
            ]
        },
    )
    s3.put_object(Bucket=BUCKET, Key="there", Body=b"data")
    return arn


def test_objects_alone_are_not_enough(emulator: Emulator, key: str) -> None:
    s3 = emulator.client("s3", **assume(emulator, OBJECTS))
    with pytest.raises(ClientError, match="kms:GenerateDataKey"):
        s3.put_object(Bucket=BUCKET, Key="new", Body=b"data")
    with pytest.raises(ClientError, match="kms:Decrypt"):
        s3.get_object(Bucket=BUCKET, Key="there")
    with pytest.raises(ClientError, match="kms:Decrypt"):
        s3.copy_object(Bucket=BUCKET, Key="copy", CopySource=f"{BUCKET}/there")


def test_a_write_that_names_no_key_takes_the_one_of_aws(emulator: Emulator, key: str) -> None:
    s3 = emulator.client("s3", **assume(emulator, OBJECTS))
    made = s3.put_object(Bucket=BUCKET, Key="default", Body=b"data", ServerSideEncryption="aws:kms")
    assert made["SSEKMSKeyId"].endswith(":alias/aws/s3")
    assert s3.get_object(Bucket=BUCKET, Key="default")["Body"].read() == b"data"


def test_the_key_by_way_of_s3_is_enough(emulator: Emulator, key: str) -> None:
    use = allow(["kms:Decrypt", "kms:GenerateDataKey"], [key], VIA_S3)
    s3 = emulator.client("s3", **assume(emulator, OBJECTS, use))
    s3.put_object(Bucket=BUCKET, Key="new", Body=b"data")
    assert s3.get_object(Bucket=BUCKET, Key="there")["Body"].read() == b"data"
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="parts")["UploadId"]
    part = s3.upload_part(Bucket=BUCKET, Key="parts", UploadId=upload, PartNumber=1, Body=b"data")["ETag"]
    s3.complete_multipart_upload(
        Bucket=BUCKET, Key="parts", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]}
    )


def test_the_context_is_the_bucket(emulator: Emulator, key: str) -> None:
    def use(arn: str) -> dict:
        context = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": arn}}
        return allow(["kms:Decrypt", "kms:GenerateDataKey"], [key], context)

    emulator.client("s3", **assume(emulator, OBJECTS, use(f"arn:aws:s3:::{BUCKET}"))).get_object(
        Bucket=BUCKET, Key="there"
    )
    with pytest.raises(ClientError, match="kms:Decrypt"):
        emulator.client("s3", **assume(emulator, OBJECTS, use("arn:aws:s3:::another"))).get_object(
            Bucket=BUCKET, Key="there"
        )


def test_only_its_own_actions(emulator: Emulator, key: str) -> None:
    s3 = emulator.client("s3", **assume(emulator, OBJECTS, allow(["kms:Decrypt"], [key])))
    s3.get_object(Bucket=BUCKET, Key="there")
    with pytest.raises(ClientError, match="kms:GenerateDataKey"):
        s3.put_object(Bucket=BUCKET, Key="new", Body=b"data")


def test_a_presigned_link_takes_version_4_of_the_signature(emulator: Emulator, key: str) -> None:
    use = allow(["kms:Decrypt", "kms:GenerateDataKey"], [key], VIA_S3)
    credentials = assume(emulator, OBJECTS, use)
    links = {}
    for version in ("s3", "s3v4"):
        s3 = boto3.client(
            "s3",
            region_name=REGION,
            endpoint_url=f"http://127.0.0.1:{emulator.port}",
            config=Config(signature_version=version),
            **credentials,
        )
        links[version] = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "there"})
    assert urlopen(links["s3v4"], timeout=10).read() == b"data"
    with pytest.raises(HTTPError) as refused:
        urlopen(links["s3"], timeout=10)
    assert refused.value.code == 400
    assert b"require AWS Signature Version 4" in refused.value.read()
