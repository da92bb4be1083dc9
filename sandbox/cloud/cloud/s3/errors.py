"""Name in S3's errors what they are about, as S3 does.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html: NoSuchBucket and its like tell BucketName,
NoSuchKey and its like tell Key. MiniStack tells the path as Resource alone in most of them.
"""

from typing import Any

from ministack.services import s3

from cloud.core import patch

_BUCKETS = frozenset(
    (
        "BucketNotEmpty",
        "InvalidBucketName",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchCORSConfiguration",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchTagSet",
        "NoSuchWebsiteConfiguration",
        "ObjectLockConfigurationNotFoundError",
        "OwnershipControlsNotFoundError",
        "ReplicationConfigurationNotFoundError",
    )
)
_KEYS = frozenset({"NoSuchKey", "NoSuchVersion"})


def install() -> None:
    """Add the members."""
    patch.wrap(s3, "_error", _named, "code message status resource extra headers")


def _named(
    old: Any,
    code: str,
    message: str,
    status: int,
    resource: str = "",
    extra: dict[str, str] | None = None,
    headers: dict | None = None,
) -> tuple:
    bucket, _, key = resource.lstrip("/").partition("/")
    about = {"BucketName": bucket} if code in _BUCKETS and bucket else {"Key": key} if code in _KEYS and key else {}
    return old(code, message, status, resource, about | (extra or {}), headers)
