"""Record each call that somebody makes, as CloudTrail does: also those that are refused.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html. MiniStack's own recording knows of
an access key and nothing of who it belongs to, and leaves out what is refused.
"""

import logging
from typing import Any

from ministack import app
from ministack.core import iam_evaluator, router

from cloud.cloudtrail import delivery, events
from cloud.core import patch
from cloud.requests.decode import decode

# What this module uses of MiniStack.
NEEDS = {
    app: "_routing_params extract_access_key_id",
    iam_evaluator: "_request_origin",
    router: "detect_service",
}

log = logging.getLogger(__name__)


async def _recorded(
    old: Any, method: str, path: str, headers: dict, body: bytes, query_params: dict, request_id: str
) -> tuple[int, dict, bytes]:
    trails = [] if path.startswith("/_") else delivery.logging()
    response: tuple[int, dict, bytes] = await old(method, path, headers, body, query_params, request_id)
    if trails:
        try:
            if event := _event(method, path, headers, body, query_params, request_id, response):
                delivery.take(event, trails)
        except Exception:  # of what nobody asked for, nobody who calls hears
            log.exception("%s %s is recorded nowhere", method, path)
    return response


def _event(
    method: str, path: str, headers: dict, body: bytes, query_params: dict, request_id: str, response: tuple
) -> dict[str, Any] | None:
    service = router.detect_service(
        method, path, headers, app._routing_params(method, path, headers, body, query_params)
    )
    decoded = decode(service, method, path, headers, body, query_params)
    if decoded is None or decoded.unreadable or not events.category(decoded)[0]:
        return None
    key = app.extract_access_key_id(headers, query_params) or ""
    address = iam_evaluator._request_origin.get()[0]
    return events.make(decoded, key, address, headers, response, request_id)


def install() -> None:
    """Stand around all services, and what refuses calls to them."""
    patch.wrap(app, "_dispatch_service_request", _recorded, "method path headers body query_params request_id")
