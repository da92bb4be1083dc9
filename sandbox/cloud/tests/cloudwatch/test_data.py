"""GetMetricData answers with the values of the metrics that are asked for, and of expressions."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from helpers.emulator import Emulator

NOW = time.time() // 60 * 60


def at(minutes: int) -> datetime:
    """So many minutes before now."""
    return datetime.fromtimestamp(NOW - 60 * minutes, UTC)


@pytest.fixture(scope="module")
def cloudwatch(aws: Emulator) -> Any:
    """A client, with values in the last minutes: 1, 2, 3, 4, and one of another combination of dimensions."""
    client = aws.client("cloudwatch")
    data = [{"MetricName": "n", "Value": 5.0 - minutes, "Timestamp": at(minutes)} for minutes in (4, 3, 2, 1)]
    data.append({"MetricName": "n", "Value": 100.0, "Timestamp": at(1), "Dimensions": [{"Name": "a", "Value": "b"}]})
    client.put_metric_data(Namespace="Data", MetricData=data)
    return client


def asked(cloudwatch: Any, *queries: dict[str, Any], **more: Any) -> dict[str, list[float]]:
    """The values of an answer by the ids of the queries."""
    found = cloudwatch.get_metric_data(MetricDataQueries=list(queries), StartTime=at(4), EndTime=at(0), **more)
    return {result["Id"]: result["Values"] for result in found["MetricDataResults"]}


def metric(period: int = 60, stat: str = "Sum", **more: Any) -> dict[str, Any]:
    """The query of the metric."""
    named = {"Namespace": "Data", "MetricName": "n"}
    return {"Id": "n", "MetricStat": {"Metric": named, "Period": period, "Stat": stat}, **more}


def test_the_latest_value_comes_first(cloudwatch: Any) -> None:
    assert asked(cloudwatch, metric()) == {"n": [4.0, 3.0, 2.0, 1.0]}
    assert asked(cloudwatch, metric(), ScanBy="TimestampAscending") == {"n": [1.0, 2.0, 3.0, 4.0]}


def test_periods_begin_with_the_range(cloudwatch: Any) -> None:
    assert asked(cloudwatch, metric(120)) == {"n": [7.0, 3.0]}
    assert asked(cloudwatch, metric(240, "Average")) == {"n": [2.5]}


def test_expressions_are_answered_and_metrics_can_be_left_out(cloudwatch: Any) -> None:
    double = {"Id": "e", "Expression": "2 * n"}
    assert asked(cloudwatch, double, metric(ReturnData=False)) == {"e": [8.0, 6.0, 4.0, 2.0]}
