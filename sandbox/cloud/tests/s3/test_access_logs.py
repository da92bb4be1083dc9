"""Accesses to a bucket stand in the bucket that its logging names, where that one's policy lets S3 write."""

import json
import shlex
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.emulator import ACCOUNT, REGION, Emulator, running

from cloud.extensions import ORDER


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(Path(tmp_path_factory.mktemp("emulator")), *ORDER) as found:
        yield found


def test_accesses_are_recorded_for_the_bucket_that_the_policy_names(emulator: Emulator) -> None:
    s3 = emulator.client("s3")
    for name in ("data", "other", "logs"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    condition = {
        "ArnLike": {"aws:SourceArn": ["arn:aws:s3:::data"]},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::logs/access/*",
        "Condition": condition,
    }
    s3.put_bucket_policy(Bucket="logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    for name in ("data", "other"):
        enabled = {"TargetBucket": "logs", "TargetPrefix": f"access/{name}/"}
        s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={"LoggingEnabled": enabled})
        s3.put_object(Bucket=name, Key="a", Body=b"x")
    url = f"http://127.0.0.1:{emulator.port}/_sandbox/clock?advance=3600"
    urllib.request.urlopen(urllib.request.Request(url, method="POST")).read()
    [file] = s3.list_objects_v2(Bucket="logs", Prefix="access/")["Contents"]
    assert file["Key"].startswith("access/data/20")
    lines = s3.get_object(Bucket="logs", Key=file["Key"])["Body"].read().decode().splitlines()
    [line] = [each for each in lines if "REST.PUT.OBJECT" in each]
    fields = shlex.split(line)
    assert (fields[1], fields[8], fields[10]) == ("data", "a", "200")
    assert fields[9] == "PUT /data/a HTTP/1.1"
