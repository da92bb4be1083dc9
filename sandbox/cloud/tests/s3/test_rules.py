"""S3 refuses settings of buckets as on AWS."""

import json
import secrets
from typing import Any

import pytest
from helpers.buckets import make_bucket
from helpers.emulator import ACCOUNT, SECOND_REGION, Emulator, make_role
from helpers.refusals import client, refused

XML = "The XML you provided was not well-formed or did not validate against our published schema"


@pytest.fixture(scope="module")
def bucket(aws: Emulator) -> str:
    return make_bucket(aws)


def statement(bucket: str, **changes: Any) -> dict:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        **changes,
    }


POLICIES: dict[str, tuple[dict, str]] = {
    "an absent role": ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/none"}}, "Invalid principal in policy"),
    "no account": ({"Principal": {"AWS": "me"}}, "Invalid principal in policy"),
    "no service": ({"Principal": {"Service": "logging"}}, "Invalid principal in policy"),
    "another bucket": ({"Resource": "arn:aws:s3:::another/*"}, "Policy has invalid resource"),
    "everything": ({"Resource": "*"}, "Policy has invalid resource"),
    "an unknown action": ({"Action": "s3:GetObjects"}, "Policy has invalid action"),
    "another service's action": ({"Action": "ec2:RunInstances"}, "Policy has invalid action"),
    "an unknown effect": ({"Effect": "Refuse"}, "Invalid effect: Refuse"),
    "an unknown element": ({"Actions": "s3:*"}, "Unknown field Actions"),
    "an unknown operator": ({"Condition": {"StringIs": {"aws:SourceVpc": "a"}}}, "Invalid policy syntax."),
}


def put(bucket: str, *statements: dict, version: str = "2012-10-17") -> dict:
    return {"Bucket": bucket, "Policy": json.dumps({"Version": version, "Statement": list(statements)})}


@pytest.mark.parametrize(("changes", "words"), POLICIES.values(), ids=POLICIES)
def test_a_bucket_policy_is_refused(aws: Emulator, bucket: str, changes: dict, words: str) -> None:
    request = put(bucket, statement(bucket, **changes))
    refused(client(aws, "s3"), "put_bucket_policy", request, "MalformedPolicy", words)


@pytest.mark.parametrize("element", ["Effect", "Principal", "Action", "Resource"])
def test_a_bucket_policy_lacks_no_element(aws: Emulator, bucket: str, element: str) -> None:
    rest = {name: value for name, value in statement(bucket).items() if name != element}
    words = f"Missing required field {element}"
    refused(client(aws, "s3"), "put_bucket_policy", put(bucket, rest), "MalformedPolicy", words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("policy", "Policies must be valid JSON and the first byte must be '{'"),
        ("{", "This policy contains invalid Json"),
        ("{}", "Missing required field Statement"),
        ('{"Statement": []}', "Could not parse the policy: Statement is empty!"),
        ('{"Version": "2020-01-01", "Statement": [{}]}', "The policy must contain a valid version string"),
    ],
)
def test_what_is_no_bucket_policy_is_refused(aws: Emulator, bucket: str, text: str, words: str) -> None:
    request = {"Bucket": bucket, "Policy": text}
    refused(client(aws, "s3"), "put_bucket_policy", request, "MalformedPolicy", words)


def test_an_action_acts_on_one_of_the_resources(aws: Emulator, bucket: str) -> None:
    words = "Action does not apply to any resource(s) in statement"
    of_objects = put(bucket, statement(bucket, Action="s3:GetObject", Resource=f"arn:aws:s3:::{bucket}"))
    refused(client(aws, "s3"), "put_bucket_policy", of_objects, "MalformedPolicy", words)
    of_buckets = put(
        bucket, statement(bucket, Action=["s3:PutObject", "s3:ListBucket"], Resource=f"arn:aws:s3:::{bucket}/*")
    )
    refused(client(aws, "s3"), "put_bucket_policy", of_buckets, "MalformedPolicy", words)


def test_a_large_or_public_bucket_policy_is_refused(aws: Emulator, bucket: str) -> None:
    s3 = client(aws, "s3")
    large = put(bucket, *[statement(bucket, Sid=f"s {number}") for number in range(150)])
    refused(s3, "put_bucket_policy", large, "MalformedPolicy", "maximum allowed document size")
    public = put(bucket, statement(bucket, Effect="Allow", Action="s3:GetObject"))
    refused(s3, "put_bucket_policy", public, "AccessDenied", "BlockPublicPolicy")


def test_an_unusual_bucket_policy_is_taken(aws: Emulator, bucket: str) -> None:
    role = make_role(aws, "ecs-tasks.amazonaws.com")
    client(aws, "s3").put_bucket_policy(
        **put(
            bucket,
            statement(bucket, Sid="No old TLS", Condition={"NumericLessThan": {"s3:TlsVersion": 1.2}}),
            statement(bucket, Principal={"AWS": [role, "444455556666"]}, Action=["s3:Get*", "s3:listbucket"]),
            statement(bucket, Principal={"Service": "logging.s3.amazonaws.com"}, Action="s3:PutObject"),
            version="2008-10-17",
        )
    )


def replication(aws: Emulator, bucket: str, target: str, **changes: Any) -> dict:
    rule = {
        "ID": "everything",
        "Status": "Enabled",
        "Priority": 0,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{target}"},
        **changes,
    }
    rule = {name: value for name, value in rule.items() if value is not None}
    role = f"arn:aws:iam::{ACCOUNT}:role/replication"
    return {"Bucket": bucket, "ReplicationConfiguration": {"Role": role, "Rules": [rule]}}


REPLICATIONS: dict[str, tuple[dict, str, str]] = {
    "an absent bucket": (
        {"Destination": {"Bucket": "arn:aws:s3:::no-such-bucket-here"}},
        "InvalidRequest",
        "Destination bucket must have versioning enabled.",
    ),
    "a name for an ARN": ({"Destination": {"Bucket": "target"}}, "InvalidArgument", "Invalid bucket ARN."),
    "no priority": ({"Priority": None}, "InvalidRequest", "Priority must be specified for this version"),
    "nothing of markers": (
        {"DeleteMarkerReplication": None},
        "InvalidRequest",
        "DeleteMarkerReplication must be specified for this version",
    ),
    "markers by tag": (
        {"Filter": {"Tag": {"Key": "a", "Value": "b"}}},
        "InvalidRequest",
        "Delete marker replication is not supported if any Tag filter is specified.",
    ),
    "the older form with markers": (
        {"Filter": None, "Prefix": "", "Priority": None},
        "InvalidRequest",
        "DeleteMarkerReplication cannot be used for this version",
    ),
    "a key without choice": (
        {"SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}}},
        "InvalidRequest",
        "ReplicaKmsKeyID must be specified",
    ),
    "a long id": ({"ID": "a" * 256}, "InvalidArgument", "limit of 255"),
}


@pytest.fixture(scope="module")
def copies(aws: Emulator) -> tuple[str, str]:
    """A bucket with versions, and one in the second region."""
    return make_bucket(aws, versions=True), make_bucket(aws, SECOND_REGION, versions=True)


@pytest.mark.parametrize(("changes", "code", "words"), REPLICATIONS.values(), ids=REPLICATIONS)
def test_a_replication_is_refused(aws: Emulator, copies: tuple[str, str], changes: dict, code: str, words: str) -> None:
    refused(client(aws, "s3"), "put_bucket_replication", replication(aws, *copies, **changes), code, words)


def test_a_replication_wants_versions_and_holds_on_to_them(aws: Emulator, copies: tuple[str, str]) -> None:
    s3, plain = client(aws, "s3"), make_bucket(aws)
    refused(s3, "put_bucket_replication", replication(aws, plain, copies[1]), "InvalidRequest", "Versioning must be")
    to_itself = replication(aws, copies[0], copies[0])
    refused(s3, "put_bucket_replication", to_itself, "InvalidRequest", "same as the source bucket")
    s3.put_bucket_replication(**replication(aws, *copies))
    off = {"Bucket": copies[0], "VersioningConfiguration": {"Status": "Suspended"}}
    refused(s3, "put_bucket_versioning", off, "InvalidBucketState", "A replication configuration is present")
    s3.put_bucket_versioning(Bucket=plain, VersioningConfiguration={"Status": "Suspended"})


def encryption(bucket: str, **default: str) -> dict:
    rule = {"ApplyServerSideEncryptionByDefault": default}
    return {"Bucket": bucket, "ServerSideEncryptionConfiguration": {"Rules": [rule]}}


def test_a_key_belongs_to_encryption_by_kms(aws: Emulator, bucket: str) -> None:
    s3, key = client(aws, "s3"), "134f2428-cec1-4b25-a1ae-9048164dba47"
    request = encryption(bucket, SSEAlgorithm="AES256", KMSMasterKeyID=key)
    refused(s3, "put_bucket_encryption", request, "InvalidArgument", "a KMSMasterKeyID is not applicable")
    refused(s3, "put_bucket_encryption", encryption(bucket, SSEAlgorithm="aws:sse"), "MalformedXML", XML)


def test_nothing_is_written_under_a_key_that_is_not_there(aws: Emulator) -> None:
    s3, bucket = client(aws, "s3"), make_bucket(aws)
    key = f"arn:aws:kms:{aws.region}:{ACCOUNT}:key/134f2428-cec1-4b25-a1ae-9048164dba47"
    s3.put_bucket_encryption(**encryption(bucket, SSEAlgorithm="aws:kms", KMSMasterKeyID=key))
    write = {"Bucket": bucket, "Key": "a", "Body": b"a"}
    refused(s3, "put_object", write, "KMS.NotFoundException", f"Key '{key}' does not exist")
    elsewhere = key.replace(aws.region, SECOND_REGION)
    s3.put_bucket_encryption(**encryption(bucket, SSEAlgorithm="aws:kms", KMSMasterKeyID=elsewhere))
    refused(s3, "put_object", write, "KMS.NotFoundException", f"Invalid arn {SECOND_REGION}")


def test_a_key_of_aws_own_is_there(aws: Emulator) -> None:
    s3, bucket = client(aws, "s3"), make_bucket(aws)
    for key in ("alias/aws/s3", f"arn:aws:kms:{aws.region}:{ACCOUNT}:alias/aws/s3"):
        s3.put_object(Bucket=bucket, Key="a", Body=b"a", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)


def test_nothing_is_written_or_read_under_a_key_that_is_off(aws: Emulator) -> None:
    s3, kms, bucket = client(aws, "s3"), client(aws, "kms"), make_bucket(aws)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    s3.put_bucket_encryption(**encryption(bucket, SSEAlgorithm="aws:kms", KMSMasterKeyID=key))
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    kms.disable_key(KeyId=key)
    read = {"Bucket": bucket, "Key": "a"}
    refused(s3, "get_object", read, "KMS.DisabledException", f"{key} is disabled.")
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    refused(s3, "put_object", read | {"Body": b"b"}, "KMS.KMSInvalidStateException", f"{key} is pending deletion.")


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"Key": "a" * 1025}, "KeyTooLongError", "Your key is too long"),
        ({"Metadata": {"a": "b" * 2048}}, "MetadataTooLarge", "exceed the maximum allowed metadata size"),
        ({"ServerSideEncryption": "AES256", "SSEKMSKeyId": "alias/a"}, "InvalidArgument", "requires HTTP header"),
    ],
)
def test_an_object_is_refused(aws: Emulator, bucket: str, change: dict, code: str, words: str) -> None:
    refused(client(aws, "s3"), "put_object", {"Bucket": bucket, "Key": "a", "Body": b"a", **change}, code, words)


def test_an_object_at_the_limits_is_taken(aws: Emulator, bucket: str) -> None:
    client(aws, "s3").put_object(Bucket=bucket, Key="a" * 1024, Body=b"a", Metadata={"a": "b" * 2047})


def test_accesses_are_logged_to_a_bucket_of_the_region(aws: Emulator, bucket: str) -> None:
    s3, far, near = client(aws, "s3"), make_bucket(aws, SECOND_REGION), make_bucket(aws)

    def logging(target: str, **more: Any) -> dict:
        enabled = {"TargetBucket": target, "TargetPrefix": "access/", **more}
        return {"Bucket": bucket, "BucketLoggingStatus": {"LoggingEnabled": enabled}}

    none = "The target bucket for logging does not exist"
    refused(s3, "put_bucket_logging", logging("no-such-bucket-here"), "InvalidTargetBucketForLogging", none)
    refused(s3, "put_bucket_logging", logging(far), "CrossLocationLoggingProhibitted", "Cross S3 location logging")
    grants = [{"Grantee": {"Type": "CanonicalUser", "ID": "a" * 64}, "Permission": "READ"}]
    with_grants = logging(near, TargetGrants=grants)
    refused(s3, "put_bucket_logging", with_grants, "AccessControlListNotSupported", "does not allow ACLs")
    s3.put_bucket_logging(**logging(near))


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ([("aws:a", "")], "System tags cannot be added/updated by requester"),
        ([("a", "1"), ("a", "2")], "Cannot provide multiple Tags with the same key"),
        ([("a,b", "1")], "The TagKey you have provided is invalid"),
        ([("a", "1,2")], "The TagValue you have provided is invalid"),
    ],
)
def test_tags_are_refused(aws: Emulator, bucket: str, tags: list[tuple[str, str]], words: str) -> None:
    found = [{"Key": key, "Value": value} for key, value in tags]
    request = {"Bucket": bucket, "Tagging": {"TagSet": found}}
    refused(client(aws, "s3"), "put_bucket_tagging", request, "InvalidTag", words)


@pytest.mark.parametrize("name", ["Upper", "under_score", "a", "10.0.0.1", "a..b", "xn--a-bucket", "a-bucket-s3alias"])
def test_a_bucket_has_a_name(aws: Emulator, name: str) -> None:
    request = {"Bucket": name, "CreateBucketConfiguration": {"LocationConstraint": aws.region}}
    s3 = client(aws, "s3")
    answer = refused(s3, "create_bucket", request, "InvalidBucketName", "The specified bucket is not valid.")
    assert answer["Error"]["BucketName"] == name


def test_a_bucket_is_made_where_the_request_goes(aws: Emulator) -> None:
    request = {
        "Bucket": f"b-{secrets.token_hex(6)}",
        "CreateBucketConfiguration": {"LocationConstraint": SECOND_REGION},
    }
    words = f"The {SECOND_REGION} location constraint is incompatible"
    refused(client(aws, "s3"), "create_bucket", request, "IllegalLocationConstraintException", words)


def test_a_bucket_with_versions_is_not_deleted(aws: Emulator) -> None:
    s3, bucket = client(aws, "s3"), make_bucket(aws, versions=True)
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    s3.delete_object(Bucket=bucket, Key="a")
    words = "You must delete all versions in the bucket."
    answer = refused(s3, "delete_bucket", {"Bucket": bucket}, "BucketNotEmpty", words)
    assert answer["Error"]["BucketName"] == bucket


@pytest.mark.parametrize(
    ("operation", "more", "code"),
    [
        ("get_bucket_policy", {}, "NoSuchBucket"),
        ("put_bucket_policy", {"Policy": "{}"}, "NoSuchBucket"),
        ("list_objects_v2", {}, "NoSuchBucket"),
    ],
)
def test_a_refusal_names_the_bucket(aws: Emulator, operation: str, more: dict, code: str) -> None:
    request = {"Bucket": "no-such-bucket-here", **more}
    answer = refused(client(aws, "s3"), operation, request, code, "The specified bucket does not exist")
    assert answer["Error"]["BucketName"] == "no-such-bucket-here"


def test_a_refusal_names_the_key(aws: Emulator, bucket: str) -> None:
    s3 = client(aws, "s3")
    request = {"Bucket": bucket, "Key": "none/a"}
    assert refused(s3, "get_object", request, "NoSuchKey", "does not exist")["Error"]["Key"] == "none/a"
    plain = {"Bucket": make_bucket(aws)}
    answer = refused(s3, "get_bucket_policy", plain, "NoSuchBucketPolicy", "The bucket policy does not exist")
    assert answer["Error"]["BucketName"] == plain["Bucket"]
