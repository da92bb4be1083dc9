"""Alarms follow their metrics, and those who have to know are told."""

import json
import secrets
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from helpers.emulator import ACCOUNT, REGION, Emulator
from helpers.signals import Subscriber, advance

COMMON = {
    "Namespace": "Test",
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 5.0,
}


class Watched:
    """An alarm on a metric of its own."""

    def __init__(self, aws: Emulator, subscriber: Subscriber | None = None, **settings: Any) -> None:
        self.aws, self.cloudwatch, self.name = aws, aws.client("cloudwatch"), f"m-{secrets.token_hex(4)}"
        actions = [subscriber.topic] if subscriber else []
        named = {} if "Metrics" in settings else {**COMMON, "MetricName": self.name}
        alarm = {**named, "AlarmActions": actions, "OKActions": actions, **settings}
        self.cloudwatch.put_metric_alarm(AlarmName=self.name, **alarm)

    def publish(self, *values: float, name: str = "", **datum: Any) -> None:
        """A value in each of the next minutes."""
        for value in values:
            at = datetime.fromtimestamp(advance(self.aws, 0), UTC)
            metric = {"MetricName": name or self.name, "Value": value, "Timestamp": at, **datum}
            self.cloudwatch.put_metric_data(Namespace="Test", MetricData=[metric])
            advance(self.aws, 60)

    @property
    def shown(self) -> dict[str, Any]:
        """The alarm as CloudWatch shows it."""
        return self.cloudwatch.describe_alarms(AlarmNames=[self.name])["MetricAlarms"][0]

    @property
    def state(self) -> str:
        """Its state."""
        return self.shown["StateValue"]

    def history(self, kind: str) -> list[str]:
        """The summaries of the items of its history, the oldest first."""
        found = self.cloudwatch.describe_alarm_history(AlarmName=self.name, HistoryItemType=kind, MaxRecords=100)
        return [item["HistorySummary"] for item in reversed(found["AlarmHistoryItems"])]


def test_a_breach_is_told_and_its_end_as_well(moved: Emulator) -> None:
    subscriber = Subscriber(moved)
    alarm = Watched(moved, subscriber, AlarmDescription="what to do", Dimensions=[{"Name": "n", "Value": "v"}])
    dimensions = {"Dimensions": [{"Name": "n", "Value": "v"}]}
    alarm.publish(1.0, **dimensions)
    assert alarm.state == "OK"
    subscriber.received()
    alarm.publish(9.0, **dimensions)
    assert alarm.state == "ALARM"
    [notification] = subscriber.received()
    assert notification["Subject"] == f'ALARM: "{alarm.name}" in US West (N. California)'
    said = json.loads(notification["Message"])
    assert (said["OldStateValue"], said["NewStateValue"]) == ("OK", "ALARM")
    assert said["NewStateReason"].startswith("Threshold Crossed: 1 datapoint [9.0 (")
    assert (said["AlarmDescription"], said["AWSAccountId"]) == ("what to do", ACCOUNT)
    assert said["AlarmArn"] == f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{alarm.name}"
    assert said["Trigger"]["Dimensions"] == [{"value": "v", "name": "n"}]
    assert (said["Trigger"]["Statistic"], said["Trigger"]["Threshold"]) == ("MAXIMUM", 5.0)
    alarm.publish(1.0, **dimensions)
    assert [each["NewStateValue"] for each in subscriber.messages()] == ["OK"]
    assert json.loads(alarm.shown["StateReasonData"])["recentDatapoints"] == [1.0]


def test_an_alarm_is_told_once_while_it_lasts(moved: Emulator) -> None:
    subscriber = Subscriber(moved)
    alarm = Watched(moved, subscriber)
    alarm.publish(9.0, 9.0, 9.0)
    assert [each["NewStateValue"] for each in subscriber.messages()] == ["ALARM"]
    assert alarm.history("Action") == [f"Successfully executed action {subscriber.topic}"]


def test_another_combination_of_dimensions_is_another_metric(moved: Emulator) -> None:
    alarm = Watched(moved)
    alarm.publish(9.0, Dimensions=[{"Name": "n", "Value": "v"}])
    assert alarm.state == "INSUFFICIENT_DATA"


def test_an_alarm_on_a_unit_looks_at_no_other(moved: Emulator) -> None:
    alarm = Watched(moved, Unit="Count")
    alarm.publish(9.0, Unit="Seconds")
    assert alarm.state == "INSUFFICIENT_DATA"
    alarm.publish(9.0, Unit="Count")
    assert alarm.state == "ALARM"


def test_two_of_three(moved: Emulator) -> None:
    alarm = Watched(moved, EvaluationPeriods=3, DatapointsToAlarm=2)
    alarm.publish(9.0, 1.0, 1.0)
    assert alarm.state == "OK"
    alarm.publish(9.0, 9.0)
    assert alarm.state == "ALARM"
    assert "2 out of the last 3 datapoints" in alarm.shown["StateReason"]


@pytest.mark.parametrize(
    ("treatment", "state"),
    [("missing", "INSUFFICIENT_DATA"), ("ignore", "OK"), ("breaching", "ALARM"), ("notBreaching", "OK")],
)
def test_silence_is_what_the_alarm_takes_it_for(moved: Emulator, treatment: str, state: str) -> None:
    alarm = Watched(moved, TreatMissingData=treatment)
    alarm.publish(1.0)
    assert alarm.state == "OK"
    advance(moved, 240)
    assert alarm.state == state


def test_a_rate_with_a_least_number_of_runs(moved: Emulator) -> None:
    name = f"runs-{secrets.token_hex(4)}"
    stats = {"Period": 60, "Stat": "Sum"}
    metrics = [
        {"Id": "rate", "Expression": "IF(failed + done >= 5, 100 * failed / (failed + done), 0)", "Label": "rate"},
        *(
            {
                "Id": each,
                "ReturnData": False,
                "MetricStat": {**stats, "Metric": {"Namespace": "Test", "MetricName": f"{name}-{each}"}},
            }
            for each in ("failed", "done")
        ),
    ]
    alarm = Watched(
        moved,
        Metrics=metrics,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=10.0,
        TreatMissingData="notBreaching",
    )
    alarm.publish(2.0, name=f"{name}-failed")
    assert alarm.state == "OK"
    alarm.publish(9.0, name=f"{name}-failed")
    assert alarm.state == "ALARM"
    assert "[100.0 (" in alarm.shown["StateReason"]


def test_a_state_that_was_set_acts_and_lasts_until_the_next_evaluation(moved: Emulator) -> None:
    subscriber = Subscriber(moved)
    alarm = Watched(moved, subscriber)
    alarm.publish(1.0)
    subscriber.received()
    alarm.cloudwatch.set_alarm_state(AlarmName=alarm.name, StateValue="ALARM", StateReason="a test")
    assert [each["NewStateReason"] for each in subscriber.messages()] == ["a test"]
    alarm.publish(1.0)
    assert alarm.state == "OK"


def test_disabled_actions_do_nothing(moved: Emulator) -> None:
    subscriber = Subscriber(moved)
    alarm = Watched(moved, subscriber, ActionsEnabled=False)
    alarm.publish(9.0)
    assert alarm.state == "ALARM"
    assert subscriber.received() == []


def test_a_composite_alarm_tells_for_its_children(moved: Emulator) -> None:
    subscriber = Subscriber(moved)
    first, second = Watched(moved), Watched(moved)
    name, rule = f"c-{secrets.token_hex(4)}", f"ALARM({first.name}) AND NOT ALARM({second.name})"
    first.cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=rule, AlarmActions=[subscriber.topic])
    first.publish(9.0)
    [said] = subscriber.messages()
    assert (said["AlarmName"], said["NewStateValue"], said["AlarmRule"]) == (name, "ALARM", rule)
    assert [each["Arn"] for each in said["TriggeringChildren"]] == [first.shown["AlarmArn"]]


def key(moved: Emulator, *statements: dict[str, Any]) -> str:
    """A key that the account may use, and whom the statements name."""
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [root, *statements]}
    return moved.client("kms").create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]


LETS_IN = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudwatch.amazonaws.com"},
    "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
    "Resource": "*",
}


@pytest.mark.parametrize(
    ("statements", "told"),
    [([LETS_IN], True), ([], False), ([{**LETS_IN, "Action": "kms:Decrypt"}], False)],
)
def test_the_key_of_a_topic_has_to_let_cloudwatch_in(
    moved: Emulator, statements: list[dict[str, Any]], told: bool
) -> None:
    subscriber = Subscriber(moved, KmsMasterKeyId=key(moved, *statements))
    alarm = Watched(moved, subscriber)
    alarm.publish(9.0)
    assert bool(subscriber.received()) is told
    failed = f'Failed to execute action {subscriber.topic}. Received error: "CloudWatch Alarms does not have'
    assert alarm.history("Action")[0].startswith("Successfully" if told else failed)


def test_the_managed_key_of_sns_lets_no_alarm_in(moved: Emulator) -> None:
    subscriber = Subscriber(moved, KmsMasterKeyId="alias/aws/sns")
    alarm = Watched(moved, subscriber)
    alarm.publish(9.0)
    assert subscriber.received() == []
    assert "authorization to access the SNS topic encryption key" in alarm.history("Action")[0]


@pytest.mark.parametrize(
    ("principal", "source", "told"),
    [
        ({"Service": "cloudwatch.amazonaws.com"}, f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:*", True),
        ({"Service": "cloudwatch.amazonaws.com"}, f"arn:aws:cloudwatch:{REGION}:444455556666:alarm:*", False),
        ({"Service": "events.amazonaws.com"}, "*", False),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "*", False),
    ],
)
def test_the_policy_of_a_topic_has_to_let_cloudwatch_in(
    moved: Emulator, principal: dict[str, str], source: str, told: bool
) -> None:
    subscriber = Subscriber(moved)
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sns:Publish",
        "Resource": subscriber.topic,
        "Condition": {"ArnLike": {"aws:SourceArn": source}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    subscriber.sns.set_topic_attributes(TopicArn=subscriber.topic, AttributeName="Policy", AttributeValue=policy)
    Watched(moved, subscriber).publish(9.0)
    assert bool(subscriber.received()) is told


def test_an_alarm_that_fires_without_a_request_tells_a_topic_that_wants_tls(moved: Emulator) -> None:
    subscriber = Subscriber(moved)
    everything = {"Action": "sns:Publish", "Resource": subscriber.topic}
    statements = [
        {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, **everything},
        {"Effect": "Deny", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}, **everything},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    subscriber.sns.set_topic_attributes(TopicArn=subscriber.topic, AttributeName="Policy", AttributeValue=policy)
    alarm = Watched(moved, subscriber)
    at = datetime.fromtimestamp(advance(moved, 0) - COMMON["Period"], UTC)
    alarm.cloudwatch.put_metric_data(
        Namespace="Test", MetricData=[{"MetricName": alarm.name, "Value": 9.0, "Timestamp": at}]
    )
    alarm.cloudwatch.set_alarm_state(AlarmName=alarm.name, StateValue="INSUFFICIENT_DATA", StateReason="a test")
    subscriber.received()
    # The clock, which nobody moves, evaluates every ten seconds.
    for _ in range(60):
        if alarm.history("Action")[1:]:
            break
        time.sleep(0.5)
    assert "Successfully" in alarm.history("Action")[-1]


def test_a_topic_that_is_not_there_is_said_in_the_history(moved: Emulator) -> None:
    alarm = Watched(moved, AlarmActions=[f"arn:aws:sns:{REGION}:{ACCOUNT}:none"])
    alarm.publish(9.0)
    assert "Received error" in alarm.history("Action")[0]


def test_eventbridge_hears_of_a_change(moved: Emulator) -> None:
    events, subscriber = moved.client("events"), Subscriber(moved)
    alarm = Watched(moved)
    pattern = {"source": ["aws.cloudwatch"], "detail": {"alarmName": [alarm.name], "state": {"value": ["ALARM"]}}}
    events.put_rule(Name=alarm.name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=alarm.name, Targets=[{"Id": "1", "Arn": subscriber.topic}])
    subscriber.let_in("events.amazonaws.com")
    alarm.publish(1.0, 9.0)
    [event] = subscriber.messages()
    assert event["detail-type"] == "CloudWatch Alarm State Change"
    assert event["resources"] == [alarm.shown["AlarmArn"]]
    assert event["detail"]["previousState"]["value"] == "OK"
    assert event["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]["name"] == alarm.name
