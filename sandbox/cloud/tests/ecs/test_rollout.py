"""How long a service waits after starts that failed."""

from types import SimpleNamespace
from typing import Any

import pytest

from cloud.ecs import rollout


def test_each_failed_start_doubles_the_pause_up_to_the_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollout, "time", SimpleNamespace(time=lambda: 100.0))
    service: dict[str, Any] = {"serviceName": "crash", "events": []}
    deployment: dict[str, Any] = {}
    pauses = []
    for _ in range(13):
        rollout._count(service, deployment)
        pauses.append(service["_next_start"] - 100)
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1620, 1620]
    assert [event["message"] for event in service["events"]] == [
        "(service crash) is unable to consistently start tasks successfully."
    ]
