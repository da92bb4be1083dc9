"""Sign what was delivered: each hour a digest of the log files, chained to the one before.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html and
cloudtrail-log-file-custom-validation.html: SHA-256 of the files as they are uncompressed, RSA, and the public key by
ListPublicKeys. Digests lie under S3's own keys. The key pair lives as long as the emulator's process.
"""

import base64
import functools
import gzip
import hashlib
import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from ministack.core.responses import AccountRegionScopedDict, get_account_id, request_scope
from ministack.services import cloudtrail

from cloud.s3 import delivery

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "all_items",
    cloudtrail: "_ok _trails",
}

HOUR = 3600
_SERVICE, _TIME = "cloudtrail.amazonaws.com", "%Y-%m-%dT%H:%M:%SZ"
# The log files since the last digest, and that digest, by trail and region.
_files: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
_last: dict[tuple[str, str], dict[str, Any]] = {}


@functools.cache
def _pair() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _public() -> tuple[bytes, str]:
    """The public key, and the fingerprint by which digests name it."""
    key = _pair().public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    return key, hashlib.md5(key, usedforsecurity=False).hexdigest()


def public_keys(body: dict) -> Any:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html"""
    key, fingerprint = _public()
    validity = {"ValidityStartTime": 0, "ValidityEndTime": 4102444800}
    value = base64.b64encode(key).decode()
    return cloudtrail._ok({"PublicKeyList": [{"Value": value, "Fingerprint": fingerprint, **validity}]})


def note(trail: dict[str, Any], region: str, key: str, body: bytes, records: list[dict[str, Any]]) -> None:
    """Keep what the next digest says of a log file."""
    times = [each["eventTime"] for each in records]
    _files[trail["TrailARN"], region].append(
        {
            "s3Bucket": trail["S3BucketName"],
            "s3Object": key,
            "hashValue": hashlib.sha256(gzip.decompress(body)).hexdigest(),
            "hashAlgorithm": "SHA-256",
            "newestEventTime": max(times),
            "oldestEventTime": min(times),
        }
    )


def write(at: float) -> None:
    """Write the digests of the hour that ends."""
    for (account, home, _), trail in list(cloudtrail._trails.all_items()):
        if trail["LogFileValidationEnabled"] and trail.get("IsLogging"):
            with request_scope(account, home):
                for region in sorted({home, *(where for arn, where in _files if arn == trail["TrailARN"])}):
                    _write(trail, home, region, at)


def _write(trail: dict[str, Any], home: str, region: str, at: float) -> None:
    place, account, bucket = (trail["TrailARN"], region), get_account_id(), trail["S3BucketName"]
    end, files, before = (
        datetime.fromtimestamp(at, UTC),
        _files.pop((trail["TrailARN"], region), []),
        _last.get(place, {}),
    )
    prefix = f"{trail['S3KeyPrefix']}/" if trail.get("S3KeyPrefix") else ""
    name = f"{account}_CloudTrail-Digest_{region}_{trail['Name']}_{home}_{end:%Y%m%dT%H%M%SZ}.json.gz"
    key = f"{prefix}AWSLogs/{account}/CloudTrail-Digest/{region}/{end:%Y/%m/%d}/{name}"
    digest = {
        "awsAccountId": account,
        "digestStartTime": datetime.fromtimestamp(at - HOUR, UTC).strftime(_TIME),
        "digestEndTime": end.strftime(_TIME),
        "digestS3Bucket": bucket,
        "digestS3Object": key,
        "digestPublicKeyFingerprint": _public()[1],
        "digestSignatureAlgorithm": "SHA256withRSA",
        "newestEventTime": max((each["newestEventTime"] for each in files), default=None),
        "oldestEventTime": min((each["oldestEventTime"] for each in files), default=None),
        "previousDigestS3Bucket": before.get("bucket"),
        "previousDigestS3Object": before.get("key"),
        "previousDigestHashValue": before.get("hash"),
        "previousDigestHashAlgorithm": "SHA-256" if before else None,
        "previousDigestSignature": before.get("signature"),
        "logFiles": files,
    }
    content = json.dumps(digest).encode()
    told = hashlib.sha256(content).hexdigest()
    signed = "\n".join((digest["digestEndTime"], f"{bucket}/{key}", told, before.get("signature") or "null"))
    signature = _pair().sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()).hex()
    headers = {"acl": "bucket-owner-full-control", "server_side_encryption": "AES256"}
    metadata = {"meta_signature": signature, "meta_signature_algorithm": "SHA256withRSA"}
    if delivery.put(bucket, key, gzip.compress(content), _SERVICE, trail["TrailARN"], **headers, **metadata):
        _last[place] = {"bucket": bucket, "key": key, "hash": told, "signature": signature}
