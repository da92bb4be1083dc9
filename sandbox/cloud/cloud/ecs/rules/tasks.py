"""A task that is run by itself."""

import json
import re
from typing import Any

from cloud.ecs.rules import fargate, placement
from cloud.ecs.rules.containers import unique
from cloud.ecs.rules.definitions import whole
from cloud.ecs.rules.refuse import client, parameter
from cloud.requests.rules import Call, rule

_MOST_OVERRIDES = 8192
_STARTED_BY = re.compile(r"[A-Za-z0-9_/-]{0,128}")


@rule("ecs", "RunTask")
def _call(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html"""
    given = call.parameters
    parameter(1 <= given.get("count", 1) <= 10, "count must be between 1 and 10.")
    words = "startedBy can have at most 128 letters, numbers, hyphens, underscores and slashes."
    parameter(_STARTED_BY.fullmatch(given.get("startedBy", "")), words)
    parameter(not given.get("group", "").startswith("service:"), "Invalid namespace for group.")
    words = "propagateTags must be one of [TASK_DEFINITION, NONE] when running a task."
    parameter(given.get("propagateTags") != "SERVICE", words)


@rule("ecs", "RunTask")
def _place(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html"""
    given = call.parameters
    what = placement.definition(given["taskDefinition"])
    launch = placement.capacity(given, placement.cluster(given), what)
    placement.network(given, what, launch)
    role = (given.get("overrides") or {}).get("taskRoleArn") or what.get("taskRoleArn")
    placement.shell(given, role, "task couldn't be run")


@rule("ecs", "RunTask")
def _overrides(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html"""
    overrides = call.parameters.get("overrides") or {}
    length = len(json.dumps(overrides, separators=(",", ":")))
    parameter(length <= _MOST_OVERRIDES, f"Container Overrides length must be at most {_MOST_OVERRIDES}")
    what = placement.definition(call.parameters["taskDefinition"])
    task, containers = what | overrides, {each["name"]: each for each in what["containerDefinitions"]}
    if "FARGATE" in (what.get("requiresCompatibilities") or []):
        refused = fargate.size(whole(task, "cpu"), whole(task, "memory")) or fargate.storage(task)
        parameter(not refused, str(refused))
    for override in overrides.get("containerOverrides") or []:
        name = override.get("name")
        parameter(name in containers, f"Override for container named {name} is not a container in the TaskDefinition.")
        unique(containers[name].get("secrets") or [], override.get("environment") or [])
        _memory(containers[name] | override, task)


def _memory(container: dict[str, Any], task: dict[str, Any]) -> None:
    least, most = container.get("memoryReservation") or 0, container.get("memory") or 0
    words = f"'memory' setting for container '{container['name']}' is greater than for the task."
    parameter(not task.get("memory") or max(least, most) <= whole(task, "memory"), words)
    client(not least or not most or least <= most, f"'memory' must be greater than 'memoryReservation' ({least}).")
