"""Serve Service Quotas, as far as somebody asks what the account may have.

https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html. MiniStack lacks the service.
"""

import json
import sys
from typing import Any

from ministack import app
from ministack.core import iam_actions, router

from cloud.account import quotas

# What this module uses of MiniStack.
NEEDS = {
    app: "SERVICE_HANDLERS SERVICE_REGISTRY _loaded_modules",
    iam_actions: "SERVICE_TO_IAM_NAMESPACE",
    router: "SERVICE_PATTERNS",
}

# As signatures name it, and its module among MiniStack's.
_SERVICE, _MODULE = "servicequotas", "service_quotas"
_TARGET = "ServiceQuotasV20190624."


def install() -> None:
    """Make the service known to MiniStack's router and its authorization."""
    router.SERVICE_PATTERNS[_SERVICE] = {
        "target_prefixes": [_TARGET],
        "host_patterns": [rf"{_SERVICE}\."],
        "credential_scope": _SERVICE,
    }
    iam_actions.SERVICE_TO_IAM_NAMESPACE[_SERVICE] = _SERVICE
    app.SERVICE_REGISTRY[_SERVICE] = {"module": _MODULE}
    app.SERVICE_HANDLERS[_SERVICE] = handle_request
    app._loaded_modules[_MODULE] = sys.modules[__name__]


def reset() -> None:
    """Keep the quotas: they are the account's."""


async def handle_request(method: str, path: str, headers: dict, body: bytes, query_params: dict) -> tuple:
    """Answer one call of the API (JSON 1.1)."""
    action = headers.get("x-amz-target", "").removeprefix(_TARGET)
    if action != "GetServiceQuota":
        return _json(400, {"__type": "UnknownOperationException", "message": f"Unknown operation: {action}"})
    asked: dict[str, Any] = json.loads(body or b"{}")
    service, code = asked["ServiceCode"], asked["QuotaCode"]
    if quotas.service_of(code) != service:
        return _json(
            400,
            {"__type": "NoSuchResourceException", "Message": "The request failed because the quota does not exist."},
        )
    quota = {"ServiceCode": service, "QuotaCode": code, "Value": float(quotas.get(code)), "Unit": "None"}
    return _json(200, {"Quota": quota})


def _json(status: int, answer: dict[str, Any]) -> tuple:
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()
