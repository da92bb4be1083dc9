"""Which state the data points of an alarm mean, and in which words.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html. AWS looks at more periods
than the alarm's, and does not say at how many; in its examples they are two more, and so they are here.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

EXTRA_PERIODS = 2
OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"
_OPERATORS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


@dataclass(frozen=True)
class Outcome:
    """The state, why, and the points that count, the latest first; no state where the alarm keeps its own."""

    state: str | None
    reason: str = ""
    points: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class _Point:
    age: int  # in periods
    at: float
    value: float
    breaching: bool


def decide(alarm: dict[str, Any], stamps: list[float], values: dict[float, float]) -> Outcome:
    """The outcome of the periods that begin at ``stamps``, the oldest first."""
    breaches = _OPERATORS[alarm["ComparisonOperator"]][0]
    points = [
        _Point(age, at, values[at], breaches(values[at], alarm["Threshold"]))
        for age, at in enumerate(reversed(stamps))
        if at in values
    ]
    wanted = int(alarm["EvaluationPeriods"])
    needed = int(alarm.get("DatapointsToAlarm") or wanted)
    treatment = alarm.get("TreatMissingData") or "missing"
    counted, filled = points[:wanted], max(0, wanted - len(points))
    breaching = sum(point.breaching for point in counted)
    if filled and treatment in ("missing", "ignore"):
        state = _of_few(counted, breaching, needed)
        if state != OK and treatment == "ignore" and breaching < needed:
            return Outcome(None)
        if state == INSUFFICIENT:
            return Outcome(
                state, f"Insufficient Data: {_count(filled, 'datapoint')} {_were(filled)} unknown.", _shown(counted)
            )
    else:
        state = ALARM if breaching + (filled if treatment == "breaching" else 0) >= needed else OK
    missing = filled if treatment in ("breaching", "notBreaching") else 0
    return Outcome(state, _reason(alarm, state, counted, missing, treatment), _shown(counted))


def _of_few(points: list[_Point], breaching: int, needed: int) -> str:
    """Of fewer points than are wanted, where those that are missing count as nothing.

    "Alarms are designed to always go into ALARM state when the oldest available breaching datapoint … is at least as
    old as the value of Datapoints to Alarm, and all other more recent data points are breaching or missing."
    """
    if breaching < len(points):
        return ALARM if breaching >= needed else OK
    return ALARM if points and points[-1].age + 1 >= needed else INSUFFICIENT


def _shown(points: list[_Point]) -> tuple[tuple[float, float], ...]:
    return tuple((point.at, point.value) for point in points)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _reason(alarm: dict[str, Any], state: str, points: list[_Point], missing: int, treatment: str) -> str:
    """As AWS words it: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html"""
    wanted, chosen = int(alarm["EvaluationPeriods"]), alarm.get("DatapointsToAlarm")
    treated = f"{_count(missing, 'missing datapoint')} {_were(missing)} treated as "
    treated += "[Breaching]" if treatment == "breaching" else "[NonBreaching]"
    if not points:
        return f"Threshold Crossed: no datapoints were received for {_count(wanted, 'period')} and {treated}."
    which = [point for point in points if point.breaching is (state == ALARM)] or points
    times = [f"{datetime.fromtimestamp(point.at, UTC):%d/%m/%y %H:%M:%S}" for point in which]
    listed = ", ".join(f"{point.value} ({at})" for point, at in zip(which, times, strict=True))
    many = f"{len(which)} out of the last {wanted} datapoints" if chosen else _count(len(which), "datapoint")
    compared = f"{_were(len(which))}{'' if which[0].breaching else ' not'} {_OPERATORS[alarm['ComparisonOperator']][1]}"
    words = f"Threshold Crossed: {many} [{listed}] {compared} the threshold ({alarm['Threshold']})"
    if missing:
        words += f" and {treated}"
    if chosen:
        least = int(chosen) if state == ALARM else wanted - int(chosen) + 1
        change = "OK -> ALARM" if state == ALARM else "ALARM -> OK"
        words += f" (minimum {_count(least, 'datapoint')} for {change} transition)"
    return f"{words}."
