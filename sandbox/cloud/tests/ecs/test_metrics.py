"""Tasks report what their containers use, and services how many of them there are."""

from collections.abc import Iterator
from typing import Any

import pytest
from helpers.sandbox import running, until
from helpers.service import Service
from ministack.services import cloudwatch, ecs

from cloud.core import usage
from cloud.ecs import metrics

CLUSTER = "arn:aws:ecs:us-east-1:000000000000:cluster/work"


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A cluster with two tasks of a service and one of nobody's, whose containers use what their names say."""
    for store in (ecs._clusters, ecs._tasks, ecs._services, cloudwatch._metrics):
        store.clear()
    found = {
        "clusterArn": CLUSTER,
        "clusterName": "work",
        "settings": [{"name": "containerInsights", "value": "enabled"}],
    }
    ecs._clusters["work"] = found
    for name, group, use in (("a", "service:web", "0.1"), ("b", "service:web", "0.3"), ("c", "family:run", "0.5")):
        ecs._tasks[name] = {
            "clusterArn": CLUSTER,
            "taskDefinitionArn": f"arn:aws:ecs:us-east-1:000000000000:task-definition/{group.split(':')[1]}:3",
            "group": group,
            "lastStatus": "RUNNING",
            "cpu": "1024",
            "memory": "2048",
            "_docker_ids": [use],
        }
    service = {"serviceName": "web", "clusterArn": CLUSTER, "status": "ACTIVE", "deployments": [{}]}
    ecs._services["web"] = service | {"runningCount": 2, "desiredCount": 3, "pendingCount": 1}
    monkeypatch.setattr(ecs, "_get_docker", lambda: object())
    monkeypatch.setattr(usage, "of", lambda client, name: usage.Usage(float(name), int(float(name) * 2**30)))
    yield found
    for store in (ecs._clusters, ecs._tasks, ecs._services, cloudwatch._metrics):
        store.clear()


def reported(namespace: str, **named: str) -> dict[str, list[float]]:
    """The values of the minute that ends at 120."""
    metrics.report(120.0)
    found: dict[str, list[float]] = {}
    for (where, name, _), points in cloudwatch._metrics.items():
        for point in points:
            assert point["Timestamp"] == 60.0
            if where == namespace and point["Dimensions"] == {"ClusterName": "work", **named}:
                found.setdefault(name, []).append(point["Value"])
    return found


def test_a_service_has_the_share_that_each_of_its_tasks_uses(cluster: dict[str, Any]) -> None:
    found = reported("AWS/ECS", ServiceName="web")
    assert found["CPUUtilization"] == pytest.approx([10.0, 30.0])
    assert found["MemoryUtilization"] == pytest.approx([5.0, 15.0], abs=0.1)


def test_container_insights_add_up_services_families_and_the_cluster(cluster: dict[str, Any]) -> None:
    web, run = {"ServiceName": "web"}, {"TaskDefinitionFamily": "run"}
    found = reported("ECS/ContainerInsights", **web)
    assert found["CpuUtilized"] == pytest.approx([0.4 * 1024])
    assert (found["CpuReserved"], found["MemoryReserved"]) == ([2048.0], [4096.0])
    counts = ("RunningTaskCount", "DesiredTaskCount", "PendingTaskCount", "DeploymentCount")
    assert [found[name] for name in counts] == [[2], [3], [1], [1]]
    cloudwatch._metrics.clear()
    assert reported("ECS/ContainerInsights", **run)["MemoryUtilized"] == pytest.approx([512.0])
    cloudwatch._metrics.clear()
    whole = reported("ECS/ContainerInsights")
    assert (whole["TaskCount"], whole["ServiceCount"], whole["CpuReserved"]) == ([3], [1], [3072.0])


def test_a_service_without_a_running_task_has_no_utilization_but_its_counts(cluster: dict[str, Any]) -> None:
    for task in ecs._tasks.values():
        task["lastStatus"] = "STOPPED"
    ecs._services["web"]["runningCount"] = 0
    assert reported("AWS/ECS", ServiceName="web") == {}
    assert reported("ECS/ContainerInsights", ServiceName="web")["RunningTaskCount"][0] == 0


def test_without_the_setting_there_are_no_insights(cluster: dict[str, Any]) -> None:
    cluster["settings"][0]["value"] = "disabled"
    assert reported("AWS/ECS", ServiceName="web")
    assert reported("ECS/ContainerInsights", ServiceName="web") == {}


def test_what_an_engine_says_becomes_processors_and_memory() -> None:
    stats = iter(
        {
            "cpu_stats": {"cpu_usage": {"total_usage": spent}},
            "memory_stats": {"usage": 500, "stats": {"inactive_file": 200}},
        }
        for spent in (1e9, 4e9)
    )

    class Engine:
        class api:  # noqa: N801
            """docker-py's low-level client."""

            stats = staticmethod(lambda container, **options: next(stats))

    clock = iter([100.0, 110.0, 111.0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(usage.time, "monotonic", lambda: next(clock))
        assert usage.of(Engine, "x") == usage.Usage(None, 300)
        assert usage.of(Engine, "x") == usage.Usage(0.3, 300)
        assert usage.of(Engine, "x") == usage.Usage(0.3, 300)  # a second later it is the same


@pytest.mark.engine
def test_a_busy_task_is_seen_to_be_busy() -> None:
    with running() as sandbox:
        service = Service(sandbox, "busy", "while :; do :; done")
        until("the service", service.steady)
        cloud = sandbox.client("cloudwatch")
        named = [{"Name": "ClusterName", "Value": "work"}, {"Name": "ServiceName", "Value": "busy"}]

        def values() -> list[float]:
            found = cloud.get_metric_statistics(
                Namespace="AWS/ECS",
                MetricName="CPUUtilization",
                Dimensions=named,
                StartTime=0,
                EndTime=2**33,
                Period=60,
                Statistics=["Maximum"],
            )
            return [point["Maximum"] for point in found["Datapoints"]]

        assert max(until("a value of the metric", values)) > 1
        service.remove()
