"""The functions of metric math that work here.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html. Not here are those that ask
another service or learn from the past (ANOMALY_DETECTION_BAND, INSIGHT_RULE_METRIC, SEARCH, SERVICE_QUOTA, LAMBDA).
"""

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cloud.cloudwatch.series import Series, Window

Value = float | Series | list[Series]


class MathError(ValueError):
    """The expression is wrong, or uses what is not known here."""


@dataclass(frozen=True)
class Scope:
    """What an expression can name: the series by their ids, in one range of time."""

    window: Window
    known: dict[str, Series | list[Series]]

    def find(self, name: str) -> Series | list[Series]:
        """The series with an id."""
        if name not in self.known:
            raise MathError(f"Unrecognized metric id: {name}")
        return self.known[name]

    @property
    def metrics(self) -> list[Series]:
        """Those that are metrics, no results of expressions."""
        return [each for each in self.known.values() if isinstance(each, Series) and each.name]


def each(function: Callable[[float], float], value: Value) -> Value:
    """Apply a function to a number, or to each value of one series or several; what it cannot be applied to drops."""
    if isinstance(value, list):
        return [_one(function, series) for series in value]
    return _one(function, value) if isinstance(value, Series) else function(value)


def _one(function: Callable[[float], float], series: Series) -> Series:
    points = {}
    for at, value in series.points.items():
        try:
            points[at] = function(value)
        except ValueError:  # the logarithm of nothing
            continue
    return Series(series.window, points)


def combined(function: Callable[[float, float], float], left: Value, right: Value) -> Value:
    """Combine two values; a series that has none at a time where the other has one counts as 0 there."""
    if isinstance(left, list) and isinstance(right, list):
        raise MathError("Unsupported operand type(s): two arrays of time series")
    if isinstance(left, list):
        return [_pair(function, series, right) for series in left]  # type: ignore[misc]
    if isinstance(right, list):
        return [_pair(function, left, series) for series in right]  # type: ignore[misc]
    return _pair(function, left, right)


def _pair(function: Callable[[float, float], float], left: float | Series, right: float | Series) -> float | Series:
    if not isinstance(left, Series) and not isinstance(right, Series):
        try:
            return function(left, right)
        except ZeroDivisionError:
            return math.nan
    series = [side for side in (left, right) if isinstance(side, Series)]
    points = {}
    for at in sorted({at for one in series for at in one.points}):
        sides = [side.points.get(at, 0.0) if isinstance(side, Series) else side for side in (left, right)]
        try:
            points[at] = function(*sides)
        except ZeroDivisionError:  # "the data point is dropped"
            continue
    return Series(series[0].window, points)


def _choose(condition: Value, yes: Value, no: Value | None = None) -> Value:
    """IF: a missing value is 0 where the condition holds, and is dropped where it does not."""
    if isinstance(condition, list) or isinstance(yes, list) or isinstance(no, list):
        raise MathError("IF takes single time series and numbers")
    if not isinstance(condition, Series):
        chosen = yes if condition else no
        window = next((side.window for side in (yes, no) if isinstance(side, Series)), None)
        if window is None:
            raise MathError("IF takes at least one time series")
        return chosen if isinstance(chosen, Series) else Series(window, {})
    points = {}
    for at, holds in condition.points.items():
        value: float | None
        if holds:
            value = yes.points.get(at, 0.0) if isinstance(yes, Series) else yes
        else:
            value = no.points.get(at) if isinstance(no, Series) else no
        if value is not None:
            points[at] = value
    return Series(condition.window, points)


def _fill(value: Value, filler: Value | str) -> Value:
    if isinstance(value, list):
        return [_filled(series, filler) for series in value]
    if not isinstance(value, Series):
        raise MathError("FILL takes time series")
    return _filled(value, filler)


def _filled(series: Series, filler: Value | str) -> Series:
    points = dict(series.points)
    for at in series.window.stamps:
        if at in points:
            continue
        before = [(known, value) for known, value in series.points.items() if known < at]
        after = [(known, value) for known, value in series.points.items() if known > at]
        if isinstance(filler, Series):
            found = filler.points.get(at)
        elif filler == "REPEAT":
            found = before[-1][1] if before else None
        elif filler == "LINEAR":
            found = None
            if before and after:
                (start, low), (end, high) = before[-1], after[0]
                found = low + (high - low) * (at - start) / (end - start)
        else:
            found = float(filler)  # type: ignore[arg-type]
        if found is not None:
            points[at] = found
    return replace(series, points=dict(sorted(points.items())))


def _steps(function: Callable[[float, float], float]) -> Callable[[Value], Value]:
    """From each value and the one before it: the difference of the values, and of their times."""

    def of_one(series: Series) -> Series:
        found = sorted(series.points.items())
        pairs = zip(found, found[1:], strict=False)
        return Series(series.window, {now: function(new - old, now - then) for (then, old), (now, new) in pairs})

    return lambda value: [of_one(one) for one in value] if isinstance(value, list) else of_one(_series(value))


def _series(value: Any) -> Series:
    if not isinstance(value, Series):
        raise MathError("Unsupported operand type: a time series is needed")
    return value


def _summary(function: Callable[[list[float]], float], missing_is_zero: bool) -> Callable[[Value], Value]:
    """A number from the values of one series; a series from those that several have at a time."""

    def summarized(value: Value) -> Value:
        if isinstance(value, Series):
            return function(list(value.points.values())) if value.points else math.nan
        if not isinstance(value, list) or not value:
            raise MathError("Unsupported operand type: time series are needed")
        points = {}
        for at in sorted({at for one in value for at in one.points}):
            there = [one.points[at] for one in value if at in one.points]
            points[at] = function(there + [0.0] * (len(value) - len(there) if missing_is_zero else 0))
        return Series(value[0].window, points)

    return summarized


def _running_sum(value: Value) -> Value:
    def of_one(series: Series) -> Series:
        total, points = 0.0, {}
        for at, number in sorted(series.points.items()):
            total += number
            points[at] = total
        return Series(series.window, points)

    return [of_one(one) for one in value] if isinstance(value, list) else of_one(_series(value))


_SUMMARIES: dict[str, Callable[[Value], Value]] = {
    "AVG": _summary(statistics.fmean, missing_is_zero=True),
    "MAX": _summary(max, missing_is_zero=False),
    "MIN": _summary(min, missing_is_zero=False),
    "STDDEV": _summary(statistics.pstdev, missing_is_zero=False),
    "SUM": _summary(sum, missing_is_zero=True),
    "DATAPOINT_COUNT": _summary(lambda values: float(len(values)), missing_is_zero=False),
}


def _sort(value: Value, by: Any, order: Any, limit: float | None = None) -> Value:
    if not isinstance(value, list) or by not in ("AVG", "MIN", "MAX", "SUM") or order not in ("ASC", "DESC"):
        raise MathError("SORT takes an array, one of AVG, MIN, MAX and SUM, and ASC or DESC")
    found = sorted(value, key=lambda one: _SUMMARIES[by](one), reverse=order == "DESC")  # type: ignore[arg-type, return-value]
    return found if limit is None else found[: int(limit)]


def _slice(value: Value, start: float, *end: float) -> Value:
    if not isinstance(value, list):
        raise MathError("SLICE takes an array of time series")
    return value[int(start) : int(end[0])] if end else value[int(start) :]


def _calendar(part: Callable[[datetime], float]) -> Callable[[Value], Value]:
    def stamps(value: Value) -> Value:
        window = _series(value).window
        return Series(window, {at: float(part(datetime.fromtimestamp(at, UTC))) for at in window.stamps})

    return stamps


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    **_SUMMARIES,
    "ABS": lambda value: each(abs, value),
    "CEIL": lambda value: each(math.ceil, value),
    "FLOOR": lambda value: each(math.floor, value),
    "LOG": lambda value: each(math.log, value),
    "LOG10": lambda value: each(math.log10, value),
    "DIFF": _steps(lambda change, seconds: change),
    "DIFF_TIME": _steps(lambda change, seconds: seconds),
    "RATE": _steps(lambda change, seconds: change / seconds),
    "FILL": _fill,
    "IF": _choose,
    "FIRST": lambda value: value[0],
    "LAST": lambda value: value[-1],
    "METRIC_COUNT": lambda value: float(len(value)),
    "PERIOD": lambda value: float(_series(value).window.period),
    "REMOVE_EMPTY": lambda value: [one for one in value if one.points],
    "RUNNING_SUM": _running_sum,
    "SLICE": _slice,
    "SORT": _sort,
    "MINUTE": _calendar(lambda at: at.minute),
    "HOUR": _calendar(lambda at: at.hour),
    "DAY": _calendar(lambda at: at.isoweekday()),
    "DATE": _calendar(lambda at: at.day),
    "MONTH": _calendar(lambda at: at.month),
    "YEAR": _calendar(lambda at: at.year),
    "EPOCH": _calendar(lambda at: at.timestamp()),
}
WORDS = {*_FUNCTIONS, "METRICS", "TIME_SERIES", "REPEAT", "LINEAR", "ASC", "DESC"}
# What AWS has beyond these.
LACKING = {"ANOMALY_DETECTION_BAND", "INSIGHT_RULE_METRIC", "SEARCH", "SERVICE_QUOTA", "LAMBDA"}


def call(name: str, scope: Scope, arguments: list[Any]) -> Value:
    """The result of a function."""
    try:
        if name == "METRICS":
            return [each for each in scope.metrics if not arguments or arguments[0] in each.name]
        if name == "TIME_SERIES":
            return Series(scope.window, dict.fromkeys(scope.window.stamps, float(arguments[0])))
        return _FUNCTIONS[name](*arguments)
    except (TypeError, IndexError, AttributeError, KeyError) as error:
        raise MathError(f"Unsupported operand type(s) for {name}") from error
