"""The metrics of tasks and services, by what their containers use.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html (a service without a running task
has none) and https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html (in
clusters whose setting ``containerInsights`` is on). Networks, disks and the figures of single tasks and containers,
which Container Insights has besides, are not here.
"""

from collections import defaultdict
from typing import Any

from ministack.services import ecs

from cloud.cloudwatch import series
from cloud.core import clock, threads, usage

# What this module uses of MiniStack.
NEEDS = {
    ecs: "_clusters _get_docker _services _tasks",
}

_MINUTE, _MIB, _UNITS = 60, 1024 * 1024, 1024
_INSIGHTS = "ECS/ContainerInsights"


def report(at: float) -> None:
    """Report the minute that ends."""
    for _ in threads.each_scope(ecs._clusters):
        for cluster in ecs._clusters.values():
            _cluster(cluster, at - _MINUTE)


def _cluster(cluster: dict[str, Any], at: float) -> None:
    arn, named = cluster["clusterArn"], {"ClusterName": cluster["clusterName"]}
    insights = _has_insights(cluster)
    totals: defaultdict[tuple[tuple[str, str], ...], list[tuple[str, float, str]]] = defaultdict(list)
    tasks = [task for task in ecs._tasks.values() if task["clusterArn"] == arn and task["lastStatus"] == "RUNNING"]
    for task in tasks:
        service = task.get("group", "").removeprefix("service:") if _of_service(task) else ""
        used = _used(task)
        if service:
            _utilization(task, used, named | {"ServiceName": service}, at)
        family = task["taskDefinitionArn"].rsplit("/", 1)[-1].partition(":")[0]
        groups = [named, named | {"TaskDefinitionFamily": family}]
        groups += [named | {"ServiceName": service}] if service else []
        for group in groups:
            totals[tuple(group.items())] += used
    if not insights:
        return
    for group, figures in totals.items():
        _sums(dict(group), figures, at)
    services = [each for each in ecs._services.values() if each["clusterArn"] == arn and each["status"] == "ACTIVE"]
    series.record(_INSIGHTS, "TaskCount", len(tasks), "Count", named, at)
    series.record(_INSIGHTS, "ServiceCount", len(services), "Count", named, at)
    for service in services:
        _counts(service, named | {"ServiceName": service["serviceName"]}, at)


def _has_insights(cluster: dict[str, Any]) -> bool:
    found = {each["name"]: each["value"] for each in cluster.get("settings") or []}
    return found.get("containerInsights") in ("enabled", "enhanced")


def _of_service(task: dict[str, Any]) -> bool:
    return str(task.get("group", "")).startswith("service:")


def _used(task: dict[str, Any]) -> list[tuple[str, float, str]]:
    """What a task has and uses, as the figures of Container Insights: units of a processor, and MiB."""
    client = ecs._get_docker()
    found = [usage.of(client, each) for each in task.get("_docker_ids") or []] if client else []
    there = [each for each in found if each]
    figures = [("CpuReserved", float(task.get("cpu") or 0), "None")]
    figures.append(("MemoryReserved", float(task.get("memory") or 0), "Megabytes"))
    if there:
        figures.append(("MemoryUtilized", sum(each.memory for each in there) / _MIB, "Megabytes"))
    processors = [each.processors for each in there if each.processors is not None]
    if processors:
        figures.append(("CpuUtilized", sum(processors) * _UNITS, "None"))
    return figures


def _utilization(task: dict[str, Any], used: list[tuple[str, float, str]], named: dict[str, str], at: float) -> None:
    """A value for each task, so that the average is the service's, and minimum and maximum are of single tasks."""
    figures = {name: value for name, value, _ in used}
    pairs = (
        ("CPUUtilization", "CpuUtilized", "CpuReserved"),
        ("MemoryUtilization", "MemoryUtilized", "MemoryReserved"),
    )
    for name, part, whole in pairs:
        if part in figures and figures[whole]:
            series.record("AWS/ECS", name, 100 * figures[part] / figures[whole], "Percent", named, at)


def _sums(named: dict[str, str], figures: list[tuple[str, float, str]], at: float) -> None:
    totals: dict[tuple[str, str], float] = defaultdict(float)
    for name, value, unit in figures:
        totals[name, unit] += value
    for (name, unit), value in totals.items():
        series.record(_INSIGHTS, name, value, unit, named, at)


def _counts(service: dict[str, Any], named: dict[str, str], at: float) -> None:
    counted = {
        "RunningTaskCount": service.get("runningCount", 0),
        "PendingTaskCount": service.get("pendingCount", 0),
        "DesiredTaskCount": service.get("desiredCount", 0),
        "DeploymentCount": len(service.get("deployments") or []),
    }
    for name, value in counted.items():
        series.record(_INSIGHTS, name, value, "Count", named, at)


def install() -> None:
    """Report once a minute."""
    clock.every(_MINUTE, "metrics of tasks and services", report)
