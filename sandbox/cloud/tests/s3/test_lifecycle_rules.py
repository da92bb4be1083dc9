"""S3 refuses lifecycles as on AWS."""

import datetime

import pytest
from helpers.buckets import make_bucket
from helpers.emulator import Emulator
from helpers.refusals import client, refused

XML = "The XML you provided was not well-formed or did not validate against our published schema"
EVERYTHING = {"ID": "everything", "Status": "Enabled", "Filter": {"Prefix": ""}}
TAGGED = {"ID": "tagged", "Status": "Enabled", "Filter": {"Tag": {"Key": "a", "Value": "b"}}}
NOON = datetime.datetime(2030, 1, 1, 12)
IA = {"Days": 30, "StorageClass": "STANDARD_IA"}


@pytest.fixture(scope="module")
def bucket(aws: Emulator) -> str:
    return make_bucket(aws)


LIFECYCLES: dict[str, tuple[dict, str, str]] = {
    "no action": (EVERYTHING, "InvalidRequest", "At least one action needs to be specified in a rule"),
    "no filter": ({"Status": "Enabled", "Expiration": {"Days": 1}}, "MalformedXML", XML),
    "infrequent access within 30 days": (
        EVERYTHING | {"Transitions": [IA | {"Days": 29}]},
        "InvalidArgument",
        "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'",
    ),
    "the same for old versions": (
        EVERYTHING | {"NoncurrentVersionTransitions": [{"NoncurrentDays": 1, "StorageClass": "ONEZONE_IA"}]},
        "InvalidArgument",
        "greater than or equal to 30 for storageClass 'ONEZONE_IA'",
    ),
    "an end before the move": (
        EVERYTHING | {"Transitions": [IA], "Expiration": {"Days": 30}},
        "InvalidArgument",
        "'Days' in the Expiration action for filter '(prefix=)' must be greater than 'Days' in the Transition action",
    ),
    "a move right after the other": (
        EVERYTHING | {"Transitions": [IA, {"Days": 59, "StorageClass": "GLACIER"}]},
        "InvalidArgument",
        "must be 30 days more than",
    ),
    "one class twice": (EVERYTHING | {"Transitions": [IA, IA | {"Days": 60}]}, "InvalidRequest", "must be different"),
    "days and a date": (
        EVERYTHING | {"Transitions": [IA], "Expiration": {"Date": NOON.replace(hour=0)}},
        "InvalidRequest",
        "Found mixed 'Date' and 'Days'",
    ),
    "noon": (EVERYTHING | {"Expiration": {"Date": NOON}}, "InvalidArgument", "'Date' must be at midnight GMT"),
    "an end of two kinds": (
        EVERYTHING | {"Expiration": {"Days": 1, "ExpiredObjectDeleteMarker": True}},
        "MalformedXML",
        XML,
    ),
    "zero days": (EVERYTHING | {"Expiration": {"Days": 0}}, "InvalidArgument", "must be a positive integer"),
    "zero days for uploads": (
        EVERYTHING | {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 0}},
        "InvalidArgument",
        "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
    ),
    "tags of uploads": (
        TAGGED | {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
        "InvalidRequest",
        "AbortIncompleteMultipartUpload cannot be specified with Tags.",
    ),
    "a long id": (EVERYTHING | {"ID": "a" * 256, "Expiration": {"Days": 1}}, "InvalidArgument", "limit of 255"),
    "an unknown class": (EVERYTHING | {"Transitions": [IA | {"StorageClass": "COLD"}]}, "MalformedXML", XML),
    "an unknown status": (EVERYTHING | {"Status": "On", "Expiration": {"Days": 1}}, "MalformedXML", XML),
}
TAKEN = (
    EVERYTHING | {"Transitions": [IA, {"Days": 60, "StorageClass": "GLACIER"}], "Expiration": {"Days": 61}},
    EVERYTHING | {"Transitions": [{"Days": 0, "StorageClass": "INTELLIGENT_TIERING"}], "ID": "a" * 255},
    EVERYTHING | {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}, "ID": "old"},
    EVERYTHING | {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}, "ID": "uploads"},
    EVERYTHING | {"Expiration": {"ExpiredObjectDeleteMarker": True}, "ID": "markers"},
    TAGGED | {"Expiration": {"Days": 1}},
    {"ID": "prefix", "Status": "Disabled", "Prefix": "logs/", "Expiration": {"Days": 1}},
    {"ID": "all", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}},
)


def lifecycle(bucket: str, *rules: dict) -> dict:
    return {"Bucket": bucket, "LifecycleConfiguration": {"Rules": list(rules)}}


@pytest.mark.parametrize(("rule", "code", "words"), LIFECYCLES.values(), ids=LIFECYCLES)
def test_a_lifecycle_is_refused(aws: Emulator, bucket: str, rule: dict, code: str, words: str) -> None:
    refused(client(aws, "s3"), "put_bucket_lifecycle_configuration", lifecycle(bucket, rule), code, words)


def test_a_lifecycle_at_the_limits_is_taken(aws: Emulator, bucket: str) -> None:
    client(aws, "s3").put_bucket_lifecycle_configuration(**lifecycle(bucket, *TAKEN))


def test_rules_of_a_lifecycle_are_told_apart_and_counted(aws: Emulator, bucket: str) -> None:
    s3, rule = client(aws, "s3"), EVERYTHING | {"Expiration": {"Days": 1}}
    twice = lifecycle(bucket, rule, rule)
    refused(s3, "put_bucket_lifecycle_configuration", twice, "InvalidArgument", "Rule ID must be unique.")
    many = lifecycle(bucket, *[rule | {"ID": str(number)} for number in range(1001)])
    refused(s3, "put_bucket_lifecycle_configuration", many, "MalformedXML", XML)
