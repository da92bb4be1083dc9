"""Stop tasks as ECS does: SIGTERM, the stop timeout, SIGKILL; STOPPED when the containers have ended.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html and task-lifecycle-explanation.html.
MiniStack says STOPPED first and then blocks every other request while the container ends.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ministack.core.concurrency import resource_lock
from ministack.core.responses import json_response
from ministack.services import ecs

from cloud.core import containers, patch, threads

# What this module uses of MiniStack.
NEEDS = {
    ecs: (
        "_cleanup_task_resources _cluster_name_from_arn _get_docker _iso _mark_task_stopped _recount_cluster "
        "_refresh_service_state _resolve_cluster_name _resolve_task _resolve_td_key _sanitize _task_defs "
        "_task_is_active"
    ),
}

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html, stopTimeout on Fargate.
DEFAULT_TIMEOUT_SECONDS = 30


def timeouts(task: dict[str, Any]) -> dict[str, int]:
    definition = ecs._task_defs.get(ecs._resolve_td_key(task["taskDefinitionArn"])) or {}
    return {
        c["name"]: c.get("stopTimeout") or DEFAULT_TIMEOUT_SECONDS for c in definition.get("containerDefinitions", [])
    }


def stop(task: dict[str, Any], reason: str, code: str) -> None:
    """Begin to stop a task; it is STOPPED when its containers have ended. A task that ends already is left alone."""
    arn = task["taskArn"]
    with resource_lock("ecs-task", arn):
        if not ecs._task_is_active(arn, task):
            return
        task.update(desiredStatus="STOPPED", lastStatus="STOPPING", stoppingAt=ecs._iso())
        task.update(stoppedReason=reason, stopCode=code)
    ecs._recount_cluster(ecs._cluster_name_from_arn(task["clusterArn"]))
    ecs._refresh_service_state(ecs._cluster_name_from_arn(task["clusterArn"]), task.get("group", ""))
    threads.start(_finish, task, reason, code, name=f"stop-{arn[-8:]}")


def _finish(task: dict[str, Any], reason: str, code: str) -> None:
    client = ecs._get_docker()
    limits = timeouts(task)
    ids = list(task.get("_docker_ids") or [])
    if client is not None and ids:
        with ThreadPoolExecutor(max_workers=len(ids)) as pool:
            codes = list(pool.map(lambda each: end(client, each, limits), ids))
        for position, exit_code in enumerate(codes):
            if position < len(task["containers"]) and exit_code is not None:
                task["containers"][position]["exitCode"] = exit_code
    with resource_lock("ecs-task", task["taskArn"]):
        # MiniStack's last step takes only a task that nobody stops yet.
        task["desiredStatus"] = "RUNNING"
    ecs._mark_task_stopped(task["taskArn"], task, reason, code)
    ecs._cleanup_task_resources(task, client)


def end(client: Any, container_id: str, limits: dict[str, int]) -> int | None:
    """End one container and answer its exit code; None when it is gone."""
    from docker.errors import APIError, NotFound

    try:
        container = client.containers.get(container_id)
        name = container.labels.get("com.amazonaws.ecs.container-name", "")
        if container.status != "exited":
            container.stop(timeout=limits.get(name, DEFAULT_TIMEOUT_SECONDS))
        return containers.exit_code(container)
    except (NotFound, APIError):
        return None


def _stop_task(old: Any, data: dict[str, Any]) -> Any:
    cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
    task = ecs._resolve_task(data.get("task", ""), cluster) if cluster else None
    if not task or not task.get("_docker_ids") or task.get("desiredStatus") == "STOPPED":
        return old(data)
    stop(task, data.get("reason") or "Task stopped by user", "UserInitiated")
    return json_response({"task": ecs._sanitize(task)})


def install() -> None:
    """Replace MiniStack's StopTask, which its services use too."""
    patch.wrap(ecs, "_stop_task", _stop_task, "data")
