"""The clock does what falls due, also on the way to where it is moved."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud.core import clock


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A clock that nobody has moved and that has nothing to do."""
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    monkeypatch.setattr(clock, "_jobs", [])
    monkeypatch.setattr(clock, "_moved", 0.0)
    yield


def test_it_begins_with_the_real_time() -> None:
    assert clock.time() == pytest.approx(time.time(), abs=1)


def test_what_falls_due_on_the_way_is_done_in_its_order_and_at_its_time() -> None:
    done: list[tuple[str, float]] = []
    clock.every(60, "sample", lambda at: done.append(("sample", at)))
    clock.every(30, "look", lambda at: done.append(("look", at)))
    seen: list[float] = []
    clock.every(60, "time", lambda at: seen.append(clock.time()))
    begin = clock.time() // 60 * 60
    clock.advance(begin + 119 - clock.time())
    assert (
        done == [("look", begin + 30), ("sample", begin + 60), ("look", begin + 60), ("look", begin + 90)][-len(done) :]
    )
    assert seen == [pytest.approx(begin + 60, abs=0.5)]
    assert clock.time() == pytest.approx(begin + 119, abs=0.5)


def test_what_fails_does_not_keep_the_rest_from_being_done() -> None:
    done: list[float] = []

    def fail(at: float) -> None:
        raise RuntimeError("no")

    clock.every(60, "fail", fail)
    clock.every(60, "work", done.append)
    clock.advance(120)
    assert len(done) == 2


def test_a_restarted_emulator_goes_on_from_where_the_clock_was_moved_to(tmp_path: Path) -> None:
    clock.advance(3600)
    assert float((tmp_path / "clock").read_text()) == pytest.approx(3600, abs=1)
    assert clock.ahead() == pytest.approx(3600, abs=1)
