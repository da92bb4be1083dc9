"""Write server access logs into the bucket that a bucket's logging names.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html (the fields), ServerLogs.html (names of files, and
that they come within hours: here each hour) and enable-server-access-logging.html (the policy that lets S3 write).
"""

import secrets
import threading
import time
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from ministack import app
from ministack.core import iam_evaluator, router
from ministack.core.responses import get_account_id, request_scope
from ministack.services import s3

from cloud.core import clock, patch
from cloud.s3 import delivery

# What this module uses of MiniStack.
NEEDS = {
    app: "extract_access_key_id",
    iam_evaluator: "_request_origin resolve_caller_identity",
    router: "detect_service",
    s3: "_bucket_logging_config _parse_bucket_key bucket_region",
}

_SERVICE, _HOUR = "logging.s3.amazonaws.com", 3600
_lock = threading.Lock()
# The lines since the last file, by account, region and bucket.
_lines: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)


async def _logged(
    old: Any, method: str, path: str, headers: dict, body: bytes, query_params: dict, request_id: str
) -> tuple[int, dict, bytes]:
    begun = time.monotonic()
    response: tuple[int, dict, bytes] = await old(method, path, headers, body, query_params, request_id)
    if router.detect_service(method, path, headers, query_params) == "s3":
        bucket, key = s3._parse_bucket_key(path, headers)
        if bucket in s3._bucket_logging_config:
            asked = f"{method} {path} HTTP/1.1"
            line = _line(bucket, key, method, asked, headers, query_params, request_id, response, begun)
            with _lock:
                _lines[get_account_id(), s3.bucket_region(bucket) or "", bucket].append(line)
    return response


def _line(
    bucket: str,
    key: str,
    method: str,
    asked: str,
    headers: dict,
    query_params: dict,
    request_id: str,
    response: tuple,
    begun: float,
) -> str:
    status, answer, body = response
    caller = iam_evaluator.resolve_caller_identity(app.extract_access_key_id(headers, query_params) or "") or {}
    subresource = next((each for each in query_params if not each.startswith(("x-", "X-", "list-"))), "")
    what = subresource.replace("-", "_").upper() if subresource and not key else ("OBJECT" if key else "BUCKET")
    length = len(body) if isinstance(body, bytes) else int(answer.get("Content-Length") or 0)
    milliseconds = str(int((time.monotonic() - begun) * 1000))
    error = body.partition(b"<Code>")[2].partition(b"</Code>")[0].decode() if status >= 400 else ""
    at = datetime.fromtimestamp(clock.time(), UTC).strftime("[%d/%b/%Y:%H:%M:%S +0000]")
    agent = headers.get("user-agent", "-").replace('"', "%22")
    return " ".join(
        (
            *("-", bucket, at, iam_evaluator._request_origin.get()[0], caller.get("userArn", "-"), request_id),
            *(f"REST.{method}.{what}", key or "-", f'"{asked}"', str(status), error or "-", str(length or "-"), "-"),
            *(milliseconds, "-", '"-"', f'"{agent}"', answer.get("x-amz-version-id", "-"), "-", "SigV4", "-"),
            *("AuthHeader" if "authorization" in headers else "QueryString", headers.get("host", "-"), "-", "-", "-"),
        )
    )


def write(at: float) -> None:
    """Write what was kept."""
    with _lock:
        lines = dict(_lines)
        _lines.clear()
    for (account, region, bucket), found in lines.items():
        with request_scope(account, region):
            if document := s3._bucket_logging_config.get(bucket):
                _write(bucket, document, found, at)


def _write(bucket: str, document: str, lines: list[str], at: float) -> None:
    told = {each.tag.rpartition("}")[2]: each.text or "" for each in ElementTree.fromstring(document).iter()}
    if target := told.get("TargetBucket"):
        end = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d-%H-%M-%S")
        key = f"{told.get('TargetPrefix', '')}{end}-{secrets.token_hex(8).upper()}"
        content = "".join(f"{line}\n" for line in lines).encode()
        delivery.put(target, key, content, _SERVICE, f"arn:aws:s3:::{bucket}")


def install() -> None:
    """Look at each request, and write by the clock."""
    patch.wrap(app, "_dispatch_service_request", _logged, "method path headers body query_params request_id")
    clock.every(_HOUR, "access logs of buckets", write)
