"""The gateway stands for AWS's TLS endpoint.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-securetransport:
on AWS each request of this deployment comes by TLS 1.2 or newer. Here it comes by plain HTTP on one machine, so
policies that refuse insecure transport would refuse all; what they refuse is not shown by the sandbox.
"""

import contextvars
from typing import Any

from ministack.core import iam_actions, iam_evaluator

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {iam_evaluator: "_request_origin"}


def _origin(old: Any, source_ip: str, secure_transport: bool) -> None:
    del secure_transport
    old(source_ip, True)


def _context(old: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {**old(*args, **kwargs), "s3:TlsVersion": "1.3"}


def install() -> None:
    """Say of each request that it came by TLS, and of what services do without one: an alarm that tells a topic."""
    iam_evaluator._request_origin = contextvars.ContextVar("request_origin", default=("127.0.0.1", True))
    patch.wrap(iam_evaluator, "pin_request_origin", _origin, "source_ip secure_transport")
    # s3.conditions adds its key to the same context; neither looks at the other's.
    patch.wrap(iam_actions, "s3_service_context", _context, "iam_action query_params path headers")
