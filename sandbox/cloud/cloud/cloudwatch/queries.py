"""Metrics and expressions that name each other, as alarms and GetMetricData have them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html.
"""

from typing import Any

from cloud.cloudwatch import series
from cloud.cloudwatch.expression import Expression
from cloud.cloudwatch.functions import MathError
from cloud.cloudwatch.series import Series, Window


def period(queries: list[dict[str, Any]]) -> int:
    """The period of the metrics, in seconds; that of an expression that has none, such as TIME_SERIES(1)."""
    periods = [int(query["MetricStat"]["Period"]) for query in queries if query.get("MetricStat")]
    return max(periods or [int(query["Period"]) for query in queries if query.get("Period")] or [60])


def evaluate(queries: list[dict[str, Any]], window: Window) -> dict[str, Series | list[Series]]:
    """The time series of each query by its id; MathError for an expression that is wrong."""
    by_id = {query["Id"]: query for query in queries}
    # Metrics come first: METRICS() means all of them.
    known = {query["Id"]: _metric(query, window) for query in queries if query.get("MetricStat")}
    found: dict[str, Series | list[Series]] = dict(known)
    for query in queries:
        _resolve(query, by_id, found, window, ())
    return found


def _metric(query: dict[str, Any], window: Window) -> Series:
    stat = query["MetricStat"]
    return series.read(window, stat["Metric"], stat["Stat"], stat.get("Unit") or "", query["Id"])


def _resolve(
    query: dict[str, Any], by_id: dict[str, Any], found: dict[str, Any], window: Window, above: tuple[str, ...]
) -> None:
    if query["Id"] in found:
        return
    if query["Id"] in above:
        raise MathError(f"Circular reference in expression: {query['Expression']}")
    expression = Expression(query["Expression"])
    for needed in sorted(expression.ids & by_id.keys()):
        _resolve(by_id[needed], by_id, found, window, (*above, query["Id"]))
    found[query["Id"]] = expression.evaluate(window, found)
