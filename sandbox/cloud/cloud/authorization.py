"""Judge ECS, CloudWatch Logs and Parameter Store calls by the resources and keys that AWS documents.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html,
list_amazoncloudwatchlogs.html, list_awssystemsmanager.html and list_awskeymanagementservice.html. MiniStack judges
each ECS call on the cluster alone, knows no ``ecs:`` keys, and asks for no dependent action: PassRole and TagResource
at RunTask, Decrypt where a SecureString is read.
"""

import json
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.services import ecs, kms, ssm

from cloud import patch

# RunTask is judged before there is a task; policies name tasks of a cluster by a wildcard.
_FUTURE_TASK = "00000000000000000000000000000000"


@dataclass
class Check:
    """One question: may the caller do this to that, in this context?"""

    action: str
    resource: str
    context: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What is known of a call."""

    payload: dict[str, Any]
    region: str
    account: str

    def arn(self, service: str, rest: str) -> str:
        """An ARN of this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"

    @property
    def cluster(self) -> str:
        """The cluster's name."""
        return str(self.payload.get("cluster") or "default").rsplit("/", 1)[-1]

    @property
    def on_cluster(self) -> dict[str, Any]:
        """The context of a call that names a cluster."""
        return {"ecs:cluster": self.arn("ecs", f"cluster/{self.cluster}")}


def _task(request: Request, reference: str) -> str:
    return reference if reference.startswith("arn:") else request.arn("ecs", f"task/{request.cluster}/{reference}")


def _run_task(request: Request) -> list[Check]:
    reference = str(request.payload.get("taskDefinition") or "")
    definition = ecs._task_defs.get(ecs._resolve_td_key(reference)) or {}
    arn = definition.get("taskDefinitionArn") or request.arn("ecs", f"task-definition/{reference}")
    checks = [Check("ecs:RunTask", arn, request.on_cluster)]
    if request.payload.get("tags") or request.payload.get("propagateTags"):
        future = request.arn("ecs", f"task/{request.cluster}/{_FUTURE_TASK}")
        checks.append(Check("ecs:TagResource", future, {"ecs:CreateAction": "RunTask"}))
    overrides = request.payload.get("overrides") or {}
    for which in ("taskRoleArn", "executionRoleArn"):
        if role := overrides.get(which) or definition.get(which):
            checks.append(Check("iam:PassRole", role, {"iam:PassedToService": "ecs-tasks.amazonaws.com"}))
    return checks


def _on_tasks(action: str, member: str) -> Callable[[Request], list[Check]]:
    def checks(request: Request) -> list[Check]:
        named = request.payload.get(member) or []
        references = named if isinstance(named, list) else [named]
        return [Check(action, _task(request, each), request.on_cluster) for each in references]

    return checks


def _anything(action: str) -> Callable[[Request], list[Check]]:
    return lambda request: [Check(action, "*")]


def _on_stream(action: str) -> Callable[[Request], list[Check]]:
    def checks(request: Request) -> list[Check]:
        group, stream = request.payload.get("logGroupName", ""), request.payload.get("logStreamName", "")
        return [Check(action, request.arn("logs", f"log-group:{group}:log-stream:{stream}"))]

    return checks


def _parameters(action: str, member: str) -> Callable[[Request], list[Check]]:
    def checks(request: Request) -> list[Check]:
        named = request.payload.get(member) or []
        names = [_name(each) for each in (named if isinstance(named, list) else [named])]
        found = [Check(action, request.arn("ssm", "parameter/" + name.lstrip("/"))) for name in names]
        if request.payload.get("WithDecryption"):
            found += [check for name in names if (check := _decrypt(request, name))]
        return found

    return checks


def _name(reference: str) -> str:
    return reference.split(":parameter", 1)[1] if reference.startswith("arn:") else reference


def _decrypt(request: Request, name: str) -> Check | None:
    parameter = ssm._parameters.get(name) or ssm._parameters.get("/" + name.lstrip("/")) or {}
    if parameter.get("Type") != "SecureString":
        return None
    key = kms._resolve_key(parameter.get("KeyId", ""))
    return Check(
        "kms:Decrypt",
        key["Arn"] if key else str(parameter.get("KeyId")),
        {
            "kms:ViaService": f"ssm.{request.region}.amazonaws.com",
            "kms:CallerAccount": request.account,
            "kms:EncryptionContext:PARAMETER_ARN": request.arn("ssm", "parameter/" + name.lstrip("/")),
            "kms:EncryptionContextKeys": ["PARAMETER_ARN"],
        },
    )


_ACTIONS: dict[str, Callable[[Request], list[Check]]] = {
    "ecs:RunTask": _run_task,
    "ecs:StopTask": _on_tasks("ecs:StopTask", "task"),
    "ecs:DescribeTasks": _on_tasks("ecs:DescribeTasks", "tasks"),
    "ecs:ExecuteCommand": _on_tasks("ecs:ExecuteCommand", "task"),
    "ecs:DescribeTaskDefinition": _anything("ecs:DescribeTaskDefinition"),
    "ecs:RegisterTaskDefinition": _anything("ecs:RegisterTaskDefinition"),
    "logs:CreateLogStream": _on_stream("logs:CreateLogStream"),
    "logs:PutLogEvents": _on_stream("logs:PutLogEvents"),
    "logs:GetLogEvents": _on_stream("logs:GetLogEvents"),
    "ssm:GetParameter": _parameters("ssm:GetParameter", "Name"),
    "ssm:GetParameters": _parameters("ssm:GetParameters", "Names"),
    "ssm:GetParameterHistory": _parameters("ssm:GetParameterHistory", "Name"),
}

# The checks of the request under way, by its action.
_pending: ContextVar[dict[str, list[Check]] | None] = ContextVar("pending_checks", default=None)


def _resource(
    old: Any, service: str, method: str, path: str, headers: Any, body: bytes, params: Any, region: str, account: str
) -> str:
    arn: str = old(service, method, path, headers, body, params, region, account)
    action = f"{service}:{str(headers.get('x-amz-target', '')).rsplit('.', 1)[-1]}"
    checks = _checks(action, body, region, account)
    _pending.set({action: checks} if checks else None)
    return checks[0].resource if checks else arn


def _checks(action: str, body: bytes, region: str, account: str) -> list[Check]:
    if action not in _ACTIONS:
        return []
    try:
        payload = json.loads(body or b"{}")
    except ValueError:
        return []
    return _ACTIONS[action](Request(payload, region, account)) if isinstance(payload, dict) else []


def _enforce(
    old: Any, access_key_id: str, iam_action: str, service: str, region: str, resource_arn: str = "*",
    service_context: Any = None,
) -> Any:
    checks = (_pending.get() or {}).get(iam_action)
    if not checks or checks[0].resource != resource_arn:
        return old(access_key_id, iam_action, service, region, resource_arn, service_context)
    _pending.set(None)
    for check in checks:
        context = {**(service_context or {}), **check.context} if check.action == iam_action else check.context
        denied = old(access_key_id, check.action, check.action.split(":")[0], region, check.resource, context)
        if denied:
            return denied
    return None


def install() -> None:
    """Put the documented resources, keys and dependent actions into MiniStack's authorization."""
    parameters = "service method path headers body query_params region account_id"
    patch.wrap(iam_actions, "extract_resource_arn", _resource, parameters)
    patch.wrap(
        iam_evaluator, "enforce", _enforce, "access_key_id iam_action service region resource_arn service_context"
    )
