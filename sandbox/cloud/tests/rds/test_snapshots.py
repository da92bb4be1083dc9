"""The server writes nothing while its data is copied."""

from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError
from ministack.services import rds

from cloud.rds import server, snapshots


class Engine:
    """An engine with one server, that notes what is done to it."""

    status = "running"

    def __init__(self) -> None:
        self.done: list[str] = []
        self.name, self.exit_code = "db", 0
        self.containers = SimpleNamespace(get=lambda _: self)
        self.volumes = SimpleNamespace(create=lambda name, labels: SimpleNamespace(name=name))

    def kill(self, signal: str) -> None:
        self.done.append(signal)

    def exec_run(self, command: list[str], user: str) -> Any:
        self.done.append(command[-1])
        return SimpleNamespace(exit_code=self.exit_code, output=b"")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    found = Engine()
    monkeypatch.setenv("SANDBOX_INSTANCE", "test")
    monkeypatch.setattr(rds, "_get_docker", lambda: found)
    monkeypatch.setattr(server, "copy_volume", lambda *_: found.done.append("copy"))
    return found


def taken() -> str:
    """The status of a new snapshot."""
    snapshot = {"DBSnapshotIdentifier": "s", "Status": "creating"}
    snapshots.copy(snapshot, {"DBInstanceIdentifier": "db"})
    return snapshot["Status"]


def test_all_processes_are_stopped_for_the_copy(engine: Engine) -> None:
    assert taken() == "available"
    assert engine.done == ["SIGSTOP", "kill -STOP -1", "copy", "SIGCONT", "kill -CONT -1"]


def test_a_server_that_is_stopped_is_copied_as_it_is(engine: Engine) -> None:
    engine.status = "exited"
    assert taken() == "available"
    assert engine.done == ["copy"]


def test_the_server_goes_on_after_a_copy_that_failed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise APIError("no space left")

    monkeypatch.setattr(server, "copy_volume", fail)
    assert taken() == "failed"
    assert engine.done[-2:] == ["SIGCONT", "kill -CONT -1"]


def test_nothing_is_copied_while_processes_run(engine: Engine) -> None:
    engine.exit_code = 1
    assert taken() == "failed"
    assert "copy" not in engine.done
    assert "SIGCONT" in engine.done
