"""EventBridge hears of tasks, deployments and services."""

from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import ecs

from cloud.ecs import events

CLUSTER = "arn:aws:ecs:us-east-1:000000000000:cluster/work"
TASK = "arn:aws:ecs:us-east-1:000000000000:task/work/1"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, dict[str, Any], tuple[str, ...]]]]:
    """What is emitted, beginning with a look at nothing."""
    found: list[tuple[str, dict[str, Any], tuple[str, ...]]] = []
    monkeypatch.setattr(events, "emit", lambda source, kind, detail, *arns: found.append((kind, detail, arns)))
    monkeypatch.setattr(events, "_known", None)
    for store in (ecs._tasks, ecs._services):
        store.clear()
    events.look(0)
    yield found
    for store in (ecs._tasks, ecs._services):
        store.clear()


def test_each_change_of_a_task_is_told_once(told: list[Any]) -> None:
    task = {
        "taskArn": TASK,
        "lastStatus": "PENDING",
        "desiredStatus": "RUNNING",
        "containers": [{"lastStatus": "PENDING"}],
    }
    ecs._tasks[TASK] = task | {"clusterArn": CLUSTER, "createdAt": 1700000000.5, "group": "family:run"}
    events.look(0)
    events.look(0)
    ecs._tasks[TASK].update(lastStatus="STOPPED", desiredStatus="STOPPED", stopCode="EssentialContainerExited")
    ecs._tasks[TASK]["containers"] = [{"lastStatus": "STOPPED", "exitCode": 137}]
    events.look(0)
    assert [(kind, detail["lastStatus"], detail["version"]) for kind, detail, _ in told] == [
        ("ECS Task State Change", "PENDING", 1),
        ("ECS Task State Change", "STOPPED", 2),
    ]
    _, detail, arns = told[1]
    assert arns == (TASK,)
    assert detail["containers"][0]["exitCode"] == 137
    assert (detail["stopCode"], detail["createdAt"]) == ("EssentialContainerExited", "2023-11-14T22:13:20.500Z")


def test_a_deployment_that_fails_is_told_as_an_error(told: list[Any]) -> None:
    deployment = {"id": "ecs-svc/1", "rolloutState": "IN_PROGRESS", "rolloutStateReason": "in progress"}
    service = {"serviceArn": f"{CLUSTER}-web", "clusterArn": CLUSTER, "deployments": [deployment], "events": []}
    ecs._services["web"] = service
    events.look(0)
    deployment.update(rolloutState="FAILED", rolloutStateReason="tasks failed to start.")
    service["events"].insert(0, {"id": "1", "message": "(service web) has reached a steady state."})
    events.look(0)
    events.look(0)
    assert [(kind, detail["eventName"], detail["eventType"]) for kind, detail, _ in told] == [
        ("ECS Deployment State Change", "SERVICE_DEPLOYMENT_IN_PROGRESS", "INFO"),
        ("ECS Deployment State Change", "SERVICE_DEPLOYMENT_FAILED", "ERROR"),
        ("ECS Service Action", "SERVICE_STEADY_STATE", "INFO"),
    ]
    assert told[1][1]["reason"] == "tasks failed to start."


def test_what_an_emulator_finds_when_it_starts_is_no_news(told: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_known", None)
    ecs._tasks[TASK] = {"taskArn": TASK, "lastStatus": "RUNNING", "desiredStatus": "RUNNING", "clusterArn": CLUSTER}
    events.look(0)
    assert told == []
