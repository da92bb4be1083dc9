"""Judge the deployments of services, and tell how they go.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html, service-event-messages.html
and service-throttle-logic.html (the pause between starts that fail grows). MiniStack counts failures for the circuit
breaker alone, and says what happens in other words.
"""

import time
from typing import Any

from ministack.core.concurrency import resource_lock
from ministack.core.responses import new_uuid
from ministack.services import ecs

from cloud.core import patch
from cloud.ecs import deployment_alarms

# What this module uses of MiniStack.
NEEDS = {
    ecs: "_cluster_name_from_arn _deployment_for_task _iso _primary_deployment _services",
}

# "The time between subsequent restart attempts is incrementally increased up to a maximum of 27 minutes."
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 27 * 60.0


def event(service: dict[str, Any], message: str) -> None:
    """Add a message to the service's events."""
    text = f"(service {service['serviceName']}) {message}"
    service["events"].insert(0, {"id": new_uuid(), "createdAt": ecs._iso(), "message": text})
    del service["events"][100:]


def complete(service: dict[str, Any], primary: dict[str, Any]) -> None:
    """Call a deployment completed."""
    with resource_lock("ecs-service", service["serviceArn"].split(":service/")[1]):
        primary.update(rolloutState="COMPLETED", updatedAt=ecs._iso())
        primary["rolloutStateReason"] = f"ECS deployment {primary['id']} completed."
        # A deployment without tasks is not shown any more; an update may have made another one meanwhile.
        service["deployments"] = [d for d in service["deployments"] if d is primary or d["status"] == "PRIMARY"]
    event(service, f"(deployment {primary['id']}) deployment completed.")
    event(service, "has reached a steady state.")


def _count(service: dict[str, Any], deployment: dict[str, Any]) -> None:
    """Let the next start wait longer."""
    failures = deployment["_failures"] = int(deployment.get("_failures", 0)) + 1
    pause = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** (failures - 1))
    service["_next_start"] = time.time() + pause
    if failures == 3:
        event(service, "is unable to consistently start tasks successfully.")


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
    event(service, f"(deployment {deployment['id']}) deployment failed: tasks failed to start.")
    primary = ecs._primary_deployment(service)
    if primary is deployment:
        return
    service["_next_start"] = 0  # the old deployment's tasks do not wait for the new one's failures
    primary["rolloutStateReason"] = f"ECS deployment circuit breaker: rolling back to deploymentId {primary['id']}."
    event(service, f"rolling back to deployment {primary['id']}.")


def ended_by_alarms(service: dict[str, Any], deployment: dict[str, Any], tasks: list[dict[str, Any]]) -> bool:
    """Fail a deployment that is under way when its alarms fire, and say what follows from it."""
    running = any(task["lastStatus"] == "RUNNING" for task in tasks)
    under_way = deployment.get("rolloutState") == "IN_PROGRESS"
    names = deployment_alarms.firing(service, deployment, running) if under_way else []
    if not names:
        return False
    back = deployment_alarms.fail(service, deployment, names)
    event(service, f"(deployment {deployment['id']}) deployment failed: alarm detected.")
    if back:
        event(service, f"rolling back to deployment {back['id']}.")
    return True


def _deployment(old: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    made = old(*args, **kwargs)
    made["rolloutState"] = "IN_PROGRESS"
    made["rolloutStateReason"] = f"ECS deployment {made['id']} in progress."
    return dict(made)


def install() -> None:
    """Put this around MiniStack's counting of failures and its new deployments."""
    patch.wrap(ecs, "_record_service_task_failure", _failed, "task digest_resolution_failed")
    patch.wrap(ecs, "_make_deployment", _deployment, "task_definition desired_count status")
