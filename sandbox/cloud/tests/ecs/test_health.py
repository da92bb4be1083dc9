"""How often a container's health is asked."""

from types import SimpleNamespace
from typing import Any

import pytest
from ministack.services import ecs

from cloud.core import threads
from cloud.ecs import current, health

CHECK = {"command": ["CMD", "check"], "interval": 30, "startPeriod": 120}


class Container:
    """A container whose first checks fail; time passes only while it is checked or waited for."""

    def __init__(self, took: float, failing: int) -> None:
        self.took, self.failing, self.now = took, failing, 0.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)

    def exec_run(self, _: list[str]) -> Any:
        self.now += self.took
        self.failing -= 1
        return SimpleNamespace(exit_code=int(self.failing >= 0))


@pytest.mark.parametrize(
    ("what", "took", "pauses"),
    [
        ("a quick check is asked every two seconds until the container is healthy", 0.1, [2, 2, 2, 30]),
        ("a long one takes half of the time at most", 6, [2, 6, 6, 30]),
        ("and waits no longer than the interval", 40, [2, 30, 30, 30]),
    ],
)
def test_pauses_in_the_start_period(
    monkeypatch: pytest.MonkeyPatch, what: str, took: float, pauses: list[float]
) -> None:
    container = Container(took, failing=2)
    monkeypatch.setattr(health, "time", container)
    monkeypatch.setattr(threads, "start", lambda target, *arguments, name: target(*arguments))
    monkeypatch.setattr(ecs, "_task_is_active", lambda *_: len(container.pauses) < len(pauses))
    shown = {"name": "main", "healthStatus": "UNKNOWN"}
    starting = current.Starting({"taskArn": "task/1", "containers": [shown]}, {})
    health.watch(starting, {"name": "main", "healthCheck": CHECK}, container)
    assert container.pauses == pauses, what
    assert shown["healthStatus"] == "HEALTHY"
