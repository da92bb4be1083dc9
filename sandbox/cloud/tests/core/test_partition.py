"""In GovCloud and in China all names are those of the partition, and objects stay as they are."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from helpers.emulator import ACCOUNT, Emulator, allow, assume, running

from cloud.core.partition import Translation

REGION = "us-gov-west-1"
PREFIX = "arn:aws-us-gov:"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    path = Path(tmp_path_factory.mktemp("emulator"))
    with running(path, "cloud.core.partition", "cloud.s3.kms", region=REGION) as found:
        yield found


def test_the_caller_and_what_it_makes_have_names_of_the_partition(emulator: Emulator) -> None:
    assert emulator.client("sts").get_caller_identity()["Arn"].startswith(f"{PREFIX}iam::{ACCOUNT}:")
    key = emulator.client("kms").create_key()["KeyMetadata"]["Arn"]
    assert key.startswith(f"{PREFIX}kms:{REGION}:{ACCOUNT}:key/")
    topic = emulator.client("sns").create_topic(Name="t")["TopicArn"]
    emulator.client("cloudwatch").put_metric_alarm(
        AlarmName="a",
        AlarmActions=[topic],
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        Namespace="n",
        MetricName="m",
        Period=60,
        Threshold=1.0,
        Statistic="Sum",
    )
    alarm = emulator.client("cloudwatch").describe_alarms(AlarmNames=["a"])["MetricAlarms"][0]
    assert alarm["AlarmActions"] == [topic]
    assert alarm["AlarmArn"].startswith(f"{PREFIX}cloudwatch:{REGION}:")


def test_policies_hold_and_are_given_back_as_written(emulator: Emulator) -> None:
    s3, kms = emulator.client("s3"), emulator.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": REGION})
    objects = f"{PREFIX}s3:::data/*"
    caller = assume(emulator, allow(["s3:GetObject", "s3:PutObject"], [objects]), allow(["kms:*"], [key]))
    text = f"{PREFIX}ecs:x arn:aws:ecs:y".encode()
    mine = emulator.client("s3", **caller)
    mine.put_object(Bucket="data", Key="o", Body=text, ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    found = mine.get_object(Bucket="data", Key="o")
    assert found["Body"].read() == text
    assert found["SSEKMSKeyId"] == key
    with pytest.raises(ClientError, match="AccessDenied"):
        mine.list_objects_v2(Bucket="data")
    statement = {"Sid": "a", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": objects}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3.put_bucket_policy(Bucket="data", Policy=policy)
    assert json.loads(s3.get_bucket_policy(Bucket="data")["Policy"]) == json.loads(policy)
    with pytest.raises(ClientError, match="AccessDenied"):
        mine.delete_object(Bucket="data", Key="o")


def test_hosts_in_china_end_with_its_suffix_and_service_principals_do_not() -> None:
    names = Translation("cn-north-1")
    inside = "web-1.cn-north-1.elb.amazonaws.com ecs-tasks.amazonaws.com arn:aws:s3:::b"
    outside = "web-1.cn-north-1.elb.amazonaws.com.cn ecs-tasks.amazonaws.com arn:aws-cn:s3:::b"
    assert names.outward(inside) == outside
    assert names.inward(outside) == inside
    assert names.outward(outside) == outside
    assert not Translation("eu-central-1").needed
