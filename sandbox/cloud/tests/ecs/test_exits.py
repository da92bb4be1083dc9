"""The engine tells that a container has ended; nobody asks it meanwhile."""

import queue
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from helpers.emulator import ACCOUNT
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import ecs

from cloud.ecs import exits, stopping

REGION = "eu-central-1"


class Engine:
    """An engine with one container, that notes how often it is asked about it."""

    def __init__(self) -> None:
        self.asked = 0
        self.told: queue.Queue[dict[str, Any]] = queue.Queue()
        self.state: dict[str, Any] = {"Status": "running", "ExitCode": 0}
        self.containers = SimpleNamespace(get=self._get)

    def _get(self, _: str) -> Any:
        self.asked += 1
        return SimpleNamespace(attrs={"State": self.state}, status=self.state["Status"], reload=lambda: None)

    def events(self, **_: Any) -> Iterator[dict[str, Any]]:
        return iter(self.told.get, None)

    def tell(self, action: str, arn: str) -> None:
        attributes = {"com.amazonaws.ecs.task-arn": arn}
        self.told.put({"Action": action, "Actor": {"ID": "c", "Attributes": attributes}})


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    found = Engine()
    monkeypatch.setattr(ecs, "_get_docker", lambda: found)
    return found


def test_a_container_is_looked_at_when_it_ends_in_the_scope_of_its_task(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/work/1"
    container: dict[str, Any] = {"name": "main", "lastStatus": "RUNNING", "exitCode": None}
    task = {
        "taskArn": arn,
        "lastStatus": "RUNNING",
        "desiredStatus": "RUNNING",
        "containers": [container],
        "_docker_ids": ["c"],
        "_container_essentials": [True],
    }
    stopped, seen = threading.Event(), []

    def stop(_: Any, reason: str, code: str) -> None:
        seen.append((reason, code, get_account_id(), get_region()))
        stopped.set()

    monkeypatch.setattr(stopping, "stop", stop)
    with request_scope(ACCOUNT, REGION):
        ecs._tasks[arn] = task
        exits.watch(task, engine, ACCOUNT, REGION)
    engine.tell("exec_died", arn)
    engine.tell("die", "arn:of:another")
    engine.state = {"Status": "exited", "ExitCode": 3}
    assert engine.asked == 1
    engine.tell("die", arn)
    assert stopped.wait(timeout=10)
    assert engine.asked == 3
    assert (container["lastStatus"], container["exitCode"]) == ("STOPPED", 3)
    assert seen == [("Essential container in task exited", "EssentialContainerExited", ACCOUNT, REGION)]
