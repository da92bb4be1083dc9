"""Let alarms of CloudWatch end a deployment.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html and
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeploymentAlarms.html: an alarm that goes into
ALARM once a task of the new deployment runs fails the deployment, with ``rollback`` in favor of the last completed one.
Where an alarm is in ALARM when the deployment begins, as when it mends what was deployed before, none is looked at.
After the service is steady they are looked at for the bake time, which ECS computes from the alarms and does not say
how: here it is the longest time that one of them looks back. MiniStack knows nothing of them.
"""

from typing import Any

from ministack.core.concurrency import resource_lock
from ministack.services import cloudwatch, ecs

from cloud.core import clock

# What this module uses of MiniStack.
NEEDS = {
    cloudwatch: "_alarms _composite_alarms",
    ecs: "_iso",
}


def settings(service: dict[str, Any]) -> dict[str, Any]:
    """What the service says of alarms."""
    return (service.get("deploymentConfiguration") or {}).get("alarms") or {}


def _watched(service: dict[str, Any]) -> list[dict[str, Any]]:
    config = settings(service)
    names = config.get("alarmNames") or [] if config.get("enable") else []
    found = [cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name) for name in names]
    return [alarm for alarm in found if alarm]


def firing(service: dict[str, Any], deployment: dict[str, Any], running: bool) -> list[str]:
    """The alarms that end a deployment of which tasks run, or none."""
    names = [alarm["AlarmName"] for alarm in _watched(service) if alarm["StateValue"] == "ALARM"]
    ignored = deployment.setdefault("_alarms_ignored", bool(names))
    return [] if ignored or not running else names


def baked(service: dict[str, Any], deployment: dict[str, Any]) -> bool:
    """Whether a deployment that is steady has been looked at for long enough."""
    watched = [] if deployment.get("_alarms_ignored") else _watched(service)
    spans = [int(alarm["EvaluationPeriods"]) * _period(alarm) for alarm in watched if "EvaluationPeriods" in alarm]
    since = deployment.setdefault("_steady_since", clock.time())
    return clock.time() >= since + max(spans, default=0)


def _period(alarm: dict[str, Any]) -> int:
    stats = [each["MetricStat"]["Period"] for each in alarm.get("Metrics") or [] if each.get("MetricStat")]
    return int(max(stats, default=0) or alarm.get("Period") or 0)


def fail(service: dict[str, Any], deployment: dict[str, Any], names: list[str]) -> dict[str, Any] | None:
    """Fail a deployment because of alarms, and give the one that takes its place again."""
    with resource_lock("ecs-service", service["serviceArn"].split(":service/")[1]):
        deployment.update(rolloutState="FAILED", desiredCount=0, updatedAt=ecs._iso(), _alarms_fired=names)
        deployment["rolloutStateReason"] = "ECS deployment failed: alarm detected."
        if not settings(service).get("rollback"):
            return None
        others = [each for each in service["deployments"] if each is not deployment]
        back = next((each for each in others if each.get("rolloutState") == "COMPLETED"), None)
        if back is None:
            return None
        deployment["status"] = "ACTIVE"
        back.update(status="PRIMARY", rolloutState="IN_PROGRESS", updatedAt=ecs._iso())
        back["rolloutStateReason"] = f"ECS deployment alarms: rolling back to deploymentId {back['id']}."
        # What fires now is the failed deployment's.
        back.update(desiredCount=service["desiredCount"], _alarms_ignored=True)
        service.update(taskDefinition=back["taskDefinition"], _next_start=0)
        return dict(back)
