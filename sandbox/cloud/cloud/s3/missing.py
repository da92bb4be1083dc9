"""Tell only those that an object is missing who may list the bucket; others are refused, as if it were there.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html and API_HeadObject.html, Permissions: without
``s3:ListBucket`` S3 answers 403, with it 404. A condition on ``s3:prefix`` sees the key that was asked for.
"""

from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_region
from ministack.services import s3

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    app: "AUTH extract_access_key_id",
    iam_actions: "identity_denial_message",
    iam_evaluator: "enforce",
    s3: "_error _parse_bucket_key",
}

_LIST = "s3:ListBucket"


async def _handle(
    old: Any, method: str, path: str, headers: dict, body: bytes, query_params: dict, *rest: Any, **options: Any
) -> tuple:
    response: tuple = await old(method, path, headers, body, query_params, *rest, **options)
    bucket, key = s3._parse_bucket_key(path, headers)
    missing = response[0] == 404 and method in ("GET", "HEAD") and key and not query_params.get("versionId")
    if not missing or not app.AUTH or options.get("internal"):
        return response
    arn = f"arn:aws:s3:::{bucket}"
    caller = app.extract_access_key_id(headers, query_params) or ""
    denied = iam_evaluator.enforce(
        caller, _LIST, "s3", get_region(), resource_arn=arn, service_context={"s3:prefix": key}
    )
    if denied is None:
        return response
    who = getattr(denied, "principal_arn", "") or "anonymous"
    message = iam_actions.identity_denial_message(_LIST, who, f'"{arn}"', getattr(denied, "decision", "") == "Deny")
    status, answered, text = s3._error("AccessDenied", message, 403, path)
    return status, answered, b"" if method == "HEAD" else text


def install() -> None:
    """Look at answers that say that something is missing."""
    # Around s3.kms, which looks at objects that are there.
    patch.wrap(s3, "handle_request", _handle)
