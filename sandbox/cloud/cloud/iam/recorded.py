"""Keep what each principal was asked to be allowed: the action, the resource, the keys of the context, the answer.

GET /_sandbox/calls answers them as JSON. A policy is compared with what was done under it: no API of AWS tells this,
not even CloudTrail, whose events name calls and not the permissions that they took.
"""

import json
import threading
from typing import Any

from ministack import app
from ministack.core import iam_evaluator

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    iam_evaluator: "resolve_caller_identity",
}

_Key = tuple[str, str, str, bool]
_lock = threading.Lock()
_calls: dict[_Key, set[str]] = {}


def calls() -> list[dict[str, Any]]:
    """What was asked, each once, in the order in which it was asked first."""
    with _lock:
        return [
            {"principal": key[0], "action": key[1], "resource": key[2], "allowed": key[3], "keys": sorted(keys)}
            for key, keys in _calls.items()
        ]


def _record(
    old: Any,
    access_key_id: str,
    iam_action: str,
    service: str,
    region: str,
    resource_arn: str = "*",
    service_context: Any = None,
) -> Any:
    denied = old(access_key_id, iam_action, service, region, resource_arn, service_context)
    caller = iam_evaluator.resolve_caller_identity(access_key_id) or {}
    key = (str(caller.get("userArn", "")), iam_action, resource_arn, denied is None)
    with _lock:
        _calls.setdefault(key, set()).update(service_context or {})
    return denied


async def _answer(old: Any, path: str, method: str, query_params: dict[str, Any]) -> Any:
    if (method, path) != ("GET", "/_sandbox/calls"):
        return await old(path, method, query_params)
    return 200, {"Content-Type": "application/json"}, json.dumps(calls()).encode()


def install() -> None:
    """Stand behind what divides a call into its permissions."""
    parameters = "access_key_id iam_action service region resource_arn service_context"
    patch.wrap(iam_evaluator, "enforce", _record, parameters)
    patch.wrap(app, "_handle_admin_reset", _answer, "path method query_params")
