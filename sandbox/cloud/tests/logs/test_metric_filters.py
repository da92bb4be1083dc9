"""Log events become metrics, and alarms hear of them."""

import json
import secrets
from typing import Any

import pytest
from helpers.emulator import Emulator
from helpers.refusals import client, refused
from helpers.signals import advance


class Group:
    """A log group with one metric filter."""

    def __init__(self, aws: Emulator, pattern: str, **transformation: Any) -> None:
        self.aws, self.logs, self.name = aws, aws.client("logs"), f"g-{secrets.token_hex(4)}"
        self.logs.create_log_group(logGroupName=self.name)
        self.logs.create_log_stream(logGroupName=self.name, logStreamName="s")
        self.metric = {"metricName": self.name, "metricNamespace": "Logs", "metricValue": "1", **transformation}
        self.put(pattern)

    def put(self, pattern: str) -> None:
        """Make the filter, or change it."""
        given = {"filterName": "f", "filterPattern": pattern, "metricTransformations": [self.metric]}
        self.logs.put_metric_filter(logGroupName=self.name, **given)

    def write(self, *messages: str | dict[str, Any]) -> None:
        """Write events, and let a minute pass."""
        now = int(advance(self.aws, 0) * 1000)
        texts = [each if isinstance(each, str) else json.dumps(each) for each in messages]
        events = [{"timestamp": now, "message": text} for text in texts]
        if events:
            self.logs.put_log_events(logGroupName=self.name, logStreamName="s", logEvents=events)
        advance(self.aws, 60)

    def values(self, statistic: str = "Sum", **dimensions: str) -> list[float]:
        """The metric's values, the oldest first."""
        now = advance(self.aws, 0)
        named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
        metric = {"Namespace": "Logs", "MetricName": self.name, "Dimensions": named}
        found = self.aws.client("cloudwatch").get_metric_data(
            MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": statistic}}],
            StartTime=now - 3600,
            EndTime=now + 60,
            ScanBy="TimestampAscending",
        )
        return found["MetricDataResults"][0]["Values"]


def test_matches_are_counted_minute_by_minute(moved: Emulator) -> None:
    group = Group(moved, '{ $.level = "ERROR" }')
    group.write({"level": "ERROR"}, {"level": "INFO"}, {"level": "ERROR"}, "ERROR")
    group.write({"level": "INFO"})
    group.write({"level": "ERROR"})
    assert group.values() == [2.0, 1.0]


def test_a_minute_with_events_and_no_match_has_the_default_value(moved: Emulator) -> None:
    group = Group(moved, "ERROR", defaultValue=0.0)
    group.write("ERROR", "fine")
    group.write("fine", "fine")
    group.write()
    group.write("ERROR")
    assert group.values() == [1.0, 0.0, 1.0]
    assert group.values("SampleCount") == [1.0, 1.0, 1.0]


def test_values_of_the_event_are_published(moved: Emulator) -> None:
    group = Group(moved, "{ $.latency = * }", metricValue="$.latency", unit="Milliseconds")
    group.write({"latency": 50}, {"latency": 70.5}, {"latency": "slow"}, {"other": 1})
    assert group.values("Maximum") == [70.5]
    assert group.values("SampleCount") == [2.0]


def test_fields_of_a_line_are_values_and_dimensions(moved: Emulator) -> None:
    group = Group(moved, "[server, status = 4*, bytes]", metricValue="$bytes", dimensions={"Server": "$server"})
    group.write("a 404 100", "b 404 7", "a 200 1", "a 400 50")
    assert group.values(Server="a") == [150.0]
    assert group.values(Server="b") == [7.0]
    assert group.values() == []


def test_an_event_without_a_dimension_is_not_counted(moved: Emulator) -> None:
    group = Group(moved, "{ $.job = * || $.level = * }", dimensions={"Job": "$.job"})
    group.write({"job": "a", "level": "x"}, {"level": "x"})
    assert group.values(Job="a") == [1.0]
    assert group.values() == []


def test_a_changed_filter_counts_what_comes_later(moved: Emulator) -> None:
    group = Group(moved, "one")
    group.write("one", "two")
    group.put("two")
    group.write("one", "two", "two")
    assert group.values() == [1.0, 2.0]
    group.logs.delete_metric_filter(logGroupName=group.name, filterName="f")
    group.write("two")
    assert group.values() == [1.0, 2.0]


def test_an_alarm_hears_of_a_line(moved: Emulator) -> None:
    group = Group(moved, "RUN_FAILURE", defaultValue=0.0)
    cloudwatch = moved.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=group.name,
        Namespace="Logs",
        MetricName=group.name,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    states = []
    for line in ("RUN_SUCCESS", "RUN_FAILURE", "RUN_SUCCESS"):
        group.write(line)
        states.append(cloudwatch.describe_alarms(AlarmNames=[group.name])["MetricAlarms"][0]["StateValue"])
    assert states == ["OK", "ALARM", "OK"]


def test_a_pattern_is_tried_on_messages(moved: Emulator) -> None:
    tried = moved.client("logs").test_metric_filter(
        filterPattern="[ip, status = 4*]", logEventMessages=["a 200", "b 404"]
    )["matches"]
    assert tried == [{"eventNumber": 1, "eventMessage": "b 404", "extractedValues": {"$ip": "b", "$status": "404"}}]


PLAIN = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
JSON = "{ $.a = * }"


@pytest.mark.parametrize(
    ("pattern", "transformation", "words"),
    [
        ("{ $.a }", PLAIN, "Invalid filter pattern"),
        ("a:b", PLAIN, "Invalid character(s) in term 'a:b'"),
        ("{ $.a = %x% || $.b = %y% || $.c = %z% }", PLAIN, "up to two regular expressions"),
        (JSON, {**PLAIN, "metricValue": "one"}, "metric value one must be a valid number"),
        (JSON, {**PLAIN, "dimensions": {"a": "$.a"}, "defaultValue": 0}, "mutually exclusive"),
        (JSON, {**PLAIN, "dimensions": {"a": "a"}}, "dimension value must be valid selector"),
        (JSON, {**PLAIN, "dimensions": {name: "$.a" for name in "abcd"}}, "up to three dimensions"),
        ("a", {**PLAIN, "dimensions": {"a": "$.a"}}, "a pattern on JSON or on fields"),
    ],
)
def test_filters_that_are_not_made(moved: Emulator, pattern: str, transformation: dict[str, Any], words: str) -> None:
    logs = client(moved, "logs")
    given = {"logGroupName": "g", "filterName": "f", "filterPattern": pattern}
    code = "InvalidParameterException"
    refused(logs, "put_metric_filter", given | {"metricTransformations": [transformation]}, code, words)


def test_a_sixth_filter_with_a_regular_expression_is_one_too_many(moved: Emulator) -> None:
    logs, name = client(moved, "logs"), f"g-{secrets.token_hex(4)}"
    logs.create_log_group(logGroupName=name)
    given = {"logGroupName": name, "metricTransformations": [PLAIN]}
    for number in range(5):
        logs.put_metric_filter(**given, filterName=str(number), filterPattern="%a%")
    sixth = given | {"filterName": "5", "filterPattern": "%a%"}
    refused(logs, "put_metric_filter", sixth, "LimitExceededException", "Resource limit exceeded.")
    logs.put_metric_filter(**given, filterName="0", filterPattern="%b%")
    logs.put_metric_filter(**given, filterName="5", filterPattern="a")
