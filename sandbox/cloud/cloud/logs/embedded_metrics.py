"""Make metrics of log events in the embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html. An
event that does not follow it is a line of the log and no more.
"""

import json
from typing import Any

from cloud.cloudwatch import series
from cloud.core import clock

_METRICS, _DIMENSIONS, _VALUES = 100, 30, 100


def extract(message: str) -> None:
    """Record the metrics that an event holds."""
    if '"CloudWatchMetrics"' not in message:
        return
    try:
        event = json.loads(message)
        metadata = event["_aws"]
        # Whoever writes has the real time, ahead of which the clock may be.
        at = float(metadata["Timestamp"]) / 1000 + clock.ahead()
        for directive in metadata["CloudWatchMetrics"]:
            _record(directive, event, at)
    except (ValueError, TypeError, KeyError, AttributeError):
        return


def _record(directive: dict[str, Any], event: dict[str, Any], at: float) -> None:
    metrics = directive["Metrics"]
    if not 0 < len(metrics) <= _METRICS:
        return
    for names in directive.get("Dimensions") or [[]]:
        dimensions = {name: event.get(name) for name in names}
        if len(names) > _DIMENSIONS or not all(isinstance(each, str) and each for each in dimensions.values()):
            continue
        for metric in metrics:
            for value in _values(event.get(metric["Name"])):
                unit = metric.get("Unit") or "None"
                series.record(directive["Namespace"], metric["Name"], value, unit, dimensions, at)


def _values(target: Any) -> list[float]:
    """A number, or up to a hundred of them."""
    found = target if isinstance(target, list) else [target]
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in found)
    return [float(each) for each in found] if numbers and len(found) <= _VALUES else []
