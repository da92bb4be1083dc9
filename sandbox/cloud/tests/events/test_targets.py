"""Events and schedules reach the targets that let them in."""

import json
import secrets
from typing import Any

from helpers.emulator import ACCOUNT, REGION, Emulator
from helpers.signals import Subscriber, advance


class Rule:
    """A rule for events of a source of its own."""

    def __init__(self, aws: Emulator, target: str, **schedule: str) -> None:
        self.events, self.name = aws.client("events"), f"r-{secrets.token_hex(4)}"
        matched = schedule or {"EventPattern": json.dumps({"source": [self.name]})}
        self.arn = self.events.put_rule(Name=self.name, **matched)["RuleArn"]
        self.events.put_targets(Rule=self.name, Targets=[{"Id": "1", "Arn": target}])

    def send(self, **detail: Any) -> None:
        """Send an event that matches."""
        entry = {"Source": self.name, "DetailType": "Test", "Detail": json.dumps(detail)}
        assert self.events.put_events(Entries=[entry])["FailedEntryCount"] == 0


def statement(resource: str, action: str, source: str) -> str:
    """A policy that lets EventBridge in for a rule."""
    allowed = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": action}
    one = allowed | {"Resource": resource, "Condition": {"ArnEquals": {"aws:SourceArn": source}}}
    return json.dumps({"Version": "2012-10-17", "Statement": [one]})


def test_a_topic_has_to_let_eventbridge_in(moved: Emulator) -> None:
    subscriber = Subscriber(moved)
    rule, other = Rule(moved, subscriber.topic), Rule(moved, subscriber.topic)
    rule.send(number=0)  # a topic's own policy does not
    subscriber.let_in("events.amazonaws.com", rule.arn)
    rule.send(number=1)
    other.send(number=2)
    assert [each["detail"] for each in subscriber.messages()] == [{"number": 1}]


def test_a_queue_has_to_let_eventbridge_in(moved: Emulator) -> None:
    subscriber = Subscriber(moved)
    arn = subscriber.sqs.get_queue_attributes(QueueUrl=subscriber.url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    rule = Rule(moved, arn)
    rule.send(number=1)
    policy = statement(arn, "sqs:SendMessage", rule.arn)
    subscriber.sqs.set_queue_attributes(QueueUrl=subscriber.url, Attributes={"Policy": policy})
    rule.send(number=2)
    assert [each["detail"] for each in subscriber.received()] == [{"number": 2}]


def test_a_log_group_gets_events_as_lines_when_a_policy_says_so(moved: Emulator) -> None:
    logs, group = moved.client("logs"), f"/aws/events/{secrets.token_hex(4)}"
    logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}"
    rule = Rule(moved, arn)
    rule.send(number=1)
    assert logs.filter_log_events(logGroupName=group)["events"] == []
    policy = statement(f"{arn}:*", "logs:PutLogEvents", rule.arn)
    logs.put_resource_policy(policyName=group, policyDocument=policy)
    rule.send(number=2)
    [event] = logs.filter_log_events(logGroupName=group)["events"]
    assert json.loads(event["message"])["detail"] == {"number": 2}
    assert json.loads(event["message"])["detail-type"] == "Test"


def test_a_schedule_goes_by_the_clock(moved: Emulator) -> None:
    subscriber = Subscriber(moved)
    rule = Rule(moved, subscriber.topic, ScheduleExpression="rate(1 minute)")
    subscriber.let_in("events.amazonaws.com", rule.arn)
    advance(moved, 185)
    assert [each["detail-type"] for each in subscriber.messages()] == ["Scheduled Event"] * 3
    rule.events.disable_rule(Name=rule.name)
    advance(moved, 120)
    assert subscriber.received() == []
