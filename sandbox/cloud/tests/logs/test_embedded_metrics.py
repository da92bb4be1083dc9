"""Log events in the embedded metric format become metrics.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import cloudwatch

from cloud.logs import embedded_metrics

EVENT = {
    "_aws": {
        "Timestamp": 1574109732004,
        "CloudWatchMetrics": [
            {
                "Namespace": "lambda-function-metrics",
                "Dimensions": [["functionVersion"], []],
                "Metrics": [{"Name": "time", "Unit": "Milliseconds"}, {"Name": "many"}],
            }
        ],
    },
    "functionVersion": "$LATEST",
    "time": 100,
    "many": [1, 2.5],
}


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    """No metric of other tests."""
    cloudwatch._metrics.clear()
    yield
    cloudwatch._metrics.clear()


def found(event: Any) -> list[tuple[str, float, str, dict[str, str]]]:
    """The metrics of an event."""
    embedded_metrics.extract(event if isinstance(event, str) else json.dumps(event))
    points = [(key, point) for key, points in cloudwatch._metrics.items() for point in points]
    assert all(key[0] == "lambda-function-metrics" and point["Timestamp"] == 1574109732.004 for key, point in points)
    return [(key[1], point["Value"], point["Unit"], point["Dimensions"]) for key, point in points]


def test_each_metric_has_a_value_in_each_set_of_dimensions() -> None:
    version = {"functionVersion": "$LATEST"}
    assert sorted(map(str, found(EVENT))) == sorted(
        str((name, value, unit, dimensions))
        for dimensions in (version, {})
        for name, value, unit in (("time", 100.0, "Milliseconds"), ("many", 1.0, "None"), ("many", 2.5, "None"))
    )


def changed(**more: Any) -> dict[str, Any]:
    """The event with other members."""
    return copy.deepcopy(EVENT) | more


@pytest.mark.parametrize(
    "event",
    [
        "plain text about CloudWatchMetrics",
        '{"CloudWatchMetrics": []}',
        changed(time="100", many=["1"]),
        changed(_aws={"CloudWatchMetrics": EVENT["_aws"]["CloudWatchMetrics"]}),  # type: ignore[index]
        changed(many=list(range(101)), time=None),
    ],
)
def test_what_does_not_follow_the_format_is_a_line_and_no_more(event: Any) -> None:
    assert found(event) == []


def test_a_dimension_that_the_event_lacks_leaves_its_set_out() -> None:
    event = changed()
    del event["functionVersion"]
    assert {str(dimensions) for *_, dimensions in found(event)} == {"{}"}
