"""Let bucket policies see which key a write names.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html and
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html: PutObject carries
``s3:x-amz-server-side-encryption-aws-kms-key-id`` as the request names it, which is why AWS asks for a key's ARN there.
MiniStack leaves the key out, so that a policy that refuses foreign keys refuses nothing.
"""

from typing import Any

from ministack.core import iam_actions

from cloud.core import patch

_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"


def _context(
    old: Any, iam_action: str, query_params: Any, path: str = "", headers: dict[str, str] | None = None
) -> dict[str, Any]:
    context: dict[str, Any] = old(iam_action, query_params, path, headers)
    key = (headers or {}).get(_HEADER)
    return {**context, f"s3:{_HEADER}": key} if iam_action == "s3:PutObject" and key else context


def install() -> None:
    """Add the key to the context of a write."""
    # iam.secure_transport adds its key to the same context; neither looks at the other's.
    patch.wrap(iam_actions, "s3_service_context", _context, "iam_action query_params path headers")
