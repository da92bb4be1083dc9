"""Tell how each deployment of a service goes and went.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html (the states) and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html. The provider waits for the
state of the deployment that it has begun, which it finds by the time of its creation: MiniStack knows no deployments
after their time, and cuts all times to seconds.
"""

from datetime import datetime
from typing import Any

from ministack.core.responses import json_response
from ministack.services import ecs

from cloud.core import patch
from cloud.ecs import deployment_alarms

# What this module uses of MiniStack.
NEEDS = {
    ecs: "_resolve_cluster_name _sanitize _services",
}

_THRESHOLD_EXCEEDED = "Service deployment rolled back because the circuit breaker threshold was exceeded."
# AWS does not document its words for alarms.
_ALARM_FIRED = "Service deployment rolled back because of the alarms {names}."
_ROLLED_BACK = "ROLLBACK_SUCCESSFUL"
_UNDER_WAY = frozenset({"IN_PROGRESS", "ROLLBACK_IN_PROGRESS"})


def record(service: dict[str, Any]) -> None:
    """Note the states of the service's deployments, which it forgets when the next one has completed.

    The scheduler and requests do so at the same time: the history is read from copies.
    """
    history: dict[str, dict[str, Any]] = service.setdefault("_history", {})
    present = {deployment["id"]: deployment for deployment in service["deployments"]}
    for name, deployment in present.items():
        sources = [kept["id"] for kept in history.copy().values() if kept["id"] != name and kept["id"] in present]
        entry = history.setdefault(name, {"id": name, "sources": sources, "status": "IN_PROGRESS"})
        entry["deployment"] = dict(deployment)
    for name, entry in history.copy().items():
        status = _status(service, entry, name in present)
        if status != entry["status"]:
            entry.update(status=status, updatedAt=entry["deployment"]["updatedAt"])
        if status not in _UNDER_WAY:
            entry.setdefault("finishedAt", entry["deployment"]["updatedAt"])


def _status(service: dict[str, Any], entry: dict[str, Any], present: bool) -> str:
    if entry["status"] not in _UNDER_WAY:
        return str(entry["status"])
    rollout = entry["deployment"].get("rolloutState")
    if rollout == "COMPLETED":
        return "SUCCESSFUL"
    if rollout == "FAILED":
        primary = next(each for each in service["deployments"] if each["status"] == "PRIMARY")
        if primary["id"] == entry["id"]:  # there is none to roll back to, or that is not wanted
            return "ROLLBACK_FAILED" if _goes_back(service, entry) else "STOPPED"
        return _ROLLED_BACK if primary.get("rolloutState") == "COMPLETED" else "ROLLBACK_IN_PROGRESS"
    superseded = not present or entry["deployment"]["status"] != "PRIMARY"
    return "STOPPED" if superseded else "IN_PROGRESS"


def _breaker(service: dict[str, Any]) -> dict[str, Any]:
    return (service.get("deploymentConfiguration") or {}).get("deploymentCircuitBreaker") or {}


def _goes_back(service: dict[str, Any], entry: dict[str, Any]) -> bool:
    """ "A rollback occurs when you use the rollback option for the method that initiated the deployment failure"."""
    by_alarms = "_alarms_fired" in entry["deployment"]
    return bool((deployment_alarms.settings(service) if by_alarms else _breaker(service)).get("rollback"))


def _arn(service: dict[str, Any], kind: str, name: str) -> str:
    return service["serviceArn"].replace(":service/", f":{kind}/") + "/" + name.rpartition("/")[2]


def _brief(service: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    deployment, reason = entry["deployment"], None
    if entry["status"].startswith("ROLLBACK"):
        fired = deployment.get("_alarms_fired")
        reason = _ALARM_FIRED.format(names=", ".join(fired)) if fired else _THRESHOLD_EXCEEDED
    elif entry["status"] == "STOPPED":
        reason = deployment.get("rolloutStateReason")
    return {
        "serviceDeploymentArn": _arn(service, "service-deployment", entry["id"]),
        "serviceArn": service["serviceArn"],
        "clusterArn": service["clusterArn"],
        "createdAt": _seconds(deployment["createdAt"]),
        "startedAt": _seconds(deployment["createdAt"]),
        "finishedAt": _seconds(entry.get("finishedAt")),
        "targetServiceRevisionArn": _arn(service, "service-revision", entry["id"]),
        "status": entry["status"],
        "statusReason": reason,
    }


def _whole(service: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    shown = _brief(service, entry)
    target, deployment = shown.pop("targetServiceRevisionArn"), entry["deployment"]
    breaker = _breaker(service)
    fired, alarms = deployment.get("_alarms_fired") or [], deployment_alarms.settings(service)
    failed = deployment.get("rolloutState") == "FAILED" and not fired
    return shown | {
        "updatedAt": _seconds(deployment["updatedAt"]),
        "sourceServiceRevisions": [{"arn": _arn(service, "service-revision", name)} for name in entry["sources"]],
        "targetServiceRevision": {
            "arn": target,
            "requestedTaskCount": deployment["desiredCount"],
            "runningTaskCount": deployment["runningCount"],
            "pendingTaskCount": deployment["pendingCount"],
        },
        "deploymentConfiguration": service.get("deploymentConfiguration"),
        "deploymentCircuitBreaker": {
            "status": ("TRIGGERED" if failed else "MONITORING") if breaker.get("enable") else "DISABLED",
            "failureCount": deployment.get("failedTasks", 0),
        },
        "alarms": {
            "status": ("TRIGGERED" if fired else "MONITORING") if alarms.get("enable") else "DISABLED",
            "alarmNames": alarms.get("alarmNames") or [],
            "triggeredAlarmNames": fired,
        },
    }


def _seconds(value: Any) -> Any:
    """A time as AWS gives it: seconds since 1970, with the fraction."""
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:  # a text that only has the name of a time
        return value


def _of_service(data: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    name = str(data.get("service", "")).rsplit("/", 1)[-1]
    service = ecs._services.get(f"{ecs._resolve_cluster_name(data.get('cluster', 'default'))}/{name}")
    if service is None:
        return {}, []
    record(service)
    return service, sorted(service["_history"].copy().values(), key=lambda entry: entry["deployment"]["createdAt"])[
        ::-1
    ]


def _list(data: dict[str, Any]) -> Any:
    service, entries = _of_service(data)
    created, wanted = data.get("createdAt") or {}, data.get("status") or []
    briefs = [_brief(service, entry) for entry in entries if not wanted or entry["status"] in wanted]
    after, before = float(created.get("after") or 0), float(created.get("before") or "inf")
    found = [each for each in briefs if after < each["createdAt"] < before]
    return json_response({"serviceDeployments": ecs._sanitize(found)})


def _all() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    services = list(ecs._services.values())
    for service in services:
        record(service)
    return [(service, entry) for service in services for entry in service["_history"].copy().values()]


def _missing(asked: list[str], found: list[dict[str, Any]], member: str) -> list[dict[str, str]]:
    known = {each[member] for each in found}
    return [{"arn": arn, "reason": "MISSING"} for arn in asked if arn not in known]


def _describe(data: dict[str, Any]) -> Any:
    asked = data.get("serviceDeploymentArns") or []
    found = [whole for each in _all() if (whole := _whole(*each))["serviceDeploymentArn"] in asked]
    failures = _missing(asked, found, "serviceDeploymentArn")
    return json_response({"serviceDeployments": ecs._sanitize(found), "failures": failures})


def _describe_revisions(data: dict[str, Any]) -> Any:
    asked = data.get("serviceRevisionArns") or []
    found = [
        {
            "serviceRevisionArn": _arn(service, "service-revision", entry["id"]),
            "serviceArn": service["serviceArn"],
            "clusterArn": service["clusterArn"],
            "taskDefinition": entry["deployment"]["taskDefinition"],
            "launchType": service.get("launchType"),
            "platformVersion": service.get("platformVersion"),
            "loadBalancers": service.get("loadBalancers"),
            "networkConfiguration": service.get("networkConfiguration"),
            "createdAt": _seconds(entry["deployment"]["createdAt"]),
        }
        for service, entry in _all()
    ]
    found = [each for each in found if each["serviceRevisionArn"] in asked]
    failures = _missing(asked, found, "serviceRevisionArn")
    return json_response({"serviceRevisions": ecs._sanitize(found), "failures": failures})


def install() -> None:
    """Answer instead of MiniStack, whose answers are empty, and keep the fractions of times."""
    patch.replace(ecs, "_list_service_deployments", _list, "data")
    patch.replace(ecs, "_describe_service_deployments", _describe, "data")
    patch.replace(ecs, "_describe_service_revisions", _describe_revisions, "data")
    patch.replace(ecs, "_ts_to_epoch", _seconds, "value")
