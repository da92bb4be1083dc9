"""Refuse what ECS on Fargate refuses.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html (network mode, sizes, when an
execution role is needed), https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html (8,192
characters), https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html (ECS has to be allowed to
assume the roles) and https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html (an
INACTIVE definition runs no new task and makes no service, but services that have it "can still scale up or down").
MiniStack takes anything, takes INACTIVE revisions for a family, and without a container engine it pretends to run.
"""

import json
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import ecs, iam

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    iam_evaluator: "EvalContext evaluate_resource_policy",
    ecs: "_get_docker _resolve_cluster_name _resolve_td_key _task_defs",
    iam: "_roles",
}

_GB = 1024
_MEMORY = {
    256: (512, 1 * _GB, 2 * _GB),
    512: range(1 * _GB, 4 * _GB + 1, _GB),
    1024: range(2 * _GB, 8 * _GB + 1, _GB),
    2048: range(4 * _GB, 16 * _GB + 1, _GB),
    4096: range(8 * _GB, 30 * _GB + 1, _GB),
    8192: range(16 * _GB, 60 * _GB + 1, 4 * _GB),
    16384: range(32 * _GB, 120 * _GB + 1, 8 * _GB),
}
OVERRIDES_LIMIT = 8192
_SERVICE = "ecs-tasks.amazonaws.com"


def _sizes(cpu: Any, memory: Any) -> str | None:
    if str(cpu).isdigit() and str(memory).isdigit() and int(memory) in _MEMORY.get(int(cpu), ()):
        return None
    return (
        f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. "
        "See the Amazon ECS documentation for the valid values."
    )


def _definition(data: dict[str, Any]) -> str | None:
    """Why a definition for Fargate is refused."""
    if "FARGATE" not in (data.get("requiresCompatibilities") or []):
        return None
    if data.get("networkMode") != "awsvpc":
        return "Fargate only supports network mode ‘awsvpc’."
    containers = data.get("containerDefinitions") or []
    if not data.get("executionRoleArn"):
        if any((c.get("logConfiguration") or {}).get("logDriver") == "awslogs" for c in containers):
            return "Fargate requires task definition to have execution role ARN to support log driver awslogs."
        if any(c.get("secrets") for c in containers):
            return "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
    return _sizes(data.get("cpu"), data.get("memory")) or _references(data, containers)


def _references(data: dict[str, Any], containers: list[dict[str, Any]]) -> str | None:
    """Containers and volumes have to be there that others name."""
    names, volumes = {c.get("name") for c in containers}, {v.get("name") for v in data.get("volumes") or []}
    for container in containers:
        for dependency in container.get("dependsOn") or []:
            if dependency.get("containerName") not in names:
                return f"{container.get('name')} depends on {dependency.get('containerName')}, which is not defined."
        for mount in container.get("mountPoints") or []:
            if mount.get("sourceVolume") not in volumes:
                return f"Unknown volume '{mount.get('sourceVolume')}'."
    return None


def assumable(role_arn: str, cluster: str) -> bool:
    """Whether the role's trust policy lets ECS assume it for a task of the cluster."""
    role = iam._roles.get(role_arn.rsplit("/", 1)[-1])
    if role is None:
        return False
    account, region = get_account_id(), get_region()
    context = iam_evaluator.EvalContext(
        principal_arn=_SERVICE,
        principal_type="Service",
        principal_account=account,
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=region,
        service_context={
            "aws:sourceaccount": account,
            "aws:sourcearn": f"arn:aws:ecs:{region}:{account}:task/{cluster}/0",
        },
    )
    trust = role["AssumeRolePolicyDocument"]
    return iam_evaluator.evaluate_resource_policy(trust, context, service=_SERVICE).decision == "Allow"


def _latest_active(old: Any, reference: Any) -> Any:
    """A family without a revision means its latest ACTIVE one: API_RunTask.html, ``taskDefinition``."""
    key = old(reference)
    if not key or ":" not in key or ":" in reference.rsplit("/", 1)[-1]:
        return key
    family, latest = key.split(":")
    revisions = [f"{family}:{number}" for number in range(int(latest), 0, -1)]
    return next((each for each in revisions if (ecs._task_defs.get(each) or {}).get("status") == "ACTIVE"), key)


def _inactive(data: dict[str, Any]) -> str | None:
    """Why a definition cannot be named; an update of a service may name none."""
    definition = ecs._task_defs.get(ecs._resolve_td_key(data.get("taskDefinition", "")))
    return "TaskDefinition is inactive" if definition and definition.get("status") != "ACTIVE" else None


def _run(data: dict[str, Any]) -> str | None:
    """Why a task is not run."""
    definition = ecs._task_defs.get(ecs._resolve_td_key(data.get("taskDefinition", "")))
    if not definition:
        return None  # MiniStack says so
    overrides = data.get("overrides") or {}
    if len(json.dumps(overrides, separators=(",", ":"))) > OVERRIDES_LIMIT:
        return f"Container Overrides length must be at most {OVERRIDES_LIMIT}"
    if "_deploymentId" not in data and (refused := _inactive(data)):  # a service's scheduler names its deployment
        return refused
    task = {**definition, **overrides}
    if "FARGATE" in (definition.get("requiresCompatibilities") or []):
        if refused := _sizes(task.get("cpu"), task.get("memory")):
            return refused
        network = (data.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
        if not network.get("subnets"):
            return "Network Configuration must be provided when networkMode 'awsvpc' is specified."
    cluster = ecs._resolve_cluster_name(data.get("cluster", "default")) or ""
    for which in ("taskRoleArn", "executionRoleArn"):
        if task.get(which) and not assumable(task[which], cluster):
            return (
                f"ECS was unable to assume the role '{task[which]}' that was provided for this task. Please verify "
                "that the role being passed has the proper trust relationship and permissions and that your IAM user "
                "has permissions to pass this role."
            )
    if ecs._get_docker() is None:
        return "Capacity is unavailable at this time: the sandbox has no container engine."
    return None


def install() -> None:
    """Put the refusals before MiniStack's operations."""

    def refusing(check: Any) -> Any:
        def around(old: Any, data: dict[str, Any]) -> Any:
            refused = check(data)
            return error_response_json("ClientException", refused, 400) if refused else old(data)

        return around

    patch.wrap(ecs, "_resolve_td_key", _latest_active, "ref")
    patch.wrap(ecs, "_register_task_definition", refusing(_definition), "data")
    patch.wrap(ecs, "_run_task", refusing(_run), "data")
    patch.wrap(ecs, "_create_service", refusing(_inactive), "data")
    patch.wrap(ecs, "_update_service", refusing(_inactive), "data")
