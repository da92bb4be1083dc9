"""Tell EventBridge what happens to tasks, deployments and services.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html, ecs_service_deployment_events.html and
ecs_service_events.html. What changed is found by looking each second: a state that lasts less is not told.
"""

from datetime import UTC, datetime
from typing import Any

from ministack.services import ecs

from cloud.core import clock, threads
from cloud.events.emit import emit

# What this module uses of MiniStack.
NEEDS = {
    ecs: "_sanitize _services _tasks",
}

_SOURCE, _EVERY_SECONDS = "aws.ecs", 1
# Of the messages of a service: the name and the type of the event.
_ACTIONS = {
    "has reached a steady state": ("SERVICE_STEADY_STATE", "INFO"),
    "is unable to consistently start tasks successfully": ("SERVICE_TASK_START_IMPAIRED", "WARN"),
    "was unable to place a task": ("SERVICE_TASK_PLACEMENT_FAILURE", "ERROR"),
}
_DEPLOYMENTS = {
    "IN_PROGRESS": ("SERVICE_DEPLOYMENT_IN_PROGRESS", "INFO"),
    "COMPLETED": ("SERVICE_DEPLOYMENT_COMPLETED", "INFO"),
    "FAILED": ("SERVICE_DEPLOYMENT_FAILED", "ERROR"),
}
# What is known, and told; None before the first look, which tells nothing of what was there before.
_known: dict[str, Any] | None = None
_versions: dict[str, int] = {}


def look(at: float) -> None:
    """Tell what has changed."""
    global _known
    before, now = _known, {}
    for _ in threads.each_scope(ecs._services, ecs._tasks):
        for task in ecs._tasks.values():
            now[task["taskArn"]] = (task["lastStatus"], task["desiredStatus"], *_containers(task))
            if before is not None and before.get(task["taskArn"]) != now[task["taskArn"]]:
                _tell_task(task)
        for service in ecs._services.values():
            now |= _service(service, before)
    _known = now
    for gone in _versions.keys() - now.keys():
        del _versions[gone]


def _containers(task: dict[str, Any]) -> list[Any]:
    return [(each.get("lastStatus"), each.get("exitCode")) for each in task.get("containers") or []]


def _tell_task(task: dict[str, Any]) -> None:
    arn = task["taskArn"]
    _versions[arn] = _versions.get(arn, 0) + 1
    shown = {name: _time(name, value) for name, value in ecs._sanitize(task).items()}
    emit(_SOURCE, "ECS Task State Change", shown | {"version": _versions[arn], "updatedAt": _iso(clock.time())}, arn)


def _service(service: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
    """What is known of a service, when that which is new has been told."""
    now: dict[str, Any] = {}
    for deployment in service.get("deployments") or []:
        state = now[deployment["id"]] = deployment.get("rolloutState")
        if before is not None and before.get(deployment["id"]) != state and state in _DEPLOYMENTS:
            name, kind = _DEPLOYMENTS[state]
            more = {"deploymentId": deployment["id"], "reason": deployment.get("rolloutStateReason") or ""}
            _tell_service(service, "ECS Deployment State Change", name, kind, more | {"updatedAt": _iso(clock.time())})
    for message in list(service.get("events") or []):
        now[message["id"]] = True
        told = next((each for words, each in _ACTIONS.items() if words in message["message"]), None)
        if before is not None and message["id"] not in before and told:
            more = {} if told[1] == "INFO" else {"reason": message["message"]}
            _tell_service(service, "ECS Service Action", *told, more | {"createdAt": _iso(clock.time())})
    return now


def _tell_service(service: dict[str, Any], kind: str, name: str, level: str, more: dict[str, Any]) -> None:
    detail = {"eventType": level, "eventName": name, "clusterArn": service["clusterArn"], **more}
    emit(_SOURCE, kind, detail, service["serviceArn"])


def _time(name: str, value: Any) -> Any:
    return _iso(value) if name.endswith("At") and isinstance(value, int | float) else value


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def install() -> None:
    """Look each second."""
    clock.every(_EVERY_SECONDS, "events of tasks and services", look)
