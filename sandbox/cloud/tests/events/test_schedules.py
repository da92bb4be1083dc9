"""Schedules go by the clock and their time zones, act by their roles, and are measured."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from helpers.emulator import ACCOUNT, REGION, Emulator, make_role
from helpers.sandbox import until
from helpers.signals import advance


class Schedule:
    """A schedule in a group of its own, which a queue or a cluster is the target of."""

    def __init__(self, aws: Emulator, target: dict[str, Any], expression: str, **more: Any) -> None:
        self.aws, self.group = aws, f"g-{secrets.token_hex(4)}"
        self.scheduler = aws.client("scheduler")
        self.scheduler.create_schedule_group(Name=self.group)
        self.scheduler.create_schedule(
            Name="s",
            GroupName=self.group,
            ScheduleExpression=expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target=target,
            **more,
        )

    def count(self, metric: str) -> float:
        """How often something was measured so far."""
        now = datetime.fromtimestamp(advance(self.aws, 1), UTC)
        found = self.aws.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Scheduler",
            MetricName=metric,
            Dimensions=[{"Name": "ScheduleGroup", "Value": self.group}],
            StartTime=now - timedelta(days=3),
            EndTime=now + timedelta(minutes=1),
            Period=60,
            Statistics=["Sum"],
        )
        return sum(each["Sum"] for each in found["Datapoints"])


def queue(aws: Emulator) -> tuple[str, str]:
    """A queue, and its ARN."""
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=f"q-{secrets.token_hex(4)}")["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def test_a_time_of_day_is_one_of_the_schedules_time_zone(moved: Emulator) -> None:
    url, arn = queue(moved)
    zone = ZoneInfo("Asia/Tokyo")
    now = advance(moved, 1)
    due = datetime.fromtimestamp(now, zone).replace(hour=3, minute=30, second=0, microsecond=0)
    due += timedelta(days=1) if due.timestamp() <= now + 60 else timedelta()
    target = {"Arn": arn, "RoleArn": make_role(moved, "scheduler.amazonaws.com")}
    Schedule(moved, target, "cron(30 3 ? * MON,TUE,WED,THU,FRI,SAT,SUN *)", ScheduleExpressionTimezone="Asia/Tokyo")
    sqs = moved.client("sqs")
    advance(moved, due.timestamp() - now - 30)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    advance(moved, 40)
    assert len(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]) == 1


def test_what_the_role_may_not_is_tried_again_and_then_dropped_and_measured(moved: Emulator) -> None:
    definition = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/t:1"
    target = {
        "Arn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/c",
        "RoleArn": make_role(moved, "scheduler.amazonaws.com"),
        "EcsParameters": {"TaskDefinitionArn": definition},
        "RetryPolicy": {"MaximumRetryAttempts": 1},
    }
    schedule = Schedule(moved, target, "rate(1 hour)")
    advance(moved, 3605)
    until("the call is dropped", lambda: schedule.count("InvocationDroppedCount"))
    assert schedule.count("InvocationDroppedCount") == 1
    assert (schedule.count("InvocationAttemptCount"), schedule.count("TargetErrorCount")) == (2, 2)
