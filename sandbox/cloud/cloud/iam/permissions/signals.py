"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html,
list_amazoneventbridgescheduler.html, list_amazoncloudwatch.html, list_amazonsns.html and list_awslambda.html.
"""

import re
from typing import Any

from ministack.core import iam_actions

from cloud.core import patch
from cloud.iam.permissions.checks import Check, Checks, arn, asks, pass_role, tags
from cloud.requests.rules import Call

_EVENT_INVOKE = re.compile(r"/functions/[^/]+/event-invoke-config/?$")
_VERBS = {"PUT": "Put", "POST": "Update", "GET": "Get", "DELETE": "Delete"}


@asks(
    "events",
    "DeleteRule DescribeRule DisableRule EnableRule ListTargetsByRule PutRule PutTargets RemoveTargets",
)
def _rule(call: Call) -> Checks:
    """A rule of the default bus is named without it."""
    asked = call.parameters
    bus = str(asked.get("EventBusName") or "default").rpartition("/")[2]
    name = asked.get("Rule") or asked["Name"]
    resource = arn(call, "events", f"rule/{name}" if bus == "default" else f"rule/{bus}/{name}")
    yield Check(f"events:{call.operation}", resource)
    yield from _tagged(resource, asked.get("Tags"))
    for target in asked.get("Targets") or []:
        yield from pass_role(target.get("RoleArn"), "events.amazonaws.com")


@asks("events", "ListTagsForResource TagResource UntagResource")
def _tags_of_rule(call: Call) -> Checks:
    yield Check(f"events:{call.operation}", call.parameters["ResourceARN"])


@asks("scheduler", "CreateSchedule DeleteSchedule GetSchedule UpdateSchedule")
def _schedule(call: Call) -> Checks:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/security_iam_id-based-policies.html: a role is passed."""
    asked = call.parameters
    resource = arn(call, "scheduler", f"schedule/{asked.get('GroupName') or 'default'}/{asked['Name']}")
    yield Check(f"scheduler:{call.operation}", resource)
    yield from pass_role((asked.get("Target") or {}).get("RoleArn"), "scheduler.amazonaws.com")


@asks("scheduler", "CreateScheduleGroup DeleteScheduleGroup GetScheduleGroup")
def _schedule_group(call: Call) -> Checks:
    resource = arn(call, "scheduler", f"schedule-group/{call.parameters['Name']}")
    yield Check(f"scheduler:{call.operation}", resource)
    yield from _tagged(resource, call.parameters.get("Tags"))


@asks("scheduler", "ListTagsForResource TagResource UntagResource")
def _tags_of_schedules(call: Call) -> Checks:
    yield Check(f"scheduler:{call.operation}", call.parameters["ResourceArn"])


@asks("cloudwatch", "PutCompositeAlarm PutMetricAlarm")
def _alarm(call: Call) -> Checks:
    resource = arn(call, "cloudwatch", f"alarm:{call.parameters['AlarmName']}")
    yield Check(f"cloudwatch:{call.operation}", resource)
    yield from _tagged(resource, call.parameters.get("Tags"))


@asks("cloudwatch", "DeleteAlarms")
def _alarms(call: Call) -> Checks:
    for name in call.parameters["AlarmNames"]:
        yield Check("cloudwatch:DeleteAlarms", arn(call, "cloudwatch", f"alarm:{name}"))


@asks("cloudwatch", "DeleteDashboards GetDashboard PutDashboard")
def _dashboards(call: Call) -> Checks:
    """A dashboard is of no region."""
    asked = call.parameters
    for name in asked.get("DashboardNames") or [asked["DashboardName"]]:
        yield Check(f"cloudwatch:{call.operation}", f"arn:aws:cloudwatch::{call.account}:dashboard/{name}")


@asks("cloudwatch", "ListTagsForResource TagResource UntagResource")
def _tags_of_alarm(call: Call) -> Checks:
    yield Check(f"cloudwatch:{call.operation}", call.parameters["ResourceARN"])


@asks("sns", "CreateTopic")
def _topic(call: Call) -> Checks:
    resource = arn(call, "sns", call.parameters["Name"])
    yield Check("sns:CreateTopic", resource)
    yield from _tagged(resource, call.parameters.get("Tags"))


@asks("sns", "ListTagsForResource TagResource UntagResource")
def _tags_of_topic(call: Call) -> Checks:
    yield Check(f"sns:{call.operation}", call.parameters["ResourceArn"])


@asks("lambda", "CreateFunction UpdateFunctionCode UpdateFunctionConfiguration")
def _function(call: Call) -> Checks:
    """https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html: who calls reads the archive as well."""
    asked = call.parameters
    resource = arn(call, "lambda", f"function:{asked['FunctionName'].rpartition(':')[2]}")
    yield Check(f"lambda:{call.operation}", resource)
    if given := asked.get("Tags"):
        yield from _tagged(resource, [{"Key": key, "Value": value} for key, value in given.items()])
    yield from pass_role(asked.get("Role"), "lambda.amazonaws.com")
    code = asked.get("Code") or asked
    if code.get("S3Bucket"):
        yield Check("s3:GetObject", f"arn:aws:s3:::{code['S3Bucket']}/{code['S3Key']}", alone=True)


def _tagged(resource: str, entries: Any) -> Checks:
    """Tags of something new take TagResource as well."""
    if entries:
        yield Check(f"{resource.split(':')[2]}:TagResource", resource, tags(entries), alone=True)


def _lambda_action(old: Any, method: str, path: str) -> Any:
    """How calls of a function are retried has actions of its own."""
    if _EVENT_INVOKE.search(path) and method in _VERBS:
        return f"{_VERBS[method]}FunctionEventInvokeConfig"
    return old(method, path)


def install() -> None:
    """Name the actions that MiniStack does not tell from others."""
    patch.wrap(iam_actions, "_lambda_action", _lambda_action, "method path")
