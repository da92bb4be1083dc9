"""CloudWatch refuses alarms that cannot be evaluated."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from helpers.emulator import Emulator
from helpers.refusals import client, refused
from helpers.signals import ALARM

PLAIN = ALARM | {"AlarmName": "refused"}
MATH = {name: PLAIN[name] for name in ("AlarmName", "EvaluationPeriods", "Threshold", "ComparisonOperator")}


def stat(name: str, period: int = 60, **more: Any) -> dict[str, Any]:
    """A metric of an alarm on metric math."""
    metric = {"Namespace": "N", "MetricName": name}
    return {"Id": name, "ReturnData": False, "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}, **more}


def math(expression: str, *metrics: dict[str, Any]) -> dict[str, Any]:
    """An alarm on an expression."""
    return MATH | {"Metrics": [{"Id": "e", "Expression": expression}, *(metrics or (stat("a"), stat("b")))]}


def without(*names: str, **more: Any) -> dict[str, Any]:
    """The plain alarm without some members, and with others."""
    return {name: value for name, value in PLAIN.items() if name not in names} | more


@pytest.mark.parametrize(
    ("alarm", "words"),
    [
        (without("MetricName"), "must be specified"),
        (without("Statistic"), "Exactly one of Statistic and ExtendedStatistic"),
        (without(ExtendedStatistic="p90"), "Exactly one of Statistic and ExtendedStatistic"),
        (without("Period"), "Period is required"),
        (without(Period=45), "multiple of 60"),
        (without(Period=60, EvaluationPeriods=1441), "86400"),
        (without(DatapointsToAlarm=2), "less than or equal to EvaluationPeriods"),
        (without(TreatMissingData="good"), "TreatMissingData must be one of"),
        (without("Threshold"), "Threshold is required"),
        (without("Statistic", ExtendedStatistic="tm90"), "lacks"),
        (math("a / b") | {"MetricName": "m"}, "mutually exclusive"),
        (math("a / c"), "c in the expression a / c is no id"),
        (math("a /"), "Error in expression"),
        (math("SUM(a)"), "has to be a time series"),
        (math("[a, b]"), "single time series"),
        (math("METRICS()"), "single time series"),
        (math("a", stat("a", ReturnData=True)), "Exactly one element of the metrics list should return data."),
        (math("a", stat("a"), stat("a")), "not unique"),
        (math("a + b", stat("a"), stat("b", 300)), "Period must not be different"),
        (math("SEARCH('{N} m', 'Sum', 60)", stat("a")), "SEARCH is a function of AWS that this sandbox lacks"),
    ],
)
def test_alarms_that_are_not_made(aws: Emulator, alarm: dict[str, Any], words: str) -> None:
    refused(client(aws, "cloudwatch"), "put_metric_alarm", alarm, "ValidationError", words)


@pytest.mark.parametrize(
    "alarm",
    [
        PLAIN,
        without("Statistic", ExtendedStatistic="p99.9"),
        without(Period=10, EvaluationPeriods=30),
        without(Period=3600, EvaluationPeriods=168),
        without(EvaluationPeriods=5, DatapointsToAlarm=5, TreatMissingData="ignore"),
        math("IF(a > 1 AND b > 1, 100 * a / (a + b), 0)"),
        math("SUM(METRICS()) / FILL(b, 1)"),
        math("RATE(FILL(a, REPEAT))"),
    ],
)
def test_alarms_that_are_made(aws: Emulator, alarm: dict[str, Any]) -> None:
    cloudwatch = client(aws, "cloudwatch")
    cloudwatch.put_metric_alarm(**alarm)
    assert cloudwatch.describe_alarms(AlarmNames=["refused"])["MetricAlarms"]
    cloudwatch.delete_alarms(AlarmNames=["refused"])


def test_metric_data_without_a_value_or_out_of_time(aws: Emulator) -> None:
    cloudwatch, now = client(aws, "cloudwatch"), datetime.now(UTC)
    for datum, code in (
        ({"MetricName": "m"}, "MissingParameter"),
        ({"MetricName": "m", "Value": 1.0, "Timestamp": now - timedelta(days=15)}, "InvalidParameterValue"),
        ({"MetricName": "m", "Value": 1.0, "Timestamp": now + timedelta(hours=3)}, "InvalidParameterValue"),
    ):
        refused(cloudwatch, "put_metric_data", {"Namespace": "N", "MetricData": [datum]}, code, "MetricData.member.1")
    taken = [
        {"MetricName": "m", "Value": 0.0, "Timestamp": now - timedelta(days=13)},
        {"MetricName": "m", "Values": [1]},
    ]
    cloudwatch.put_metric_data(Namespace="N", MetricData=taken)


def test_a_range_of_data_that_ends_before_it_begins(aws: Emulator) -> None:
    now = datetime.now(UTC)
    asked = {"MetricDataQueries": [stat("a")], "StartTime": now, "EndTime": now - timedelta(minutes=1)}
    refused(client(aws, "cloudwatch"), "get_metric_data", asked, "ValidationError", "StartTime")
