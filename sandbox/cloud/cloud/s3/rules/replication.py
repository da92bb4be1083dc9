"""What S3 refuses of replication; MiniStack refuses some more."""

import re
from typing import Any

from ministack.services import s3

from cloud.requests.rules import Call, Refused, rule
from cloud.s3.rules.buckets import MALFORMED

# What this module uses of MiniStack.
NEEDS = {
    s3: "_bucket_owner_account",
}

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+")
_BUCKET = re.compile(r"arn:aws[a-z-]*:s3:::[^/]+")
_RULES, _ID = 1000, 255
_SCHEMA = "for this version of Cross Region Replication configuration schema."
_GUIDE = "Please refer to S3 Developer Guide for more information."


@rule("s3", "PutBucketReplication")
def _replication(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html"""
    configuration = call.parameters["ReplicationConfiguration"]
    rules = configuration.get("Rules") or []
    if not _ROLE.fullmatch(configuration.get("Role") or ""):
        raise Refused(
            "InvalidArgument",
            "Invalid Role specified in replication configuration",
            ArgumentName="Role",
            ArgumentValue=str(configuration.get("Role")),
        )
    if not 0 < len(rules) <= _RULES:
        raise Refused("MalformedXML", MALFORMED)
    ids = [each["ID"] for each in rules if each.get("ID")]
    if len(set(ids)) < len(ids):
        raise Refused("InvalidArgument", "Rule Id must be unique")
    if any(len(each) > _ID for each in ids):
        raise Refused("InvalidArgument", f"ID length should not exceed allowed limit of {_ID}")
    if len({"Filter" in each for each in rules}) > 1:
        raise Refused("MalformedXML", MALFORMED)
    for each in rules:
        _schema(each)
        _destination(call.parameters["Bucket"], each.get("Destination") or {})


def _schema(wanted: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html#replication-backward-compat-considerations"""
    markers = wanted.get("DeleteMarkerReplication")
    if "Filter" not in wanted:
        for member in ("Priority", "DeleteMarkerReplication"):
            if wanted.get(member) is not None:
                raise Refused("InvalidRequest", f"{member} cannot be used {_SCHEMA} {_GUIDE}")
        if "Prefix" not in wanted:
            raise Refused("MalformedXML", MALFORMED)
        return
    if "Prefix" in wanted:
        raise Refused("MalformedXML", MALFORMED)
    for member in ("Priority", "DeleteMarkerReplication"):
        if wanted.get(member) is None:
            raise Refused("InvalidRequest", f"{member} must be specified {_SCHEMA} {_GUIDE}")
    chosen = wanted["Filter"].get("And") or wanted["Filter"]
    if markers.get("Status") == "Enabled" and {"Tag", "Tags"} & set(chosen):
        raise Refused(
            "InvalidRequest", f"Delete marker replication is not supported if any Tag filter is specified. {_GUIDE}"
        )


def _destination(source: str, wanted: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_Destination.html"""
    arn = wanted.get("Bucket") or ""
    if not _BUCKET.fullmatch(arn):
        raise Refused("InvalidArgument", "Invalid bucket ARN.", ArgumentName="Bucket", ArgumentValue=arn)
    name = arn.rpartition(":")[2]
    if name == source:
        raise Refused("InvalidRequest", "Destination bucket cannot be the same as the source bucket.")
    if s3._bucket_owner_account(name) is None:
        raise Refused("InvalidRequest", "Destination bucket must have versioning enabled.")
