"""Tell ECS whether the daemon lives, by its exit code: a busy daemon does, one that hangs or came second does not.

A thread of the daemon that ends takes the process with it, so only those that hang are looked for, by the heartbeats
that each writes between two pieces of work. `dagster-daemon liveness-check` reads the same but imports all of Dagster
for it: seconds of a processor, which a busy daemon does not leave it, so that it ran out of time when there was most to
do. It also takes a single thread that is late for death, and the heartbeats of the daemon before for this one's. A
database that does not answer tells nothing about the daemon, which waits for it as well.

Two daemons launch every run twice, and Dagster only logs that there is another. So this script is also the daemon's
start: it notes whose heartbeats are there, then runs the command that it is given. If those go on after the start,
two daemons run, and the one that came second is unhealthy. The first one is left alone.

As the start it also gives the root logger a handler. EcsRunLauncher logs by it, upon which Python would give it one
that prints every line of Dagster a second time, as plain text.
"""

import datetime
import importlib.metadata
import json
import logging
import os
import pathlib
import sys
import time
from typing import NamedTuple

import psycopg2

# All threads are silent: none is that busy, each beats every 30 seconds.
ALL_SECONDS = 300
# One is silent while others beat: a long evaluation. Dagster's own tolerance.
ONE_SECONDS = 1800
# A daemon that is told to stop may send one more, and clocks differ.
LAST_SECONDS = 30


class Beat(NamedTuple):
    """A thread's last heartbeat: when, and the id that the daemon's process gave itself."""

    time: float
    daemon: str


def verdict(beats: dict[str, Beat], now: float, began: float, earlier: set[str]) -> str | None:
    """What is wrong, by each thread's last heartbeat; earlier are the daemons that sent any before the start."""
    if others := {
        beat.daemon for beat in beats.values() if beat.daemon in earlier and beat.time > began + LAST_SECONDS
    }:
        return f"another daemon came first and still sends heartbeats: {', '.join(sorted(others))}"
    ages = {thread: now - beat.time for thread, beat in beats.items() if beat.time >= began}
    if not ages:
        return "no thread has sent a heartbeat since the start"
    if min(ages.values()) > ALL_SECONDS:
        return f"no thread has sent a heartbeat for {min(ages.values()):.0f} seconds"
    hung = [thread for thread, age in ages.items() if age > ONE_SECONDS]
    return f"hung: {', '.join(hung)}" if hung else None


def process_began() -> float:
    """When the container's first process began (proc(5), field 22 of stat)."""
    ticks = int(pathlib.Path("/proc/1/stat").read_text().rpartition(")")[2].split()[19])
    up = float(pathlib.Path("/proc/uptime").read_text().split()[0])
    return time.time() - up + ticks / os.sysconf("SC_CLK_TCK")


def heartbeats() -> dict[str, Beat]:
    """Each thread's last heartbeat."""
    connection = psycopg2.connect(
        host=os.environ["DAGSTER_PG_HOST"],
        port=os.environ["DAGSTER_PG_PORT"],
        dbname=os.environ["DAGSTER_PG_DB"],
        user=os.environ["DAGSTER_PG_USER"],
        password=os.environ["DAGSTER_PG_PASSWORD"],
        connect_timeout=5,
        options="-c statement_timeout=5000",
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT daemon_type, daemon_id, body FROM daemon_heartbeats")
        return {thread: Beat(json.loads(body)["timestamp"], str(daemon)) for thread, daemon, body in cursor.fetchall()}


def note() -> pathlib.Path:
    """Where the ids of earlier daemons are noted, one a line."""
    return pathlib.Path(os.environ["DAGSTER_HOME"], "earlier-daemons")


class Root(logging.Handler):
    """Prints what is logged by the root logger itself as the objects that Dagster's own lines are."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == "root":
            line = {"event": record.getMessage(), "logger": record.name, "level": record.levelname.lower()}
            print(
                json.dumps(line | {"timestamp": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%S.%fZ}"}),
                flush=True,
            )


def start(command: list[str]) -> None:
    """Note the daemons of before and run the command. What cannot be noted holds no daemon up."""
    try:
        note().write_text("\n".join({beat.daemon for beat in heartbeats().values()}))
    except (psycopg2.Error, OSError) as error:
        print(f"whether another daemon runs is not known: {error}", file=sys.stderr, flush=True)
    logging.getLogger().addHandler(Root())
    # As a program's own script has it: Dagster takes the first path for the script's, and out when it loads code.
    sys.path[0] = str(pathlib.Path(sys.executable).parent)
    sys.argv = command
    [found] = importlib.metadata.entry_points(group="console_scripts", name=command[0])
    sys.exit(found.load()())


def main(*command: str) -> None:
    """Run the command where there is one; else exit with 1 when the daemon is to be replaced."""
    if command:
        start(list(command))
    try:
        beats = heartbeats()
    except psycopg2.OperationalError as error:
        print(f"the database does not answer: {error}")
        return
    earlier = set(note().read_text().split()) if note().exists() else set()
    if wrong := verdict(beats, time.time(), process_began(), earlier):
        sys.exit(wrong)


if __name__ == "__main__":
    main(*sys.argv[1:])
