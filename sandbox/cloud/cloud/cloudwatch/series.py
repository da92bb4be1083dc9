"""The data points of metrics.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html: each combination of dimensions
is a metric of its own, and periods begin where the range that is asked for does, at a full minute.
"""

from dataclasses import dataclass, field
from typing import Any

from ministack.services import cloudwatch

# What this module uses of MiniStack.
NEEDS = {cloudwatch: "_calc_stats _dims_from_list _dims_key _metric_bucket _metrics _stat_value"}


@dataclass(frozen=True)
class Window:
    """A range of time as a number of periods in seconds."""

    start: float
    period: int
    count: int

    @classmethod
    def until(cls, end: float, period: int, count: int) -> "Window":
        """The periods up to the last full minute, or to the last ten seconds where the period is shorter than one."""
        last = end // min(60, max(period, 10)) * min(60, max(period, 10))
        return cls(last - period * count, period, count)

    @property
    def stamps(self) -> list[float]:
        """When each period begins, the oldest first."""
        return [self.start + self.period * number for number in range(self.count)]


@dataclass
class Series:
    """Values by the time at which their period begins; the name of the metric that it is, if it is one."""

    window: Window
    points: dict[float, float] = field(default_factory=dict)
    name: str = ""


def read(window: Window, metric: dict[str, Any], statistic: str, unit: str = "", name: str = "") -> Series:
    """A statistic of a metric in each period that has data, of one unit or of all."""
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(metric.get("Dimensions") or []))
    found: dict[int, list[dict[str, Any]]] = {}
    for point in list(cloudwatch._metrics.get((metric.get("Namespace"), metric["MetricName"], dimensions)) or ()):
        number = int((point["Timestamp"] - window.start) // window.period)
        if 0 <= number < window.count and unit in ("", point.get("Unit")):
            found.setdefault(number, []).append(point)
    points = {}
    for number in sorted(found):
        value = cloudwatch._stat_value(cloudwatch._calc_stats(found[number]), statistic, found[number])
        if value is not None:
            points[window.start + number * window.period] = float(value)
    return Series(window, points, name)


def record(
    namespace: str, name: str, value: float, unit: str, dimensions: dict[str, str], at: float, count: float = 1
) -> None:
    """Record a value that was seen ``count`` times."""
    bucket = cloudwatch._metric_bucket((namespace, name, cloudwatch._dims_key(dimensions)))
    seen = {} if count == 1 else {"Count": float(count)}
    bucket.append({"Timestamp": at, "Value": float(value), "Unit": unit, "Dimensions": dict(dimensions), **seen})
