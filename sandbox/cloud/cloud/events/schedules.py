"""Let schedules of EventBridge Scheduler go by the clock, in their time zones, and measure what becomes of them.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html: cron and one-time schedules are of the time
zone that they name, rates count from their beginning. What the role of a schedule is refused, or what cannot be
started, is tried again as its retry policy says, and then dropped
(https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html). How long AWS waits in between is
not documented but for its growing: here it is a second each time. MiniStack takes every time for UTC and measures
nothing.
"""

import logging
import time as real
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ministack.core.responses import AccountRegionScopedDict, new_uuid, set_request_account_id, set_request_region
from ministack.services import eventbridge, scheduler

from cloud.cloudwatch import series
from cloud.core import clock, patch, threads
from cloud.events import targets

# What this module uses of MiniStack.
NEEDS = {
    eventbridge: "_cron_next_fire _invoke_target _parse_cron_fields _parse_rate_seconds",
    scheduler: "_schedules _to_epoch time",
    AccountRegionScopedDict: "all_items",
}

log = logging.getLogger(__name__)
_EVERY_SECONDS, _RETRY_SECONDS = 1, 1
# The default of a schedule's retry policy.
_RETRIES = 185

# When each was called last, or seen first.
_called: dict[tuple[str, str, str], float] = {}


def _next(schedule: dict[str, Any], after: float) -> float | None:
    """When a schedule is due after a time; None where it never is."""
    expression = schedule["ScheduleExpression"]
    if (interval := eventbridge._parse_rate_seconds(expression)) is not None:
        return max(after, schedule["CreationDate"]) + interval
    zone = ZoneInfo(schedule.get("ScheduleExpressionTimezone") or "UTC")
    if expression.startswith("at("):
        at = datetime.fromisoformat(expression[3:-1]).replace(tzinfo=zone).timestamp()
        return at if at > after else None
    if (fields := eventbridge._parse_cron_fields(expression)) is None:
        return None
    # MiniStack counts in UTC: it is given the time that a clock on the wall shows.
    shown = datetime.fromtimestamp(after, zone).replace(tzinfo=UTC)
    found = eventbridge._cron_next_fire(fields, shown)
    return found.replace(tzinfo=zone).timestamp() if found else None


def _tick(now: float) -> None:
    for key, schedule in list(scheduler._schedules.all_items()):
        after = max(_called.setdefault(key, now), schedule["LastModificationDate"])
        begin, end = scheduler._to_epoch(schedule.get("StartDate")), scheduler._to_epoch(schedule.get("EndDate"))
        due = _next(schedule, after)
        if schedule["State"] != "ENABLED" or due is None or due > now or now < (begin or 0) or now > (end or now):
            continue
        _called[key] = now
        account, region, name = key
        set_request_account_id(account)
        set_request_region(region)
        threads.start(_call, schedule, now, name="schedule")
        if schedule["ScheduleExpression"].startswith("at(") and schedule.get("ActionAfterCompletion") == "DELETE":
            scheduler._schedules.pop(name, None)


def _call(schedule: dict[str, Any], now: float) -> None:
    """Call the target of a schedule, as often as its retry policy allows."""
    target, source = schedule["Target"], schedule["Arn"]
    if target["Arn"].split(":")[2] not in ("ecs", "lambda"):
        _measure(schedule, "InvocationAttemptCount")
        eventbridge._invoke_target(target, _event(schedule, now), schedule)
        return
    for attempt in range(1 + int((target.get("RetryPolicy") or {}).get("MaximumRetryAttempts", _RETRIES))):
        if attempt:
            real.sleep(_RETRY_SECONDS)
        _measure(schedule, "InvocationAttemptCount")
        if not (refused := targets.by_role(target, source)):
            return
        _measure(schedule, "TargetErrorCount")
        log.warning("%s does not reach %s: %s", source, target["Arn"], refused)
    _measure(schedule, "InvocationDroppedCount")


def _measure(schedule: dict[str, Any], metric: str) -> None:
    series.record("AWS/Scheduler", metric, 1.0, "Count", {"ScheduleGroup": schedule["GroupName"]}, clock.time())


def _event(schedule: dict[str, Any], now: float) -> dict[str, Any]:
    _, _, _, region, account, _ = schedule["Arn"].split(":", 5)
    about = {"Source": "aws.scheduler", "DetailType": "Scheduled Event", "Detail": "{}", "Resources": [schedule["Arn"]]}
    return about | {"EventId": new_uuid(), "Time": now, "Account": account, "Region": region}


def _nothing() -> None:
    """The clock calls the schedules."""


def install() -> None:
    """Let schedules go by the clock."""
    scheduler.time = clock
    patch.replace(scheduler, "start_scheduler", _nothing, "")
    clock.every(_EVERY_SECONDS, "schedules", _tick)
