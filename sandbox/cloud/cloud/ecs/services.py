"""Keep the tasks of services as ECS's scheduler does.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html (minimum and maximum percent),
service-load-balancing.html (an unhealthy target's task is replaced) and service-rebalancing.html.
MiniStack's own scheduler calls a task steady after a second, whatever its health, starts a crashing one anew every
second, and starts the successor of a task that still runs down: two daemons, where the deployment allows one.
"""

import json
import logging
import math
import threading
import time
from dataclasses import dataclass
from typing import Any

from ministack.core import persistence
from ministack.core.responses import AccountRegionScopedDict, json_response, request_scope
from ministack.services import ecs

from cloud.core import patch
from cloud.ecs import deployment_alarms, deployments, rollout, stopping
from cloud.elb import health as elb_health

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "all_items",
    persistence: "PERSIST_STATE",
    ecs: (
        "_deployment_for_task _primary_deployment _record_service_task_failure "
        "_recount_cluster _refresh_service_state _resolve_cluster_name _resolve_td_key _run_task _sanitize "
        "_services _tags _task_defs _task_ip _tasks _ts_to_epoch"
    ),
}

log = logging.getLogger(__name__)
_TICK_SECONDS = 0.5
# Without any health check, a task that ran this long has started.
STARTED_SECONDS = 5.0

_wake = threading.Event()


@dataclass
class Tasks:
    """The tasks of a service that are not stopped: of its primary deployment, of older ones, and on their way down."""

    current: list[dict[str, Any]]
    stale: list[dict[str, Any]]
    stopping: int


def tasks_of(service: dict[str, Any]) -> Tasks:
    """Sort the service's tasks."""
    primary, found = ecs._primary_deployment(service), Tasks([], [], 0)
    for task in list(ecs._tasks.values()):
        if task.get("group") != f"service:{service['serviceName']}" or task["lastStatus"] == "STOPPED":
            continue
        if task.get("clusterArn") != service["clusterArn"]:
            continue
        if task["desiredStatus"] == "STOPPED":
            found.stopping += 1
        elif ecs._deployment_for_task(service, task) is primary:
            found.current.append(task)
        else:
            found.stale.append(task)
    return found


def _targets(service: dict[str, Any], task: dict[str, Any]) -> list[tuple[str, elb_health.Target | None]]:
    groups = [each["targetGroupArn"] for each in service.get("loadBalancers") or [] if each.get("targetGroupArn")]
    return [(arn, elb_health.state(arn, ecs._task_ip(task) or "")) for arn in groups]


def _age(task: dict[str, Any]) -> float:
    started = ecs._ts_to_epoch(task.get("startedAt"))
    return time.time() - started if isinstance(started, int | float) else 0.0


def _checked(task: dict[str, Any]) -> bool:
    definition = ecs._task_defs.get(ecs._resolve_td_key(task["taskDefinitionArn"])) or {}
    return any(c.get("healthCheck") and c.get("essential", True) for c in definition.get("containerDefinitions", []))


def ready(service: dict[str, Any], task: dict[str, Any]) -> bool:
    """Whether a task counts as healthy for a deployment."""
    if task["lastStatus"] != "RUNNING":
        return False
    targets, checked = _targets(service, task), _checked(task)
    if any(target is None or target.state != elb_health.HEALTHY for _, target in targets):
        return False
    if checked:
        return task.get("healthStatus") == "HEALTHY"
    return bool(targets) or _age(task) >= STARTED_SECONDS


def plan(service: dict[str, Any], tasks: Tasks, healthy: int, healthy_stale: int) -> tuple[int, int]:
    """How many tasks to start, and how many of the older deployments' tasks to stop, within the percentages."""
    desired = service["desiredCount"]
    config = service.get("deploymentConfiguration") or {}
    most = desired * int(config.get("maximumPercent", 200)) // 100
    least = math.ceil(desired * int(config.get("minimumHealthyPercent", 100)) / 100)
    occupied = len(tasks.current) + len(tasks.stale) + tasks.stopping
    missing = max(0, desired - len(tasks.current))
    start = min(missing, max(0, most - occupied))
    # Old tasks go when new ones have taken their place, or to make room, but never below the minimum.
    superfluous = healthy + len(tasks.stale) - desired
    room = missing - start if tasks.stopping == 0 else 0
    spare = max(0, healthy + healthy_stale - least) + len(tasks.stale) - healthy_stale
    return start, max(0, min(len(tasks.stale), max(superfluous, room), spare))


def step(cluster: str, service: dict[str, Any]) -> None:
    """Bring a service one step nearer to what it should be."""
    tasks = tasks_of(service)
    primary = ecs._primary_deployment(service)
    if primary is None:
        return
    _replace_unhealthy(service, tasks)
    deployments.record(service)
    tasks = tasks_of(service)
    if rollout.ended_by_alarms(service, primary, tasks.current):
        return
    current = [task for task in tasks.current if ready(service, task)]
    stale = [task for task in tasks.stale if ready(service, task)]
    if current:
        # "Once a service deployment has one or more successfully running tasks, the failed task count resets to zero":
        # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
        primary.update(_failures=0, failedTasks=0)
    start, stop = plan(service, tasks, len(current), len(stale))
    if primary.get("rolloutState") == "FAILED" or time.time() < service.get("_next_start", 0):
        start = 0
    waiting = [task for task in tasks.stale if task not in stale]
    for task in (waiting + stale)[:stop]:
        stopping.stop(task, f"Scaling activity initiated by deployment {primary['id']}", "ServiceSchedulerInitiated")
    surplus = len(tasks.current) - service["desiredCount"]
    if surplus > 0:
        newest = sorted(tasks.current, key=lambda task: str(task["createdAt"]), reverse=True)
        for task in newest[:surplus]:
            reason = f"Scaling activity initiated by deployment {primary['id']}"
            stopping.stop(task, reason, "ServiceSchedulerInitiated")
    if start:
        _start(cluster, service, primary, start)
    ecs._refresh_service_state(cluster, f"service:{service['serviceName']}")
    ecs._recount_cluster(cluster)
    settled = not tasks.stale and not tasks.stopping and len(current) == len(tasks.current) == service["desiredCount"]
    if settled and primary.get("rolloutState") == "IN_PROGRESS" and deployment_alarms.baked(service, primary):
        rollout.complete(service, primary)


def _start(cluster: str, service: dict[str, Any], primary: dict[str, Any], count: int) -> None:
    tags = []
    if service.get("propagateTags") == "SERVICE":
        tags = list(ecs._tags.get(service["serviceArn"], []))
    elif service.get("propagateTags") == "TASK_DEFINITION":
        tags = list(ecs._tags.get(primary["taskDefinition"], []))
    status, _, body = ecs._run_task(
        {
            "cluster": cluster,
            "taskDefinition": primary["taskDefinition"],
            "count": count,
            "group": f"service:{service['serviceName']}",
            "startedBy": primary["id"],
            "launchType": service.get("launchType"),
            "capacityProviderStrategy": service.get("capacityProviderStrategy"),
            "platformVersion": service.get("platformVersion", ""),
            "networkConfiguration": service.get("networkConfiguration", {}),
            "enableExecuteCommand": service.get("enableExecuteCommand", False),
            "tags": tags,
            "_deploymentId": primary["id"],
        }
    )
    if status != 200:
        group = f"service:{service['serviceName']}"
        unborn = {"taskArn": "", "clusterArn": service["clusterArn"], "group": group, "_deployment_id": primary["id"]}
        ecs._record_service_task_failure(unborn)
        rollout.event(service, f"failed to launch a task with (error {json.loads(body).get('message', '')}).")


def _replace_unhealthy(service: dict[str, Any], tasks: Tasks) -> None:
    grace = float(service.get("healthCheckGracePeriodSeconds") or 0)
    for task in tasks.current + tasks.stale:
        for arn, target in _targets(service, task):
            if target is None or target.state != elb_health.UNHEALTHY or _age(task) < grace:
                continue
            group = arn.split("targetgroup/")[1].split("/")[0]
            rollout.event(
                service,
                f"task {task['taskArn'].rsplit('/', 1)[-1]} is unhealthy in target-group {group} due to "
                f"(reason {target.description})",
            )
            reason = f"Task failed ELB health checks in (target-group {arn})"
            stopping.stop(task, reason, "ServiceSchedulerInitiated")
            ecs._record_service_task_failure(task)


def _drained(service: dict[str, Any]) -> bool:
    tasks = tasks_of(service)
    return not tasks.current and not tasks.stale and not tasks.stopping


def tick() -> None:
    """One step for each service."""
    for (account, region, key), service in list(ecs._services.all_items()):
        with request_scope(account, region):
            if service.get("status") == "ACTIVE":
                step(key.split("/", 1)[0], service)
            elif service.get("status") == "DRAINING" and _drained(service):
                service["status"] = "INACTIVE"


def _loop() -> None:
    while True:
        try:
            tick()
        except Exception:
            log.exception("the scheduler of services stumbled")
        _wake.wait(_TICK_SECONDS)
        _wake.clear()


def _woken(*_: Any, **__: Any) -> None:
    _wake.set()


_KEPT = ("propagateTags", "enableECSManagedTags", "serviceRegistries")


def _create(old: Any, data: dict[str, Any]) -> Any:
    response = old(data)
    config = data.get("deploymentConfiguration") or {}
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html: ENABLED where it is possible.
    possible = int(config.get("maximumPercent", 200)) > 100
    return _keep(data, data.get("serviceName"), response, "ENABLED" if possible else "DISABLED")


def _update(old: Any, data: dict[str, Any]) -> Any:
    return _keep(data, data.get("service"), old(data), None)


def _keep(data: dict[str, Any], reference: Any, response: Any, default: str | None) -> Any:
    if response[0] != 200:
        return response
    name = str(reference).rsplit("/", 1)[-1]
    service = ecs._services[f"{ecs._resolve_cluster_name(data.get('cluster', 'default'))}/{name}"]
    rebalancing = data.get("availabilityZoneRebalancing") or default
    if rebalancing:
        service["availabilityZoneRebalancing"] = rebalancing
    service.update({key: data[key] for key in _KEPT if key in data})
    _wake.set()
    return json_response({"service": ecs._sanitize(service)})


def _delete(old: Any, data: dict[str, Any]) -> Any:
    """A deleted service drains until its tasks have ended."""
    response = old(data)
    if response[0] != 200:
        return response
    name = str(data.get("service", "")).rsplit("/", 1)[-1]
    service = ecs._services[f"{ecs._resolve_cluster_name(data.get('cluster', 'default'))}/{name}"]
    if not _drained(service):
        service["status"] = "DRAINING"
    return json_response({"service": ecs._sanitize(service)})


def begin() -> None:
    """Start to schedule: with kept state, when it is known which tasks run on."""
    threading.Thread(target=_loop, daemon=True, name="ecs-services").start()


def install() -> None:
    """Put this scheduler in the place of MiniStack's."""
    patch.replace(ecs, "_reconcile_service_tasks", _woken, "cluster_name svc_key")
    patch.replace(ecs, "_complete_service_deployment", _woken, "cluster_name svc_key expected_deployment_id")
    parameters = "cluster_name svc_key account_id region healthy_task"
    patch.replace(ecs, "_schedule_service_deployment_completion", _woken, parameters)
    for name, around in (("_create_service", _create), ("_update_service", _update), ("_delete_service", _delete)):
        patch.wrap(ecs, name, around, "data")
    if not persistence.PERSIST_STATE:
        begin()
