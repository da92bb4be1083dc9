"""Turn log events into metrics by the metric filters of their group.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html: a filter looks at
what comes after it was made; the value is a number or a field of the event; where events come in a minute and none
matches, the default value is reported. MiniStack keeps filters and looks at no event.
"""

from collections import defaultdict
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, json_response
from ministack.services import cloudwatch_logs

from cloud.cloudwatch import series
from cloud.core import clock, patch, threads
from cloud.logs import embedded_metrics, patterns, values
from cloud.logs.extraction import Pattern

# What this module uses of MiniStack.
NEEDS = {
    cloudwatch_logs: "_metric_filters",
}

_MINUTE = 60
# Minutes with events, by the filter that has a default value: whether one matched.
_minutes = AccountRegionScopedDict()
_read: dict[str, Pattern] = {}


def apply(group: str, events: list[dict[str, Any]]) -> None:
    """Record what the filters of a group make of events."""
    for (where, name), found in cloudwatch_logs._metric_filters.items():
        if where != group:
            continue
        pattern = _pattern(found["filterPattern"])
        for event in events:
            extracted = pattern.match(event["message"])
            for transformation in found["metricTransformations"]:
                published = extracted is not None and _publish(transformation, extracted, event["timestamp"] / 1000)
                if "defaultValue" in transformation:
                    _note((group, name), event["timestamp"] / 1000, published)


def _pattern(source: str) -> Pattern:
    if source not in _read:
        _read[source] = patterns.read(source)
    return _read[source]


def _publish(transformation: dict[str, Any], extracted: dict[str, str], at: float) -> bool:
    """Record the value of one event; it has none where the field that it names is not there or no number."""
    given = transformation["metricValue"]
    value = values.number(extracted.get(given) if given.startswith("$") else given)
    named = transformation.get("dimensions") or {}
    dimensions = {name: extracted[selector] for name, selector in named.items() if selector in extracted}
    if value is None or len(dimensions) < len(named):
        return False
    names = transformation["metricNamespace"], transformation["metricName"]
    series.record(*names, value, transformation.get("unit") or "None", dimensions, at)
    return True


def _note(key: tuple[str, str], at: float, published: bool) -> None:
    minutes = _minutes.setdefault(key, defaultdict(bool))
    minute = at // _MINUTE * _MINUTE
    minutes[minute] = minutes[minute] or published


def _report_defaults(at: float) -> None:
    """Report the default of each minute that is over and had events, none of which matched."""
    for _ in threads.each_scope(_minutes):
        for key, minutes in _minutes.items():
            found = cloudwatch_logs._metric_filters.get(key) or {"metricTransformations": []}
            for minute in [each for each in minutes if each + _MINUTE <= at]:
                if minutes.pop(minute):
                    continue
                for each in found["metricTransformations"]:
                    if "defaultValue" in each:
                        names = each["metricNamespace"], each["metricName"]
                        series.record(*names, each["defaultValue"], each.get("unit") or "None", {}, minute)


def _ingested(old: Any, group_name: str, stream_name: str, events: list[dict[str, Any]]) -> None:
    old(group_name, stream_name, events)
    apply(group_name, events)
    for event in events:
        embedded_metrics.extract(event["message"])


def test(data: dict[str, Any]) -> Any:
    """Try a pattern on messages.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html
    """
    pattern = patterns.read(data["filterPattern"])
    matches = []
    for number, message in enumerate(data["logEventMessages"]):
        if (extracted := pattern.match(message)) is not None:
            matches.append({"eventNumber": number, "eventMessage": message, "extractedValues": extracted})
    return json_response({"matches": matches})


def install() -> None:
    """Look at what comes in, and report defaults minute by minute."""
    patch.wrap(cloudwatch_logs, "_fanout_to_subscription_filters", _ingested, "group_name stream_name events")
    clock.every(_MINUTE, "defaults of metric filters", _report_defaults)
