"""Ask for the KMS permission that reading or writing an object under a KMS key takes.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms (which permission which
request takes), https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html (the encryption context) and
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html (``kms:ViaService``). MiniStack notes the key
and lets everybody use it.
"""

from typing import Any
from urllib.parse import unquote

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import kms, s3

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    app: "AUTH extract_access_key_id",
    iam_evaluator: "enforce",
    kms: "_resolve_key",
    s3: (
        "_bucket_default_sse_headers _bucket_encryption _buckets _error _merge_hoisted_amz_headers "
        "_object_versions _parse_bucket_key"
    ),
}

_ALGORITHM = "x-amz-server-side-encryption"
_KEY = "x-amz-server-side-encryption-aws-kms-key-id"
# Whoever may use S3 in the account may use this key through it:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#aws-managed-customer-managed-keys
_OF_S3 = "alias/aws/s3"
# https://repost.aws/knowledge-center/s3-kms-signature-version-error
_VERSION_4_NEEDED = (
    "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4."
)
# Requests on parts of an object that hold no data.
_SUBRESOURCES = frozenset({"acl", "tagging", "retention", "legal-hold", "torrent", "attributes", "restore"})


def install() -> None:
    """Put the check before the request."""
    patch.wrap(s3, "handle_request", _handle)
    patch.wrap(s3, "_resolve_sse_write_headers", _with_a_key, "headers bucket_name")


def _with_a_key(old: Any, headers: dict, bucket_name: str) -> Any:
    """AWS's own key where a write names none: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html."""
    if headers.get(_ALGORITHM) == "aws:kms" and not headers.get(_KEY):
        headers = {**headers, _KEY: f"arn:aws:kms:{get_region()}:{get_account_id()}:{_OF_S3}"}
    return old(headers, bucket_name)


async def _handle(
    old: Any, method: str, path: str, headers: dict, body: bytes, query_params: dict, *rest: Any, **options: Any
) -> tuple:
    if app.AUTH and not options.get("internal"):
        merged = s3._merge_hoisted_amz_headers(headers, query_params)
        for action, key, bucket, name in _needed(method, path, merged, query_params):
            if _signed_by_version_2(headers, query_params):
                return s3._error("InvalidArgument", _VERSION_4_NEEDED, 400, f"/{bucket}/{name}")
            if denied := _check(action, key, bucket, name, headers, query_params) or _unusable(key, bucket, name):
                return denied
    return await old(method, path, headers, body, query_params, *rest, **options)


def _signed_by_version_2(headers: dict, query_params: dict) -> bool:
    return headers.get("authorization", "").startswith("AWS ") or "AWSAccessKeyId" in query_params


def _needed(method: str, path: str, headers: dict, query_params: dict) -> list[tuple[str, str, str, str]]:
    """(action, key, bucket, object) of every use of a key that a request makes."""
    bucket, name = s3._parse_bucket_key(path, headers)
    if not name or _SUBRESOURCES & set(query_params):
        return []
    if method == "GET" and "uploadId" not in query_params:
        return _read(bucket, name, query_params.get("versionId"))
    if method not in ("PUT", "POST"):
        return []
    key = _key_of_write(bucket, headers)
    needed = [("kms:GenerateDataKey", key, bucket, name)] if key else []
    if key and "uploadId" in query_params:  # a part, or the end of an upload: the data key has to be read again
        needed = [("kms:Decrypt", key, bucket, name)]
    if source := headers.get("x-amz-copy-source"):
        from_bucket, _, from_name = unquote(source).lstrip("/").partition("/")
        return _read(from_bucket, from_name.partition("?versionId=")[0], None) + needed
    return needed


def _read(bucket: str, name: str, version: Any) -> list[tuple[str, str, str, str]]:
    version = version[0] if isinstance(version, list) else version
    found = ((s3._buckets.get(bucket) or {}).get("objects") or {}).get(name)
    if version and (found is None or found.get("version_id") != version):
        versions = s3._object_versions.get((bucket, name), [])
        found = next((entry for entry in versions if entry.get("version_id") == version), None)
    headers = (found or {}).get("preserved_headers") or {}
    key = headers.get(_KEY) or ""
    if headers.get(_ALGORITHM) != "aws:kms" or not key or key.endswith(f":{_OF_S3}"):
        return []
    return [("kms:Decrypt", key, bucket, name)]


def _key_of_write(bucket: str, headers: dict) -> str:
    given = headers if headers.get(_ALGORITHM) else s3._bucket_default_sse_headers(bucket)
    return given.get(_KEY, "") if given.get(_ALGORITHM) == "aws:kms" else ""


def _arn(key: str) -> str:
    """The ARN of a key that may be named by its id or an alias."""
    found = kms._resolve_key(key)
    return found["Arn"] if found else key


def _unusable(key: str, bucket: str, name: str) -> tuple | None:
    """What KMS says of a key that is absent, elsewhere or off: S3 takes any key for a bucket, and uses it only now.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html
    """
    found, parts = kms._resolve_key(key), key.split(":")
    # AWS's own, or of another account, whose keys nothing is known of here
    foreign = "alias/aws/" in key or parts[4:5] not in ([], [get_account_id()])
    if found["KeyState"] == "Enabled" if found else foreign:
        return None
    code, words = "KMS.NotFoundException", f"Key '{key}' does not exist"
    if found and found["KeyState"] == "Disabled":
        code, words = "KMS.DisabledException", f"{found['Arn']} is disabled."
    elif found:
        code, words = "KMS.KMSInvalidStateException", f"{found['Arn']} is pending deletion."
    elif len(parts) > 4 and parts[3] != get_region():
        words = f"Invalid arn {parts[3]}"
    return s3._error(code, words, 400, f"/{bucket}/{name}")


def _check(action: str, key: str, bucket: str, name: str, headers: dict, query_params: dict) -> tuple | None:
    region, arn = get_region(), _arn(key)
    bucket_key = "<BucketKeyEnabled>true</BucketKeyEnabled>" in (s3._bucket_encryption.get(bucket) or "")
    denied = iam_evaluator.enforce(
        app.extract_access_key_id(headers, query_params) or "",
        action,
        "kms",
        region,
        resource_arn=arn,
        service_context={
            "kms:ViaService": f"s3.{region}.amazonaws.com",
            "kms:CallerAccount": get_account_id(),
            "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}" + ("" if bucket_key else f"/{name}"),
            "kms:EncryptionContextKeys": ["aws:s3:arn"],
        },
    )
    if denied is None:
        return None
    who = getattr(denied, "principal_arn", "") or "the caller"
    return s3._error(
        "AccessDenied",
        f"User: {who} is not authorized to perform: {action} on resource: {arn}",
        403,
        f"/{bucket}/{name}",
    )
