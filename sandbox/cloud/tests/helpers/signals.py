"""A subscriber that a test can read, and the clock of the account that it can move."""

import json
import secrets
import urllib.request
from typing import Any

from helpers.emulator import Emulator

# What CloudWatch takes as an alarm, but for its name.
ALARM = {
    "Namespace": "N",
    "MetricName": "m",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
}


def advance(aws: Emulator, seconds: float) -> float:
    """Move the account's clock, and answer its time."""
    url = f"http://127.0.0.1:{aws.port}/_sandbox/clock?advance={seconds}"
    with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=60) as answer:
        return float(json.load(answer)["time"])


class Subscriber:
    """A queue that gets what is published to a topic."""

    def __init__(self, aws: Emulator, **attributes: str) -> None:
        self.sns, self.sqs, name = aws.client("sns"), aws.client("sqs"), f"t-{secrets.token_hex(4)}"
        self.topic = self.sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]
        self.url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = f"arn:aws:sqs:{aws.region}:{self.topic.split(':')[4]}:{name}"
        allowed = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = {"Version": "2012-10-17", "Statement": [allowed | {"Resource": arn}]}
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": json.dumps(policy)})
        self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)

    def let_in(self, service: str, source: str = "*") -> None:
        """Let a service publish to the topic, and nobody else."""
        allowed = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sns:Publish"}
        one = allowed | {"Resource": self.topic, "Condition": {"ArnLike": {"aws:SourceArn": source}}}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [one]})
        self.sns.set_topic_attributes(TopicArn=self.topic, AttributeName="Policy", AttributeValue=policy)

    def received(self) -> list[dict[str, Any]]:
        """The notifications since the last time."""
        found = []
        while messages := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def messages(self) -> list[dict[str, Any]]:
        """What the notifications since the last time say."""
        return [json.loads(each["Message"]) for each in self.received()]
