"""Deliver events to the targets that let EventBridge in, by the clock, and run tasks and write logs.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html: functions, topics, queues and log
groups let ``events.amazonaws.com`` in by their own policies, which see the rule as ``aws:SourceArn``; a task is run by
the role of the target (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html). A schedule
of EventBridge Scheduler acts as its role in all. MiniStack asks nobody, runs no tasks and writes no logs.
"""

import json
import logging
import uuid
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs, eventbridge, lambda_svc, sqs

from cloud.core import clock, patch, threads
from cloud.iam import role_session, trust
from cloud.sns import publish

# What this module uses of MiniStack.
NEEDS = {
    cloudwatch_logs: "_create_log_stream _log_group_policies _log_groups _put_log_events _resource_policies",
    eventbridge: "_tick_scheduled_rules",
    iam_evaluator: "EvalContext evaluate_resource_policy",
    lambda_svc: "function_policy_for_arn",
    sqs: "queue_policy_allows",
}

log = logging.getLogger(__name__)
_PRINCIPAL, _SCHEDULER = "events.amazonaws.com", "scheduler.amazonaws.com"
# Often: a schedule of a minute would else miss one now and then.
_EVERY_SECONDS = 1


def _invoke(old: Any, target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
    """Deliver an event, if the target lets its sender in."""
    arn, source = target["Arn"], rule["Arn"]
    service, scheduled = arn.split(":")[2], ":schedule/" in source
    if refused := "" if scheduled or service == "ecs" else _as_service(arn, source):
        log.warning("%s does not reach %s: %s", source, arn, refused)
    elif service == "ecs":
        threads.start(_as_role, target, source, name="events-role")
    elif service == "logs":
        _write(arn, event)
    elif not scheduled or trust.assumable(target.get("RoleArn") or "", _SCHEDULER, get_region(), source):
        old(target, event, rule, view)


def _as_service(arn: str, source: str) -> str:
    """Why a target does not let EventBridge in; empty where it does."""
    service = arn.split(":")[2]
    if service == "lambda" and not _function_lets_in(arn, source):
        return "the function's policy does not allow lambda:InvokeFunction"
    if service == "sqs" and not sqs.queue_policy_allows(arn, _PRINCIPAL, source, get_account_id()):
        return "the queue's policy does not allow sqs:SendMessage"
    if service == "sns":
        try:
            publish.check(arn, _PRINCIPAL, source)
        except publish.NotPublished as refused:
            return f"{type(refused).__name__}"
    if service == "logs" and not _group_lets_in(arn, source):
        return "no resource policy of CloudWatch Logs allows logs:PutLogEvents"
    return ""


def _allowed(policy: str, action: str, arn: str, source: str) -> bool:
    asked = iam_evaluator.EvalContext(
        principal_arn=_PRINCIPAL,
        principal_type="Service",
        principal_account=get_account_id(),
        action=action,
        resource_arn=arn,
        region=get_region(),
        service_context={"aws:sourcearn": source, "aws:sourceaccount": get_account_id()},
    )
    return iam_evaluator.evaluate_resource_policy(policy, asked, service=_PRINCIPAL).decision == "Allow"


def _function_lets_in(arn: str, source: str) -> bool:
    found = lambda_svc.function_policy_for_arn(arn)
    return found is not None and _allowed(json.dumps(found[0]), "lambda:InvokeFunction", arn, source)


def _group_lets_in(arn: str, source: str) -> bool:
    group = arn.removesuffix(":*")
    policies = [*cloudwatch_logs._resource_policies.values(), *cloudwatch_logs._log_group_policies.values()]
    stream = f"{group}:log-stream:any"
    return any(_allowed(each["policyDocument"], "logs:PutLogEvents", stream, source) for each in policies)


def _as_role(target: dict[str, Any], source: str) -> None:
    if refused := by_role(target, source):
        log.warning("%s does not reach %s: %s", source, target["Arn"], refused)


def by_role(target: dict[str, Any], source: str) -> str:
    """Do what only the target's role may: run a task, or, for a schedule, invoke a function; why not, or nothing."""
    role, region = target.get("RoleArn") or "", get_region()
    principal = _SCHEDULER if ":schedule/" in source else _PRINCIPAL
    if not trust.assumable(role, principal, region, source):
        return f"the role {role} cannot be assumed"
    credentials = role_session.assume(role, uuid.uuid4().hex)
    service = target["Arn"].split(":")[2]
    client = role_session.client(service, credentials, region)
    try:
        if service == "lambda":
            client.invoke(FunctionName=target["Arn"], InvocationType="Event", Payload=target.get("Input") or "{}")
        else:
            client.run_task(**_task(target))
    except client.exceptions.ClientError as error:
        return str(error)
    return ""


def _task(target: dict[str, Any]) -> dict[str, Any]:
    """The parameters of RunTask: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EcsParameters.html"""
    given = target.get("EcsParameters") or {}
    request: dict[str, Any] = {
        "cluster": target["Arn"],
        "taskDefinition": given["TaskDefinitionArn"],
        "count": int(given.get("TaskCount") or 1),
        "overrides": json.loads(target.get("Input") or "{}"),
    }
    names = ("LaunchType", "PlatformVersion", "Group", "EnableExecuteCommand", "PropagateTags", "EnableECSManagedTags")
    request |= {_lowered(name): given[name] for name in names if given.get(name)}
    if vpc := (given.get("NetworkConfiguration") or {}).get("awsvpcConfiguration"):
        request["networkConfiguration"] = {"awsvpcConfiguration": {_lowered(name): vpc[name] for name in vpc}}
    return request


def _lowered(name: str) -> str:
    return name[:1].lower() + name[1:]


def _write(arn: str, event: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html: each event is a line of a log group."""
    group = arn.split(":log-group:")[1].removesuffix(":*")
    if group not in cloudwatch_logs._log_groups:
        return
    named = {"logGroupName": group, "logStreamName": str(uuid.uuid4())}
    cloudwatch_logs._create_log_stream(named)
    shown = {
        "version": "0",
        "id": event["EventId"],
        "detail-type": event["DetailType"],
        "source": event["Source"],
        "account": event["Account"],
        "region": event["Region"],
        "resources": event["Resources"],
        "detail": json.loads(event["Detail"]),
    }
    line = {"timestamp": int(clock.time() * 1000), "message": json.dumps(shown)}
    cloudwatch_logs._put_log_events({**named, "logEvents": [line]})


def _tick(at: float) -> None:
    eventbridge._tick_scheduled_rules()


def _nothing() -> None:
    """The clock calls the rules."""


def install() -> None:
    """Judge each delivery, and let rules go by the clock."""
    patch.replace(eventbridge, "_now_ts", clock.time, "")
    patch.replace(eventbridge, "start_scheduler", _nothing, "")
    patch.wrap(eventbridge, "_invoke_target", _invoke, "target event rule view")
    clock.every(_EVERY_SECONDS, "rules", _tick)
