"""The daemon's health check, on heartbeats as Dagster writes them."""

import importlib.metadata
import json
import logging
import pathlib
import runpy
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest
from dagster._daemon.types import DaemonHeartbeat
from dagster._serdes import serialize_value

ALIVE = str(pathlib.Path(__file__).parent.parent / "alive.py")
VARIABLES = ("HOST", "PORT", "DB", "USER", "PASSWORD")


class Database:
    """A connection and a cursor that answer with a daemon's heartbeats of the given ages."""

    def __init__(self, daemon: str = "own", **ages: float) -> None:
        self.rows = [
            (thread, daemon, serialize_value(DaemonHeartbeat(time.time() - age, thread, daemon, [])))
            for thread, age in ages.items()
        ]

    def beside(self, other: "Database") -> "Database":
        """Both daemons' heartbeats."""
        self.rows += other.rows
        return self

    def cursor(self) -> "Database":
        return self

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, statement: str) -> None:
        assert "FROM daemon_heartbeats" in statement

    def fetchall(self) -> list[tuple[str, str, str]]:
        return self.rows


@pytest.fixture(autouse=True)
def home(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))


def load(monkeypatch: pytest.MonkeyPatch, database: Database | Exception) -> dict[str, Any]:
    """The script beside a database."""

    def connect(**_: object) -> Database:
        if isinstance(database, Exception):
            raise database
        return database

    monkeypatch.setattr(psycopg2, "connect", connect)
    for name in VARIABLES:
        monkeypatch.setenv(f"DAGSTER_PG_{name}", "x")
    return runpy.run_path(ALIVE)


def start(
    monkeypatch: pytest.MonkeyPatch, database: Database | Exception, command: Callable[[], None] = lambda: None
) -> list[str]:
    """Start a daemon, run a command in place of Dagster's, and give the arguments that it found."""
    program = SimpleNamespace(load=lambda: command)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group, name: [program])
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    with pytest.raises(SystemExit):
        load(monkeypatch, database)["start"](["dagster-daemon", "run"])
    return sys.argv


def check(monkeypatch: pytest.MonkeyPatch, database: Database | Exception, lived: float = 86400) -> str | None:
    """What the check ends with when the container has lived for some seconds."""
    names = load(monkeypatch, database)
    names["main"].__globals__["process_began"] = lambda: time.time() - lived
    try:
        names["main"]()
    except SystemExit as ended:
        return str(ended.code)
    return None


def test_a_daemon_whose_threads_beat_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(monkeypatch, Database(SENSOR=10, BACKFILL=25)) is None


def test_a_thread_that_is_busy_for_long_is_no_death(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(monkeypatch, Database(SENSOR=10, BACKFILL=1700)) is None


def test_a_thread_that_never_comes_back_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(monkeypatch, Database(SENSOR=10, BACKFILL=1900)) == "hung: BACKFILL"


def test_a_daemon_of_which_nothing_is_heard_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    said = check(monkeypatch, Database(SENSOR=310, BACKFILL=400))
    assert said == "no thread has sent a heartbeat for 310 seconds"


def test_the_heartbeats_of_the_daemon_before_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    said = check(monkeypatch, Database(SENSOR=70, BACKFILL=80), lived=60)
    assert said == "no thread has sent a heartbeat since the start"


def test_a_thread_that_this_daemon_does_not_have_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(monkeypatch, Database(SENSOR=10, EVENT_LOG_CONSUMER=90000)) is None


def test_a_database_that_does_not_answer_is_not_the_daemons_death(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(monkeypatch, psycopg2.OperationalError("timeout expired")) is None


def test_of_two_daemons_the_second_is_dead_and_names_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    start(monkeypatch, Database("first", SENSOR=5, BACKFILL=20))
    both = Database("first", SENSOR=5).beside(Database(BACKFILL=10))
    said = check(monkeypatch, both, lived=90)
    assert said == "another daemon came first and still sends heartbeats: first"


def test_of_two_daemons_the_first_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    start(monkeypatch, Database("before", SENSOR=100000))
    both = Database(SENSOR=5).beside(Database("second", BACKFILL=10))
    assert check(monkeypatch, both) is None


def test_a_daemon_that_takes_the_place_of_another_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    start(monkeypatch, Database("before", SENSOR=0, BACKFILL=20))
    last = Database("before", EVENT_LOG_CONSUMER=39)  # one second after the start of this one
    assert check(monkeypatch, Database(SENSOR=5, BACKFILL=10).beside(last), lived=40) is None


def test_a_daemon_starts_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    assert start(monkeypatch, psycopg2.OperationalError("timeout expired")) == ["dagster-daemon", "run"]
    assert check(monkeypatch, Database(SENSOR=10)) is None


def test_no_line_is_printed_twice_and_the_launchers_own_are_objects(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
) -> None:
    def command() -> None:
        dagster = logging.getLogger("dagster")
        monkeypatch.setattr(dagster, "handlers", [logging.StreamHandler(sys.stdout)])
        logging.warning("a worker failed")  # as EcsRunLauncher does
        dagster.error("a line of Dagster")

    start(monkeypatch, Database(), command)
    out, err = capfd.readouterr()
    assert err == "" and (out + err).count("a line of Dagster") == 1
    line = json.loads(next(line for line in out.splitlines() if "a worker failed" in line))
    assert (line["event"], line["logger"], line["level"]) == ("a worker failed", "root", "warning")


def test_the_first_process_began_before_now() -> None:
    assert runpy.run_path(ALIVE)["process_began"]() <= time.time()
