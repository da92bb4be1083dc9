"""Find log events as FilterLogEvents does: by streams, their prefix, time and pattern, page by page.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html. MiniStack does not know
the prefix of streams and tokens, takes every pattern for JSON as matching all, and cuts what exceeds the limit.
"""

from bisect import bisect_left, bisect_right
from itertools import islice
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import cloudwatch_logs

from cloud.core import patch
from cloud.logs import patterns
from cloud.logs.expressions import MalformedError

# What this module uses of MiniStack.
NEEDS = {
    cloudwatch_logs: "_event_timestamp _log_events_lock _log_groups _resolve_log_group_name",
}

# The most and the default of ``limit``.
_PAGE = 10_000


def _filter(data: dict[str, Any]) -> Any:
    group = cloudwatch_logs._log_groups.get(cloudwatch_logs._resolve_log_group_name(data))
    if group is None:
        return error_response_json("ResourceNotFoundException", "The specified log group does not exist.", 400)
    try:
        limit = _limit(data)
        matches, resume = patterns.matcher(data.get("filterPattern") or ""), _resume(data.get("nextToken"))
        streams = _streams(data, group["streams"].copy())
    except MalformedError as error:
        return error_response_json("InvalidParameterException", str(error), 400)
    after, skip = resume or (data.get("startTime", 0), 0)
    found = (event for event in _events(streams, after, data.get("endTime")) if matches(event["message"]))
    page = list(islice(found, skip, skip + limit))
    answer: dict[str, Any] = {"events": page, "searchedLogStreams": []}
    if len(page) == limit and next(found, None) is not None:
        last = page[-1]["timestamp"]
        known = sum(event["timestamp"] == last for event in page) + (skip if last == after else 0)
        answer["nextToken"] = f"{last}:{known}"
    return json_response(answer)


def _limit(data: dict[str, Any]) -> int:
    limit = int(data.get("limit", _PAGE))
    if not 1 <= limit <= _PAGE:
        raise MalformedError(f"Value '{limit}' at 'limit' failed to satisfy constraint: between 1 and {_PAGE}")
    return limit


def _resume(token: str | None) -> tuple[int, int] | None:
    """From which time on to look again, and how many of the events found there are known already."""
    if not token:
        return None
    time, _, known = token.partition(":")
    if not time.isdecimal() or not known.isdecimal():
        raise MalformedError("The specified nextToken is invalid.")
    return int(time), int(known)


def _streams(data: dict[str, Any], streams: dict[str, Any]) -> dict[str, Any]:
    names, prefix = data.get("logStreamNames"), data.get("logStreamNamePrefix")
    if names and prefix:
        raise MalformedError("logStreamNamePrefix and logStreamNames cannot be given together.")
    wanted = [name for name in streams if (not names or name in names) and name.startswith(prefix or "")]
    return {name: streams[name] for name in wanted}


def _events(streams: dict[str, Any], after: int, until: int | None) -> list[dict[str, Any]]:
    """The events of streams from one time to another, both included, in the order of time."""
    found, stamp = [], cloudwatch_logs._event_timestamp
    with cloudwatch_logs._log_events_lock:
        for name, stream in streams.items():
            history = stream["events"]
            end = len(history) if until is None else bisect_right(history, until, key=stamp)
            within = history[bisect_left(history, after, key=stamp) : end]
            found += [{**event, "logStreamName": name} for event in within]
    return sorted(found, key=lambda event: (event["timestamp"], event.get("ingestionTime", 0)))


def install() -> None:
    """Put this in the place of MiniStack's operation."""
    patch.replace(cloudwatch_logs, "_filter_log_events", _filter, "data")
