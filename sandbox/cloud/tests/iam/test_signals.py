"""Calls about what tells of faults take the permissions that AWS's reference names."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from helpers import signals
from helpers.emulator import ACCOUNT, REGION, Emulator, allow, assume, make_role

HERE = f"{REGION}:{ACCOUNT}"
RULE, ALARM, TOPIC = f"arn:aws:events:{HERE}:rule/r", f"arn:aws:cloudwatch:{HERE}:alarm:a", f"arn:aws:sns:{HERE}:t"
SUBSCRIPTION = f"arn:aws:rds:{HERE}:es:s"
DASHBOARD = f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/d"
GROUP, OF_GROUP = f"arn:aws:scheduler:{HERE}:schedule-group/g", f"arn:aws:scheduler:{HERE}:schedule/g/s"
FUNCTION = f"arn:aws:lambda:{HERE}:function:f"
EMPTY = b"PK\x05\x06" + bytes(18)  # an archive with nothing in it
TAGS = [{"Key": "a", "Value": "b"}]
PLAIN = signals.ALARM | {"AlarmName": "a"}
SCHEDULE = {"Name": "r", "ScheduleExpression": "rate(1 hour)"}
# The service, the call, its parameters, and what it has to be allowed: the action and the resource.
CALLS: list[tuple[str, str, dict, list[tuple[str, str]]]] = [
    ("events", "put_rule", SCHEDULE, [("events:PutRule", RULE)]),
    ("events", "put_rule", SCHEDULE | {"EventBusName": "default", "Tags": TAGS}, [("events:TagResource", RULE)]),
    ("events", "describe_rule", {"Name": "r"}, [("events:DescribeRule", RULE)]),
    ("events", "list_targets_by_rule", {"Rule": "r"}, [("events:ListTargetsByRule", RULE)]),
    ("events", "list_tags_for_resource", {"ResourceARN": RULE}, [("events:ListTagsForResource", RULE)]),
    (
        "scheduler",
        "create_schedule_group",
        {"Name": "made"},
        [("scheduler:CreateScheduleGroup", f"arn:aws:scheduler:{HERE}:schedule-group/made")],
    ),
    (
        "scheduler",
        "create_schedule_group",
        {"Name": "tagged", "Tags": TAGS},
        [("scheduler:TagResource", f"arn:aws:scheduler:{HERE}:schedule-group/tagged")],
    ),
    ("scheduler", "get_schedule", {"Name": "s", "GroupName": "g"}, [("scheduler:GetSchedule", OF_GROUP)]),
    ("scheduler", "delete_schedule", {"Name": "s", "GroupName": "g"}, [("scheduler:DeleteSchedule", OF_GROUP)]),
    ("scheduler", "list_tags_for_resource", {"ResourceArn": GROUP}, [("scheduler:ListTagsForResource", GROUP)]),
    ("cloudwatch", "put_metric_alarm", PLAIN, [("cloudwatch:PutMetricAlarm", ALARM)]),
    ("cloudwatch", "put_metric_alarm", PLAIN | {"Tags": TAGS}, [("cloudwatch:TagResource", ALARM)]),
    ("cloudwatch", "list_tags_for_resource", {"ResourceARN": ALARM}, [("cloudwatch:ListTagsForResource", ALARM)]),
    (
        "cloudwatch",
        "put_composite_alarm",
        {"AlarmName": "a", "AlarmRule": "TRUE"},
        [("cloudwatch:PutCompositeAlarm", ALARM)],
    ),
    ("cloudwatch", "delete_alarms", {"AlarmNames": ["a"]}, [("cloudwatch:DeleteAlarms", ALARM)]),
    (
        "cloudwatch",
        "put_dashboard",
        {"DashboardName": "d", "DashboardBody": '{"widgets": []}'},
        [("cloudwatch:PutDashboard", DASHBOARD)],
    ),
    ("cloudwatch", "get_dashboard", {"DashboardName": "d"}, [("cloudwatch:GetDashboard", DASHBOARD)]),
    ("cloudwatch", "delete_dashboards", {"DashboardNames": ["d"]}, [("cloudwatch:DeleteDashboards", DASHBOARD)]),
    ("sns", "create_topic", {"Name": "t"}, [("sns:CreateTopic", TOPIC)]),
    ("sns", "create_topic", {"Name": "t", "Tags": TAGS}, [("sns:TagResource", TOPIC)]),
    (
        "rds",
        "create_event_subscription",
        {"SubscriptionName": "s", "SnsTopicArn": TOPIC, "Tags": TAGS},
        [("rds:CreateEventSubscription", SUBSCRIPTION), ("rds:AddTagsToResource", SUBSCRIPTION)],
    ),
    ("sns", "list_tags_for_resource", {"ResourceArn": TOPIC}, [("sns:ListTagsForResource", TOPIC)]),
]


def refused(call: Any, **parameters: Any) -> str:
    """What a call that is refused says."""
    with pytest.raises(ClientError, match="(?i)not authorized") as error:
        call(**parameters)
    return str(error.value)


@pytest.mark.parametrize(("service", "name", "parameters", "needed"), CALLS)
def test_a_call_takes_what_the_reference_names(
    aws: Emulator, service: str, name: str, parameters: dict, needed: list
) -> None:
    own = f"{service}:{''.join(part.title() for part in name.split('_'))}"
    needed = needed if needed[0][0] == own else [(own, needed[0][1]), *needed]
    statements = [allow([action], [resource]) for action, resource in needed]
    if name.startswith(("describe", "list", "get", "delete")):
        make(aws)
    for without, (action, resource) in zip(statements, needed, strict=True):
        rest = [each for each in statements if each is not without]
        said = refused(getattr(aws.client(service, **assume(aws, *rest)), name), **parameters)
        assert action.lower() in said.lower()
        assert resource in said
    getattr(aws.client(service, **assume(aws, *statements)), name)(**parameters)


def make(aws: Emulator) -> None:
    """What is read or deleted."""
    aws.client("events").put_rule(**SCHEDULE)
    aws.client("cloudwatch").put_metric_alarm(**PLAIN)
    aws.client("cloudwatch").put_dashboard(DashboardName="d", DashboardBody='{"widgets": []}')
    aws.client("sns").create_topic(Name="t")
    schedules = aws.client("scheduler")
    if not schedules.list_schedule_groups(NamePrefix="g")["ScheduleGroups"]:
        schedules.create_schedule_group(Name="g")
    if not schedules.list_schedules(NamePrefix="s")["Schedules"]:
        schedules.create_schedule(**of_group(make_role(aws, "scheduler.amazonaws.com")))


def of_group(role: str) -> dict[str, Any]:
    """A schedule that acts as a role."""
    target = {"Arn": f"arn:aws:sqs:{HERE}:q", "RoleArn": role}
    hourly = {"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    return hourly | {"Name": "s", "GroupName": "g"}


def test_schedules_take_the_right_to_pass_their_role(aws: Emulator) -> None:
    make(aws)
    role = make_role(aws, "scheduler.amazonaws.com")
    update = allow(["scheduler:UpdateSchedule"], [OF_GROUP])
    passes = allow(["iam:PassRole"], [role], {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}})
    asked = of_group(role)
    assert "iam:PassRole" in refused(aws.client("scheduler", **assume(aws, update)).update_schedule, **asked)
    aws.client("scheduler", **assume(aws, update, passes)).update_schedule(**asked)


def test_targets_with_a_role_take_the_right_to_pass_it(aws: Emulator) -> None:
    aws.client("events").put_rule(**SCHEDULE)
    role = make_role(aws, "events.amazonaws.com")
    target = {"Id": "1", "Arn": f"arn:aws:ecs:{HERE}:cluster/c", "RoleArn": role}
    target["EcsParameters"] = {"TaskDefinitionArn": f"arn:aws:ecs:{HERE}:task-definition/t"}
    put = allow(["events:PutTargets"], [RULE])
    passes = allow(["iam:PassRole"], [role], {"StringEquals": {"iam:PassedToService": "events.amazonaws.com"}})
    assert "iam:PassRole" in refused(aws.client("events", **assume(aws, put)).put_targets, Rule="r", Targets=[target])
    aws.client("events", **assume(aws, put, passes)).put_targets(Rule="r", Targets=[target])


def test_a_function_takes_its_role_its_archive_and_its_tags(aws: Emulator) -> None:
    role = make_role(aws, "lambda.amazonaws.com")
    aws.client("s3").create_bucket(Bucket="archives", CreateBucketConfiguration={"LocationConstraint": REGION})
    aws.client("s3").put_object(Bucket="archives", Key="f.zip", Body=EMPTY)
    statements = {
        "lambda:CreateFunction": allow(["lambda:CreateFunction"], [FUNCTION]),
        "lambda:TagResource": allow(["lambda:TagResource"], [FUNCTION]),
        "iam:PassRole": allow(
            ["iam:PassRole"], [role], {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
        ),
        "s3:GetObject": allow(["s3:GetObject"], ["arn:aws:s3:::archives/f.zip"]),
    }
    asked = {
        "FunctionName": "f",
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Role": role,
        "Code": {"S3Bucket": "archives", "S3Key": "f.zip"},
        "Tags": {"a": "b"},
    }
    for action in statements:
        rest = [each for name, each in statements.items() if name != action]
        assert action in refused(aws.client("lambda", **assume(aws, *rest)).create_function, **asked)
    aws.client("lambda", **assume(aws, *statements.values())).create_function(**asked)
    put = aws.client("lambda", **assume(aws, allow(["lambda:PutFunctionEventInvokeConfig"], [FUNCTION])))
    put.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=0)
    other = aws.client("lambda", **assume(aws, allow(["lambda:UpdateFunctionCode"], [FUNCTION])))
    assert "PutFunctionEventInvokeConfig" in refused(
        other.put_function_event_invoke_config, FunctionName="f", MaximumRetryAttempts=0
    )
