"""Alarms that CloudWatch does not make, and metric data that it does not take."""

import math
from collections import Counter
from typing import Any

from cloud.cloudwatch import queries
from cloud.cloudwatch.expression import Expression
from cloud.cloudwatch.functions import MathError
from cloud.cloudwatch.series import Series, Window
from cloud.core import clock
from cloud.requests.rules import Call, Refused, rule

_CODE = "ValidationError"
_OF_A_METRIC = ("MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic")
_TREATMENTS = ("breaching", "notBreaching", "ignore", "missing")
_DAY = 86_400


@rule("cloudwatch", "PutMetricAlarm")
def _watched(call: Call) -> None:
    """A metric or metric math: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""
    asked = call.parameters
    if asked.get("EvaluationCriteria"):
        raise Refused(_CODE, "EvaluationCriteria (PromQL) is a member of AWS that this sandbox lacks")
    if asked.get("Metrics"):
        if both := [name for name in _OF_A_METRIC if asked.get(name)]:
            raise Refused(
                _CODE, f"The parameters Metrics and {both[0]} are mutually exclusive and you have specified both."
            )
        return
    if not asked.get("MetricName"):
        raise Refused(_CODE, "MetricName, Metrics or EvaluationCriteria must be specified")
    if lacking := [name for name in ("Namespace", "Period") if not asked.get(name)]:
        raise Refused(_CODE, f"The parameter {lacking[0]} is required for an alarm on a metric")
    if bool(asked.get("Statistic")) == bool(asked.get("ExtendedStatistic")):
        raise Refused(_CODE, "Exactly one of Statistic and ExtendedStatistic must be specified")


@rule("cloudwatch", "PutMetricAlarm")
def _evaluated(call: Call) -> None:
    """Threshold, periods and the treatment of missing data.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    asked = call.parameters
    period = queries.period(asked["Metrics"]) if asked.get("Metrics") else asked["Period"]
    periods = asked["EvaluationPeriods"]
    if period not in (10, 20, 30) and period % 60:
        raise Refused(_CODE, "Period must be 10, 20, 30 or a multiple of 60")
    if period * periods > (7 * _DAY if period >= 3600 else _DAY):
        raise Refused(
            _CODE, "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)"
        )
    if asked.get("DatapointsToAlarm", 0) > periods:
        raise Refused(_CODE, "DatapointsToAlarm must be less than or equal to EvaluationPeriods")
    if asked.get("TreatMissingData", "missing") not in _TREATMENTS:
        raise Refused(_CODE, f"TreatMissingData must be one of {', '.join(_TREATMENTS)}")
    if (
        asked.get("ThresholdMetricId")
        or "Upper" in asked["ComparisonOperator"]
        or "Lower" in asked["ComparisonOperator"]
    ):
        raise Refused(_CODE, "anomaly detection is a feature of AWS that this sandbox lacks")
    if "Threshold" not in asked:
        raise Refused(_CODE, "The parameter Threshold is required for an alarm with a static threshold")


@rule("cloudwatch", "PutMetricAlarm")
def _metric_math(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html"""
    asked: list[dict[str, Any]] = call.parameters.get("Metrics") or []
    if not asked:
        return
    _distinct(asked)
    if sum(each.get("ReturnData", True) for each in asked) != 1:
        raise Refused(_CODE, "Exactly one element of the metrics list should return data.")
    metrics = [each for each in asked if each.get("MetricStat")]
    if len(metrics) > 10 or len(asked) - len(metrics) > 10:
        raise Refused(_CODE, "An alarm takes up to 10 metrics and up to 10 expressions")
    if len({each["MetricStat"]["Period"] for each in metrics}) > 1:
        raise Refused(_CODE, "Period must not be different for the metrics of an alarm")
    found = _read(asked)
    watched = next(each["Id"] for each in asked if each.get("ReturnData", True))
    if not isinstance(found[watched], Series):
        raise Refused(_CODE, "The expression of an alarm must return a single time series")


@rule("cloudwatch", "GetMetricData")
def _queries(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html"""
    asked = call.parameters["MetricDataQueries"]
    if call.parameters["StartTime"] >= call.parameters["EndTime"]:
        raise Refused(_CODE, "The parameter StartTime must be less than the parameter EndTime.")
    _distinct(asked)


def _distinct(asked: list[dict[str, Any]]) -> None:
    for each in asked:
        if bool(each.get("MetricStat")) == bool(each.get("Expression")):
            raise Refused(_CODE, f"Exactly one of MetricStat and Expression must be specified for {each['Id']}")
    if twice := [name for name, count in Counter(each["Id"] for each in asked).items() if count > 1]:
        raise Refused(_CODE, f"The values for parameter id in MetricDataQueries are not unique: {twice[0]}")


def _read(asked: list[dict[str, Any]]) -> dict[str, Series | list[Series]]:
    """The expressions, tried on the metrics as they are now."""
    for each in asked:
        if each.get("Expression", "").lstrip().upper().startswith("SELECT "):
            raise Refused(_CODE, "Metrics Insights is a feature of AWS that this sandbox lacks")
        if each.get("Expression"):
            _named(each["Expression"], {one["Id"] for one in asked})
    try:
        return queries.evaluate(asked, Window.until(clock.time(), queries.period(asked), 1))
    except MathError as error:
        raise Refused(_CODE, str(error)) from error


def _named(source: str, ids: set[str]) -> None:
    try:
        unknown = Expression(source).ids - ids
    except MathError as error:
        raise Refused(_CODE, str(error)) from error
    if unknown:
        raise Refused(_CODE, f"Invalid metrics list: {sorted(unknown)[0]} in the expression {source} is no id")


@rule("cloudwatch", "PutMetricAlarm")
def _statistics(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html"""
    named = [call.parameters.get("ExtendedStatistic") or ""]
    named += [each["MetricStat"]["Stat"] for each in call.parameters.get("Metrics") or [] if each.get("MetricStat")]
    for name in named:
        if name[:2].lower() in ("tm", "wm", "tc", "ts", "pr") or name == "IQM":
            raise Refused(_CODE, f"{name} is a statistic of AWS that this sandbox lacks")


@rule("cloudwatch", "PutMetricData")
def _published(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html"""
    for number, datum in enumerate(call.parameters.get("MetricData") or [], start=1):
        where = f"MetricData.member.{number}"
        if not any(name in datum for name in ("Value", "Values", "StatisticValues")):
            words = f"At least one of {where}.Value, {where}.Values and {where}.StatisticValues must be specified."
            raise Refused("MissingParameter", words)
        numbers = [
            datum.get("Value", 0.0),
            *(datum.get("Values") or []),
            *(datum.get("StatisticValues") or {}).values(),
        ]
        if not all(map(math.isfinite, numbers)):
            raise Refused("InvalidParameterValue", f"The value for the parameter {where}.Value is not a number.")
        at = datum.get("Timestamp")
        if at is not None and not -14 * _DAY <= at.timestamp() - clock.time() <= 7200:
            words = f"The parameter {where}.Timestamp must be at most two weeks ago and at most two hours ahead."
            raise Refused("InvalidParameterValue", words)
