"""A trail is made where CloudTrail is let in, and takes what its selectors say to its bucket and its log group."""

import gzip
import hashlib
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from helpers.emulator import ACCOUNT, REGION, Emulator, allow, assume, running

from cloud.extensions import ORDER

TRAIL = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/t"
GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail"
SERVICE = {"Service": "cloudtrail.amazonaws.com"}
SELECTORS = [
    {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
    {
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
            {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::data/"]},
        ]
    },
]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(Path(tmp_path_factory.mktemp("emulator")), *ORDER) as found:
        yield found


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]})


def bucket_policy(**changed: Any) -> str:
    look = {"Principal": SERVICE, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::files"}
    write = {
        "Principal": SERVICE,
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::files/AWSLogs/{ACCOUNT}/*",
        "Condition": {"StringEquals": {"aws:SourceArn": TRAIL, "s3:x-amz-acl": "bucket-owner-full-control"}},
    }
    return policy(look, {**write, **changed})


def key_policy(**condition: Any) -> str:
    whole = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    encrypt = {"Principal": SERVICE, "Action": "kms:GenerateDataKey*", "Resource": "*", "Condition": condition}
    return policy(whole, encrypt)


OF_TRAILS = {
    "StringEquals": {"aws:SourceArn": TRAIL},
    "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"},
}


@dataclass
class Place:
    """What a trail needs."""

    emulator: Emulator
    key: str
    role: str

    def make(self, caller: dict[str, str] | None = None) -> None:
        """By somebody with temporary credentials, or by root."""
        self.emulator.client("cloudtrail", **(caller or {})).create_trail(
            Name="t",
            TagsList=[{"Key": "a", "Value": "b"}],
            S3BucketName="files",
            KmsKeyId=self.key,
            IsMultiRegionTrail=True,
            EnableLogFileValidation=True,
            CloudWatchLogsLogGroupArn=f"{GROUP}:*",
            CloudWatchLogsRoleArn=self.role,
        )

    def may_write(self, resource: str) -> None:
        document = policy({"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": resource})
        self.emulator.client("iam").put_role_policy(RoleName="trail", PolicyName="write", PolicyDocument=document)


@pytest.fixture(scope="module")
def place(emulator: Emulator) -> Place:
    s3, where = emulator.client("s3"), {"LocationConstraint": REGION}
    for name in ("files", "data", "other"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=where)
    emulator.client("logs").create_log_group(logGroupName="trail")
    key = emulator.client("kms").create_key()["KeyMetadata"]["Arn"]
    trust = policy({"Principal": SERVICE, "Action": "sts:AssumeRole"})
    role = emulator.client("iam").create_role(RoleName="trail", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    return Place(emulator, key, role)


def permit(place: Place) -> None:
    place.emulator.client("s3").put_bucket_policy(Bucket="files", Policy=bucket_policy())
    place.emulator.client("kms").put_key_policy(KeyId=place.key, PolicyName="default", Policy=key_policy(**OF_TRAILS))
    place.may_write(f"{GROUP}:log-stream:{ACCOUNT}_CloudTrail_{REGION}*")


def refusal(place: Place, caller: dict[str, str] | None = None) -> str:
    with pytest.raises(ClientError) as raised:
        place.make(caller)
    return str(raised.value.response["Error"]["Code"])


def test_create_trail_takes_the_right_to_tag_and_to_pass_the_role(place: Place) -> None:
    passed = {"StringEquals": {"iam:PassedToService": "cloudtrail.amazonaws.com"}}
    rights = [
        allow(["cloudtrail:CreateTrail"], [TRAIL]),
        allow(["cloudtrail:AddTags"], [TRAIL], {"StringEquals": {"aws:RequestTag/a": "b"}}),
        allow(["iam:PassRole"], [place.role], passed),
    ]
    for without in rights:
        rest = [each for each in rights if each is not without]
        assert refusal(place, assume(place.emulator, *rest)) == "AccessDeniedException"
    # CloudTrail goes on to try the bucket
    assert refusal(place, assume(place.emulator, *rights)) == "InsufficientS3BucketPolicyException"


def test_a_call_that_names_the_service_without_its_package_is_judged_as_well(place: Place) -> None:
    client = place.emulator.client("cloudtrail", **assume(place.emulator, allow(["cloudtrail:ListTags"], [TRAIL])))

    def shorten(request: Any, **_: Any) -> None:
        request.headers.replace_header("X-Amz-Target", "CloudTrail_20131101.ListTags")

    client.meta.events.register("before-sign.cloudtrail.ListTags", shorten)
    with pytest.raises(ClientError) as raised:
        client.list_tags(ResourceIdList=[TRAIL])
    assert raised.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_create_trail_tries_bucket_key_and_role(place: Place) -> None:
    s3, kms = place.emulator.client("s3"), place.emulator.client("kms")
    assert refusal(place) == "InsufficientS3BucketPolicyException"  # there is none
    permit(place)
    other = {"StringEquals": {"aws:SourceArn": TRAIL + "2", "s3:x-amz-acl": "bucket-owner-full-control"}}
    for wrong in ({"Resource": "arn:aws:s3:::files/AWSLogs/*/none"}, {"Condition": other}):
        s3.put_bucket_policy(Bucket="files", Policy=bucket_policy(**wrong))
        assert refusal(place) == "InsufficientS3BucketPolicyException"
    permit(place)
    kms.put_key_policy(
        KeyId=place.key, PolicyName="default", Policy=key_policy(StringEquals={"aws:SourceArn": TRAIL + "2"})
    )
    assert refusal(place) == "InsufficientEncryptionPolicyException"
    permit(place)
    place.may_write(f"{GROUP}2:*")
    assert refusal(place) == "InvalidCloudWatchLogsRoleArnException"
    permit(place)
    place.make()  # the neighbor that passes
    reader = assume(place.emulator, allow(["cloudtrail:ListTags"], [TRAIL]))
    tags = place.emulator.client("cloudtrail", **reader).list_tags(ResourceIdList=[TRAIL])["ResourceTagList"]
    assert tags[0]["TagsList"] == [{"Key": "a", "Value": "b"}]
    made = place.emulator.client("cloudtrail").describe_trails()["trailList"][0]
    assert (made["CloudWatchLogsRoleArn"], made["LogFileValidationEnabled"]) == (place.role, True)


def advance(emulator: Emulator, seconds: int) -> None:
    url = f"http://127.0.0.1:{emulator.port}/_sandbox/clock?advance={seconds}"
    urllib.request.urlopen(urllib.request.Request(url, method="POST")).read()


@pytest.fixture(scope="module")
def events(place: Place) -> list[dict[str, Any]]:
    """What a trail writes of a few calls, by its files."""
    permit(place)
    trail, s3 = place.emulator.client("cloudtrail"), place.emulator.client("s3")
    if not trail.describe_trails()["trailList"]:
        place.make()
    trail.put_event_selectors(TrailName="t", AdvancedEventSelectors=SELECTORS)
    trail.start_logging(Name="t")
    for bucket in ("data", "other"):
        s3.put_object(Bucket=bucket, Key="a", Body=b"secret")
    iam = place.emulator.client("iam")
    iam.create_user(UserName="ann")
    keys = iam.create_access_key(UserName="ann")["AccessKey"]
    ann = {"aws_access_key_id": keys["AccessKeyId"], "aws_secret_access_key": keys["SecretAccessKey"]}
    for service, call in (("ec2", "describe_instances"), ("iam", "list_users")):
        with pytest.raises(ClientError):
            getattr(place.emulator.client(service, **ann), call)()
    place.emulator.client("ec2", **assume(place.emulator, allow(["ec2:DescribeVpcs"], ["*"]))).describe_vpcs()
    place.emulator.client("ssm", region="us-west-2").put_parameter(Name="p", Value="secret", Type="SecureString")
    advance(place.emulator, 300)
    return [record for each in files(s3, "CloudTrail/") for record in each["Records"]]


def files(s3: Any, folder: str) -> list[dict[str, Any]]:
    listed = s3.list_objects_v2(Bucket="files", Prefix=f"AWSLogs/{ACCOUNT}/{folder}").get("Contents", [])
    return [
        json.loads(gzip.decompress(s3.get_object(Bucket="files", Key=each["Key"])["Body"].read())) for each in listed
    ]


def named(events: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [each for each in events if each["eventName"] == name]


def test_only_the_objects_that_selectors_name_are_recorded(events: list[dict[str, Any]]) -> None:
    [event] = named(events, "PutObject")
    assert event["resources"][0] == {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::data/a"}
    assert (event["readOnly"], event["managementEvent"], event["eventCategory"]) == (False, False, "Data")


def test_a_refused_call_is_recorded_with_who_and_why(events: list[dict[str, Any]]) -> None:
    refused = {each["eventSource"]: each for each in events if each["userIdentity"].get("userName") == "ann"}
    assert {source: each["errorCode"] for source, each in refused.items()} == {
        "ec2.amazonaws.com": "Client.UnauthorizedOperation",
        "iam.amazonaws.com": "AccessDenied",
    }
    assert refused["ec2.amazonaws.com"]["userIdentity"]["type"] == "IAMUser"


def test_calls_in_other_regions_are_recorded_and_secrets_are_not(events: list[dict[str, Any]]) -> None:
    [event] = named(events, "PutParameter")
    assert event["awsRegion"] == "us-west-2"
    assert event["requestParameters"]["value"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert '"secret"' not in json.dumps(events)


def test_files_are_named_as_documented_and_lie_under_the_key(place: Place, events: list[dict[str, Any]]) -> None:
    s3 = place.emulator.client("s3")
    [first, *_] = s3.list_objects_v2(Bucket="files", Prefix=f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/")["Contents"]
    folder, _, name = first["Key"].rpartition("/")
    day = folder.removeprefix(f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/").replace("/", "")
    assert name.startswith(f"{ACCOUNT}_CloudTrail_{REGION}_{day}T") and name.endswith(".json.gz")
    assert s3.head_object(Bucket="files", Key=first["Key"])["SSEKMSKeyId"] == place.key


def test_the_log_group_has_the_same_events(place: Place, events: list[dict[str, Any]]) -> None:
    stream = f"{ACCOUNT}_CloudTrail_{REGION}"
    lines = place.emulator.client("logs").get_log_events(logGroupName="trail", logStreamName=stream)["events"]
    assert {json.loads(each["message"])["eventID"] for each in lines} >= {each["eventID"] for each in events}
    status = place.emulator.client("cloudtrail").get_trail_status(Name="t")
    assert "LatestDeliveryError" not in status and status["LatestDeliveryTime"]


def test_a_digest_signs_each_file(place: Place, events: list[dict[str, Any]]) -> None:
    advance(place.emulator, 3600)
    s3, trail = place.emulator.client("s3"), place.emulator.client("cloudtrail")
    [digest, *_] = [each for each in files(s3, "CloudTrail-Digest/") if each["logFiles"]]
    found = s3.get_object(Bucket="files", Key=digest["digestS3Object"])
    content = gzip.decompress(found["Body"].read())
    [public] = trail.list_public_keys()["PublicKeyList"]
    key = rsa_key(public["Value"])
    told = hashlib.sha256(content).hexdigest()
    before = digest["previousDigestSignature"] or "null"
    signed = f"{digest['digestEndTime']}\nfiles/{digest['digestS3Object']}\n{told}\n{before}"
    key.verify(bytes.fromhex(found["Metadata"]["signature"]), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    for each in digest["logFiles"]:
        body = s3.get_object(Bucket="files", Key=each["s3Object"])["Body"].read()
        assert hashlib.sha256(gzip.decompress(body)).hexdigest() == each["hashValue"]


def rsa_key(der: bytes) -> rsa.RSAPublicKey:
    """CloudTrail gives PKCS #1."""
    key = serialization.load_der_public_key(der)
    assert isinstance(key, rsa.RSAPublicKey)
    return key


def test_the_call_that_stops_a_trail_is_the_last_that_it_records(place: Place, events: list[dict[str, Any]]) -> None:
    trail = place.emulator.client("cloudtrail")
    trail.stop_logging(Name="t")
    trail.list_public_keys()
    advance(place.emulator, 60)
    stream = f"{ACCOUNT}_CloudTrail_{REGION}"
    found = place.emulator.client("logs").get_log_events(logGroupName="trail", logStreamName=stream)["events"]
    trail.start_logging(Name="t")
    assert json.loads(found[-1]["message"])["eventName"] == "StopLogging"


def test_what_is_not_let_in_any_more_is_told_by_the_status(place: Place, events: list[dict[str, Any]]) -> None:
    s3, trail = place.emulator.client("s3"), place.emulator.client("cloudtrail")
    s3.delete_bucket_policy(Bucket="files")
    advance(place.emulator, 300)
    assert trail.get_trail_status(Name="t")["LatestDeliveryError"] == "AccessDenied"


def test_a_role_is_recorded_with_its_session(place: Place, events: list[dict[str, Any]]) -> None:
    [event] = named(events, "DescribeVpcs")
    who = event["userIdentity"]
    issuer = who["sessionContext"]["sessionIssuer"]
    assert (who["type"], issuer["type"], event.get("errorCode")) == ("AssumedRole", "Role", None)
    assert who["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{issuer['userName']}/test"
