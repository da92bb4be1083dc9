"""Show a deregistered target as draining until the deregistration delay is over.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay:
a draining target gets no new requests, those under way go on, and it is shown as draining for the whole delay, also
when nothing is under way. MiniStack forgets a target at once.
"""

import threading
import time
from typing import Any

from ministack.services import alb

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    alb: "_p _targets _tg_attrs",
}

_DELAY = "deregistration_delay.timeout_seconds"

# When each target's delay is over, by group, target and port; a port of None is the group's.
_until: dict[tuple[str, str, int | None], float] = {}
_lock = threading.Lock()


def targets(group_arn: str) -> list[dict[str, Any]]:
    """The targets of a group that drain."""
    now = time.monotonic()
    with _lock:
        for key in [key for key, end in _until.items() if end <= now]:
            del _until[key]
        return [{"Id": target, "Port": port} for group, target, port in _until if group == group_arn]


def note(group_arn: str, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    """Compare the registered targets: those that are gone drain, those that are there do not."""
    was, registered = ({(each["Id"], each.get("Port")) for each in found} for found in (before, after))
    attributes = {each["Key"]: each["Value"] for each in alb._tg_attrs.get(group_arn, [])}
    end = time.monotonic() + float(attributes.get(_DELAY, "300"))
    with _lock:
        for target, port in registered:
            _until.pop((group_arn, target, port), None)
        for target, port in was - registered:
            _until[(group_arn, target, port)] = end


def _watched(old: Any, group_arn: str, *arguments: Any) -> Any:
    before = list(alb._targets.get(group_arn, []))
    answer = old(*arguments)
    note(group_arn, before, list(alb._targets.get(group_arn, [])))
    return answer


def _set(old: Any, tg_arn: str, *rest: Any) -> Any:
    return _watched(old, tg_arn, tg_arn, *rest)


def _request(old: Any, params: dict[str, Any]) -> Any:
    return _watched(old, alb._p(params, "TargetGroupArn"), params)


def install() -> None:
    """Watch each way in which the targets of a group change."""
    patch.wrap(alb, "set_targets_for_group", _set, "tg_arn targets previous_ids")
    patch.wrap(alb, "_register_targets", _request, "params")
    patch.wrap(alb, "_deregister_targets", _request, "params")
