"""Check each call before its service acts on it, by rate, model and rules; complete its answer after.

It stands behind MiniStack's authorization: who may not call learns nothing of what exists.
"""

import functools
import importlib
import logging
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import responses, router

from cloud.core import patch
from cloud.requests import answers, exceptions, rules, throttling, unknown
from cloud.requests.constraints import violations
from cloud.requests.decode import Decoded, answer, decode

# What this module uses of MiniStack.
NEEDS = {app: "SERVICE_HANDLERS", responses: "new_uuid", router: "detect_service"}

_PACKAGE = Path(__file__).parents[1]
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonErrors.html
_INTERNAL = "The request processing has failed because of an unknown error, exception or failure."
log = logging.getLogger(__name__)


async def _checked(
    service: str, handler: Any, method: str, path: str, headers: dict, body: bytes, query: dict
) -> tuple[int, dict, bytes]:
    decoded = decode(service, method, path, headers, body, query)
    if decoded is None:
        return unknown.reply(service, None, headers, body, await handler(method, path, headers, body, query))
    try:
        _check(decoded)
        response = await handler(method, path, headers, body, query)
        return answers.complete(decoded, unknown.reply(service, decoded, headers, body, response))
    except rules.Refused as refused:
        return answer(decoded, path, refused, responses.new_uuid())
    except Exception:
        return _failure(decoded, path)


def _failure(decoded: Decoded, path: str) -> tuple[int, dict, bytes]:
    """The answer to a call that the emulator itself fails at, with the traceback in its log."""
    log.exception("%s %s", decoded.call.service, decoded.call.operation)
    # https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
    code = "InternalError" if decoded.call.service == "s3" else "InternalFailure"
    return answer(decoded, path, rules.Refused(code, _INTERNAL, status=500), responses.new_uuid())


async def _guarded(
    old: Any, method: str, path: str, headers: dict, body: bytes, query_params: dict, request_id: str
) -> tuple[int, dict, bytes]:
    """The same for what comes before the service: routing and authorization."""
    try:
        found: tuple[int, dict, bytes] = await old(method, path, headers, body, query_params, request_id)
        return found
    except Exception:
        service = router.detect_service(method, path, headers, query_params)
        decoded = decode(service, method, path, headers, body, query_params)
        if decoded is None:
            raise
        return _failure(decoded, path)


def _check(decoded: Decoded) -> None:
    call, shape = decoded.call, decoded.operation.input_shape
    throttling.check(call)
    if decoded.unreadable:
        raise exceptions.unreadable(decoded.protocol, decoded.unreadable)
    broken = [
        each
        for each in (violations(shape, call.parameters) if shape else ())
        if (call.service, call.operation, each.path) not in exceptions.LAXER
    ]
    if broken:
        raise exceptions.refusal(call.service, decoded.protocol, broken)
    rules.check(call)


def load() -> None:
    """Register the rules and the completions of all services."""
    for pattern in ("rules.py", "rules/*.py", "answers.py", "filters.py"):  # completed answers are filtered
        for path in sorted(_PACKAGE.glob(f"*/{pattern}")):
            importlib.import_module(".".join(path.relative_to(_PACKAGE.parent).with_suffix("").parts))


def install() -> None:
    """Stand before all services."""
    load()
    patch.wrap(app, "_dispatch_service_request", _guarded, "method path headers body query_params request_id")
    for service, handler in app.SERVICE_HANDLERS.items():
        app.SERVICE_HANDLERS[service] = functools.partial(_checked, service, handler)
