"""Judge calls by the resources, keys and dependent actions that AWS documents.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html,
list_amazoncloudwatchlogs.html, list_awssystemsmanager.html and list_awskeymanagementservice.html. MiniStack judges
each ECS call on the cluster alone, knows no ``ecs:`` keys and no tags of tasks, and asks for no dependent action:
PassRole and TagResource at RunTask, Decrypt where a SecureString is read. RunTask has no key for subnets, groups and
public address: ``ecs:subnet`` and ``ecs:auto-assign-public-ip`` are keys of services only. Here stand ECS, CloudWatch
Logs and Parameter Store; the other services stand in ``cloud.iam.permissions``.
"""

import json
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.services import ecs, iam, kms, ssm

from cloud.core import patch
from cloud.iam.permissions import checks, cloudtrail, ec2, elb, identity, rds, rest, signals
from cloud.iam.permissions.checks import Check
from cloud.requests import decode
from cloud.sessions import targets

# What this module uses of MiniStack.
NEEDS = {
    iam_actions: "identity_denial_message",
    ecs: "_resolve_td_key _tags _task_defs",
    iam: "_roles",
    kms: "_resolve_key",
    ssm: "_parameters",
}

# RunTask is judged before there is a task; policies name tasks of a cluster by a wildcard.
_FUTURE_TASK = "00000000000000000000000000000000"


# The services whose checks are told by their tables.
TOLD = (cloudtrail, ec2, elb, identity, rds, rest, signals)


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


def _resource_tags(arn: str) -> dict[str, Any]:
    """The context of a call about something that has tags."""
    return {f"aws:ResourceTag/{tag['key']}": tag.get("value", "") for tag in ecs._tags.get(arn) or []}


def _run_task(request: Request) -> list[Check]:
    reference = str(request.payload.get("taskDefinition") or "")
    definition = ecs._task_defs.get(ecs._resolve_td_key(reference)) or {}
    arn = definition.get("taskDefinitionArn") or request.arn("ecs", f"task-definition/{reference}")
    shell = str(bool(request.payload.get("enableExecuteCommand"))).lower()
    context = request.on_cluster | _resource_tags(arn) | {"ecs:enable-execute-command": shell}
    found = [Check("ecs:RunTask", arn, context)]
    if request.payload.get("tags") or request.payload.get("propagateTags"):
        future = request.arn("ecs", f"task/{request.cluster}/{_FUTURE_TASK}")
        found.append(Check("ecs:TagResource", future, {"ecs:CreateAction": "RunTask"}))
    return found + _pass_roles({**definition, **(request.payload.get("overrides") or {})})


def _pass_roles(definition: dict[str, Any]) -> list[Check]:
    roles = [definition[which] for which in ("taskRoleArn", "executionRoleArn") if definition.get(which)]
    return [Check("iam:PassRole", role, {"iam:PassedToService": "ecs-tasks.amazonaws.com"}) for role in roles]


def _register(request: Request) -> list[Check]:
    found = [Check("ecs:RegisterTaskDefinition", "*")]
    if request.payload.get("tags"):
        future = request.arn("ecs", f"task-definition/{request.payload.get('family')}:0")
        found.append(Check("ecs:TagResource", future, {"ecs:CreateAction": "RegisterTaskDefinition"}))
    return found + _pass_roles(request.payload)


def _service(action: str, member: str) -> Callable[[Request], list[Check]]:
    def asked(request: Request) -> list[Check]:
        name = str(request.payload.get(member) or "").rsplit("/", 1)[-1]
        arn = request.arn("ecs", f"service/{request.cluster}/{name}")
        return [Check(action, arn, request.on_cluster), *_tag_new(request, arn, action)]

    return asked


def _tag_new(request: Request, arn: str, action: str) -> list[Check]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html"""
    if not request.payload.get("tags"):
        return []
    return [Check("ecs:TagResource", arn, {"ecs:CreateAction": action.removeprefix("ecs:")})]


def _create_cluster(request: Request) -> list[Check]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html"""
    arn = request.arn("ecs", f"cluster/{request.payload.get('clusterName') or 'default'}")
    found = [Check("ecs:CreateCluster", arn), *_tag_new(request, arn, "ecs:CreateCluster")]
    if "AWSServiceRoleForECS" not in iam._roles:
        role = f"arn:aws:iam::{request.account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
        found.append(Check("iam:CreateServiceLinkedRole", role, {"iam:AWSServiceName": "ecs.amazonaws.com"}))
    return found


def _on_clusters(action: str, member: str) -> Callable[[Request], list[Check]]:
    def asked(request: Request) -> list[Check]:
        named = request.payload.get(member) or "default"
        names = [str(each).rsplit("/", 1)[-1] for each in (named if isinstance(named, list) else [named])]
        arns = [request.arn("ecs", f"cluster/{name}") for name in names]
        return [Check(action, arn, _resource_tags(arn)) for arn in arns]

    return asked


def _on_resource(action: str) -> Callable[[Request], list[Check]]:
    return lambda request: [Check(action, str(request.payload.get("resourceArn") or "*"))]


def _services(request: Request) -> list[Check]:
    names = [str(each).rsplit("/", 1)[-1] for each in request.payload.get("services") or []]
    arns = [request.arn("ecs", f"service/{request.cluster}/{name}") for name in names]
    return [Check("ecs:DescribeServices", arn, request.on_cluster) for arn in arns]


def _on_tasks(action: str, member: str) -> Callable[[Request], list[Check]]:
    def asked(request: Request) -> list[Check]:
        named = request.payload.get(member) or []
        references = named if isinstance(named, list) else [named]
        arns = [_task(request, each) for each in references]
        return [Check(action, arn, request.on_cluster | _resource_tags(arn)) for arn in arns]

    return asked


def _anything(action: str) -> Callable[[Request], list[Check]]:
    return lambda request: [Check(action, "*")]


def _on_container_instances(request: Request) -> list[Check]:
    return [Check("ecs:ListTasks", request.arn("ecs", f"container-instance/{request.cluster}/*"), request.on_cluster)]


def _on_stream(action: str) -> Callable[[Request], list[Check]]:
    def asked(request: Request) -> list[Check]:
        named = str(request.payload.get("logGroupName") or request.payload.get("logGroupIdentifier") or "")
        group, stream = named.rpartition(":log-group:")[2], request.payload.get("logStreamName") or ""
        return [Check(action, request.arn("logs", f"log-group:{group}:log-stream:{stream}"))]

    return asked


def _parameters(action: str, member: str) -> Callable[[Request], list[Check]]:
    def asked(request: Request) -> list[Check]:
        named = request.payload.get(member) or []
        names = [_name(each) for each in (named if isinstance(named, list) else [named])]
        found = [Check(action, request.arn("ssm", "parameter/" + name.lstrip("/"))) for name in names]
        if request.payload.get("WithDecryption"):
            found += [check for name in names if (check := _decrypt(request, name))]
        return found

    return asked


def _name(reference: str) -> str:
    """The name in a reference: a name or an ARN, with a version or a label behind it or not."""
    name = reference.split(":parameter", 1)[1] if reference.startswith("arn:") else reference
    return name.partition(":")[0]


def _path(request: Request) -> list[Check]:
    path = str(request.payload.get("Path") or "/")
    found = [Check("ssm:GetParametersByPath", request.arn("ssm", "parameter/" + path.strip("/")))]
    if request.payload.get("WithDecryption"):
        below = [name for name in ssm._parameters if name.startswith(path.rstrip("/") + "/")]
        found += [check for name in below if (check := _decrypt(request, name))]
    return found


def _start_session(request: Request) -> list[Check]:
    """The task that is the target, and the document when one is named."""
    target = targets.parse(str(request.payload.get("Target") or ""))
    arn = request.arn("ecs", f"task/{target.cluster}/{target.task}")
    found = [Check("ssm:StartSession", arn, _resource_tags(arn))]
    if document := str(request.payload.get("DocumentName") or ""):
        owner = "" if document.startswith("AWS-") else request.account  # those of AWS belong to no account
        found.append(Check("ssm:StartSession", f"arn:aws:ssm:{request.region}:{owner}:document/{document}"))
    return found


def _on_session(action: str) -> Callable[[Request], list[Check]]:
    return lambda request: [Check(action, request.arn("ssm", f"session/{request.payload.get('SessionId')}"))]


def _put(request: Request) -> list[Check]:
    name = _name(str(request.payload.get("Name") or ""))
    arn = request.arn("ssm", "parameter/" + name.lstrip("/"))
    found: list[Check | None] = [Check("ssm:PutParameter", arn)]
    if given := request.payload.get("Tags"):
        found.append(Check("ssm:AddTagsToResource", arn, checks.tags(given), alone=True))
    if request.payload.get("Type") == "SecureString":
        found.append(_use_key("kms:Encrypt", request, str(request.payload.get("KeyId") or ""), name))
    return [check for check in found if check]


def _decrypt(request: Request, name: str) -> Check | None:
    parameter = ssm._parameters.get(name) or ssm._parameters.get("/" + name.lstrip("/")) or {}
    if parameter.get("Type") != "SecureString":
        return None
    return _use_key("kms:Decrypt", request, str(parameter.get("KeyId") or ""), name)


def _use_key(action: str, request: Request, reference: str, name: str) -> Check | None:
    """The use of a key for a parameter; the AWS managed key lets the whole account do it by way of SSM."""
    if reference in ("", "alias/aws/ssm"):
        return None
    key = kms._resolve_key(reference)
    return Check(
        action,
        key["Arn"] if key else reference,
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
    "ecs:DeregisterTaskDefinition": _anything("ecs:DeregisterTaskDefinition"),
    "ecs:ListTaskDefinitions": _anything("ecs:ListTaskDefinitions"),
    "ecs:ListTasks": _on_container_instances,
    "ecs:RegisterTaskDefinition": _register,
    "ecs:CreateCluster": _create_cluster,
    "ecs:DeleteCluster": _on_clusters("ecs:DeleteCluster", "cluster"),
    "ecs:DescribeClusters": _on_clusters("ecs:DescribeClusters", "clusters"),
    "ecs:PutClusterCapacityProviders": _on_clusters("ecs:PutClusterCapacityProviders", "cluster"),
    "ecs:UpdateCluster": _on_clusters("ecs:UpdateCluster", "cluster"),
    "ecs:UpdateClusterSettings": _on_clusters("ecs:UpdateClusterSettings", "cluster"),
    "ecs:ListTagsForResource": _on_resource("ecs:ListTagsForResource"),
    "ecs:TagResource": _on_resource("ecs:TagResource"),
    "ecs:UntagResource": _on_resource("ecs:UntagResource"),
    "ecs:CreateService": _service("ecs:CreateService", "serviceName"),
    "ecs:UpdateService": _service("ecs:UpdateService", "service"),
    "ecs:DeleteService": _service("ecs:DeleteService", "service"),
    "ecs:DescribeServices": _services,
    "logs:CreateLogStream": _on_stream("logs:CreateLogStream"),
    "logs:PutLogEvents": _on_stream("logs:PutLogEvents"),
    "logs:GetLogEvents": _on_stream("logs:GetLogEvents"),
    "logs:DescribeLogGroups": _on_stream("logs:DescribeLogGroups"),
    "logs:DescribeLogStreams": _on_stream("logs:DescribeLogStreams"),
    "logs:FilterLogEvents": _on_stream("logs:FilterLogEvents"),
    "ssm:GetParameter": _parameters("ssm:GetParameter", "Name"),
    "ssm:GetParameters": _parameters("ssm:GetParameters", "Names"),
    "ssm:GetParameterHistory": _parameters("ssm:GetParameterHistory", "Name"),
    "ssm:GetParametersByPath": _path,
    "ssm:PutParameter": _put,
    "ssm:StartSession": _start_session,
    "ssm:ResumeSession": _on_session("ssm:ResumeSession"),
    "ssm:TerminateSession": _on_session("ssm:TerminateSession"),
}

# The checks of the request under way, by its action; and the one that was refused.
_pending: ContextVar[dict[str, list[Check]] | None] = ContextVar("pending_checks", default=None)
_refused: ContextVar[Check | None] = ContextVar("refused_check", default=None)


def _resource(
    old: Any, service: str, method: str, path: str, headers: Any, body: bytes, params: Any, region: str, account: str
) -> str:
    arn: str = old(service, method, path, headers, body, params, region, account)
    if service == "kms":
        arn = _key_of_alias(arn)
    action = f"{service}:{str(headers.get('x-amz-target', '')).rsplit('.', 1)[-1]}"
    found = (
        _checks(action, body, region, account)
        if action in _ACTIONS
        else _told(service, method, path, headers, body, params)
    )
    _pending.set({found[0].action: found} if found else None)
    return found[0].resource if found else arn


def _key_of_alias(arn: str) -> str:
    """A call that names a key by its alias is about the key.

    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    key = kms._resolve_key(arn) if ":alias/" in arn else None
    return str(key["Arn"]) if key else arn


def _checks(action: str, body: bytes, region: str, account: str) -> list[Check]:
    try:
        payload = json.loads(body or b"{}")
    except ValueError:
        return []
    return _ACTIONS[action](Request(payload, region, account)) if isinstance(payload, dict) else []


def _told(service: str, method: str, path: str, headers: Any, body: bytes, params: Any) -> list[Check]:
    """What the tables tell of a call; nothing where its form is none, which is refused later."""
    if service == "s3" and "replication" not in params:
        return []
    decoded = decode.decode(service, method, path, headers, body, params)
    if decoded is None or not checks.known(decoded.call.service, decoded.call.operation):
        return []
    try:
        return checks.of(decoded.call)
    except (KeyError, TypeError):
        return []


def _more_of_s3(old: Any, method: str, path: str, headers: Any, body: bytes, query_params: Any) -> Any:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html: tags take PutObjectTagging."""
    found = old(method, path, headers, body, query_params)
    tagged = method == "PUT" and "x-amz-tagging" in headers
    return [*found, ("s3:PutObjectTagging", f"arn:aws:s3:::{path.lstrip('/')}")] if tagged else found


def _enforce(
    old: Any,
    access_key_id: str,
    iam_action: str,
    service: str,
    region: str,
    resource_arn: str = "*",
    service_context: Any = None,
) -> Any:
    found = (_pending.get() or {}).get(iam_action)
    if not found or found[0].resource != resource_arn:
        return old(access_key_id, iam_action, service, region, resource_arn, service_context)
    _pending.set(None)
    for check in found:
        # The tags of a request are those of its TagResource too.
        tagged = check.action in (iam_action, "ecs:TagResource") and not check.alone
        context = {**(service_context or {}), **check.context} if tagged else check.context
        denied = old(access_key_id, check.action, check.action.split(":")[0], region, check.resource, context)
        if denied:
            _refused.set(check)
            return denied
    return None


def _answer(old: Any, service: str, action: str, principal_arn: str, request_id: str, **details: Any) -> Any:
    """Name the action and the resource that were refused, which may be those of a dependent action.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html; S3 puts the resource in quotes
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html), EC2 names none.
    """
    check = _refused.get()
    _refused.set(None)
    if details.get("error_code") or details.get("message"):
        return old(service, action, principal_arn, request_id, **details)
    if check is not None:
        action, details["resource_arn"] = check.action, check.resource
    explicit, resource = bool(details.get("explicit_deny")), details.get("resource_arn", "*")
    if service != "ec2" and not (explicit and details.get("resource_policy_arn")):
        resource = f'"{resource}"' if service == "s3" else resource
        details["message"] = iam_actions.identity_denial_message(action, principal_arn, resource, explicit)
    return old(service, action, principal_arn, request_id, **details)


def install() -> None:
    """Put the documented resources, keys and dependent actions into MiniStack's authorization."""
    parameters = "service method path headers body query_params region account_id"
    patch.wrap(iam_actions, "extract_resource_arn", _resource, parameters)
    signals.install()
    patch.wrap(
        iam_evaluator, "enforce", _enforce, "access_key_id iam_action service region resource_arn service_context"
    )
    patch.wrap(iam_actions, "access_denied_response", _answer)
    patch.wrap(iam_actions, "s3_additional_checks", _more_of_s3, "method path headers body query_params")
