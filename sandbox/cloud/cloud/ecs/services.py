"""Keep the tasks of services as ECS's scheduler does.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html (minimum and maximum percent),
deployment-circuit-breaker.html, service-load-balancing.html (an unhealthy target's task is replaced),
service-throttle-logic.html (the pause between starts that fail grows) and service-rebalancing.html.
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
from ministack.core.concurrency import resource_lock
from ministack.core.responses import AccountRegionScopedDict, json_response, new_uuid, request_scope
from ministack.services import ecs

from cloud.core import patch
from cloud.ecs import deployments, stopping
from cloud.elb import health as elb_health

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "all_items",
    persistence: "PERSIST_STATE",
    ecs: (
        "_cluster_name_from_arn _deployment_for_task _iso _primary_deployment _record_service_task_failure "
        "_recount_cluster _refresh_service_state _resolve_cluster_name _resolve_td_key _run_task _sanitize "
        "_services _tags _task_defs _task_ip _tasks _ts_to_epoch"
    ),
}


log = logging.getLogger(__name__)
_TICK_SECONDS = 0.5
# Without any health check, a task that ran this long has started.
STARTED_SECONDS = 5.0
# "The time between subsequent restart attempts is incrementally increased up to a maximum of 27 minutes."
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 27 * 60.0

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
    if settled and primary.get("rolloutState") == "IN_PROGRESS":
        _complete(service, primary)


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
        _event(service, f"failed to launch a task with (error {json.loads(body).get('message', '')}).")


def _replace_unhealthy(service: dict[str, Any], tasks: Tasks) -> None:
    grace = float(service.get("healthCheckGracePeriodSeconds") or 0)
    for task in tasks.current + tasks.stale:
        for arn, target in _targets(service, task):
            if target is None or target.state != elb_health.UNHEALTHY or _age(task) < grace:
                continue
            group = arn.split("targetgroup/")[1].split("/")[0]
            _event(
                service,
                f"task {task['taskArn'].rsplit('/', 1)[-1]} is unhealthy in target-group {group} due to "
                f"(reason {target.description})",
            )
            reason = f"Task failed ELB health checks in (target-group {arn})"
            stopping.stop(task, reason, "ServiceSchedulerInitiated")
            ecs._record_service_task_failure(task)


def _complete(service: dict[str, Any], primary: dict[str, Any]) -> None:
    with resource_lock("ecs-service", service["serviceArn"].split(":service/")[1]):
        primary.update(rolloutState="COMPLETED", updatedAt=ecs._iso())
        primary["rolloutStateReason"] = f"ECS deployment {primary['id']} completed."
        # A deployment without tasks is not shown any more; an update may have made another one meanwhile.
        service["deployments"] = [d for d in service["deployments"] if d is primary or d["status"] == "PRIMARY"]
    _event(service, f"(deployment {primary['id']}) deployment completed.")
    _event(service, "has reached a steady state.")


def _event(service: dict[str, Any], message: str) -> None:
    text = f"(service {service['serviceName']}) {message}"
    service["events"].insert(0, {"id": new_uuid(), "createdAt": ecs._iso(), "message": text})
    del service["events"][100:]


def _count(service: dict[str, Any], deployment: dict[str, Any]) -> None:
    """Let the next start wait longer."""
    failures = deployment["_failures"] = int(deployment.get("_failures", 0)) + 1
    pause = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** (failures - 1))
    service["_next_start"] = time.time() + pause
    if failures == 3:
        _event(service, "is unable to consistently start tasks successfully.")


def _failed(old: Any, task: dict[str, Any], digest_resolution_failed: bool = False) -> None:
    """Count a failure for the circuit breaker, and let the next start wait longer."""
    cluster = ecs._cluster_name_from_arn(task.get("clusterArn", ""))
    service = ecs._services.get(f"{cluster}/{task.get('group', '').partition(':')[2]}")
    deployment = ecs._deployment_for_task(service, task) if service else None
    judged = deployment is not None and deployment is ecs._primary_deployment(service)
    if judged:
        _count(service, deployment)
        breaker = (service.get("deploymentConfiguration") or {}).get("deploymentCircuitBreaker") or {}
        if deployment["rolloutState"] == "IN_PROGRESS" and not breaker.get("enable"):
            deployment["failedTasks"] += 1  # MiniStack counts for the circuit breaker only
    events, failed_before = (len(service["events"]), deployment["rolloutState"] == "FAILED") if judged else (0, False)
    old(task, digest_resolution_failed)
    if judged and deployment["rolloutState"] == "FAILED" and not failed_before:
        del service["events"][: len(service["events"]) - events]
        _tell_failure(service, deployment)


def _tell_failure(service: dict[str, Any], deployment: dict[str, Any]) -> None:
    """Say in AWS's words that the circuit breaker was triggered, and what follows from it."""
    deployment["rolloutStateReason"] = "ECS deployment circuit breaker: tasks failed to start."
    _event(service, f"(deployment {deployment['id']}) deployment failed: tasks failed to start.")
    primary = ecs._primary_deployment(service)
    if primary is deployment:
        return
    service["_next_start"] = 0  # the old deployment's tasks do not wait for the new one's failures
    primary["rolloutStateReason"] = f"ECS deployment circuit breaker: rolling back to deploymentId {primary['id']}."
    _event(service, f"rolling back to deployment {primary['id']}.")


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


def _deployment(old: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    made = old(*args, **kwargs)
    made["rolloutState"] = "IN_PROGRESS"
    made["rolloutStateReason"] = f"ECS deployment {made['id']} in progress."
    return dict(made)


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
    patch.wrap(ecs, "_record_service_task_failure", _failed, "task digest_resolution_failed")
    patch.wrap(ecs, "_make_deployment", _deployment, "task_definition desired_count status")
    for name, around in (("_create_service", _create), ("_update_service", _update), ("_delete_service", _delete)):
        patch.wrap(ecs, name, around, "data")
    if not persistence.PERSIST_STATE:
        begin()
