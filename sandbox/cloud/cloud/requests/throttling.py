"""Throttle calls by token buckets, as AWS does for each account and region.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/throttling.html: Fargate takes 20 calls of RunTask a second,
burst and sustained; https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html has the error. S3
scales by prefixes (https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html) and while it does
answers 503 (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList), at rates that no single
machine reaches.

POST /_sandbox/throttle?service=ecs&operation=RunTask&rate=0.5&burst=1 leaves so many calls a second, as where other
clients of the account use up the rest; without a rate it is AWS's own again. It answers how many calls of the operation
were throttled since it was told before. AWS has no such call.
"""

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ministack import app

from cloud.core import patch
from cloud.requests.rules import Call, Refused

PATH = "/_sandbox/throttle"
_DOCUMENTED = {("ecs", "RunTask"): (20.0, 20.0)}  # calls a second, and at once
_ERRORS = {
    "ecs": ("ThrottlingException", "Rate exceeded", 400),
    "s3": ("SlowDown", "Please reduce your request rate.", 503),
}


@dataclass
class _Bucket:
    rate: float
    burst: float
    tokens: float = field(init=False)
    at: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens, self.at = self.burst, time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self.tokens, self.at = min(self.burst, self.tokens + (now - self.at) * self.rate), now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


_rates = dict(_DOCUMENTED)
_buckets: dict[tuple[str, str, str, str], _Bucket] = {}
_throttled: Counter[tuple[str, str]] = Counter()
_lock = threading.Lock()


def check(call: Call) -> None:
    """Raise what AWS answers to a call for which there is no token left."""
    operation = (call.service, call.operation)
    with _lock:
        if operation not in _rates:
            return
        where = (call.account, call.region, *operation)
        bucket = _buckets.setdefault(where, _Bucket(*_rates[operation]))
        if bucket.take():
            return
        _throttled[operation] += 1
    raise Refused(*_ERRORS[call.service])


def _give(service: str, operation: str, rate: float | None, burst: float) -> int:
    """Set the rate of an operation, None is AWS's own; how many calls were throttled before."""
    key = (service, operation)
    with _lock:
        if rate is not None:
            _rates[key] = (rate, burst)
        elif key in _DOCUMENTED:
            _rates[key] = _DOCUMENTED[key]
        else:
            _rates.pop(key, None)
        for where in [each for each in _buckets if each[2:] == key]:
            del _buckets[where]
        return _throttled.pop(key, 0)


async def _answer(old: Any, path: str, method: str, query_params: dict[str, Any]) -> Any:
    if (method, path) != ("POST", PATH):
        return await old(path, method, query_params)
    given = {name: values[0] for name, values in query_params.items()}
    service, kind = given.get("service", ""), {"Content-Type": "application/json"}
    if service not in _ERRORS:
        return 400, kind, json.dumps({"message": f"service is one of {', '.join(_ERRORS)}"}).encode()
    rate = float(given["rate"]) if "rate" in given else None
    throttled = _give(service, given["operation"], rate, float(given.get("burst", 1)))
    return 200, kind, json.dumps({"throttled": throttled}).encode()


def install() -> None:
    """Answer the path beside MiniStack's own ones."""
    patch.wrap(app, "_handle_admin_reset", _answer, "path method query_params")
