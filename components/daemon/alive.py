"""Tell ECS whether the daemon lives, by its exit code: a busy daemon does, one that hangs does not.

A thread of the daemon that ends takes the process with it, so only those that hang are looked for, by the heartbeats
that each writes between two pieces of work. `dagster-daemon liveness-check` reads the same but imports all of Dagster
for it: seconds of a processor, which a busy daemon does not leave it, so that it ran out of time when there was most to
do. It also takes a single thread that is late for death, and the heartbeats of the daemon before for this one's. A
database that does not answer tells nothing about the daemon, which waits for it as well.
"""

import json
import os
import pathlib
import sys
import time

import psycopg2

# All threads are silent: none is that busy, each beats every 30 seconds.
ALL_SECONDS = 300
# One is silent while others beat: a long evaluation. Dagster's own tolerance.
ONE_SECONDS = 1800


def verdict(beats: dict[str, float], now: float, began: float) -> str | None:
    """What is wrong, by the time of each thread's last heartbeat; those of before the start are another daemon's."""
    ages = {thread: now - beat for thread, beat in beats.items() if beat >= began}
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


def heartbeats() -> dict[str, float]:
    """The time of each thread's last heartbeat."""
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
        cursor.execute("SELECT daemon_type, body FROM daemon_heartbeats")
        return {thread: json.loads(body)["timestamp"] for thread, body in cursor.fetchall()}


def main() -> None:
    """Exit with 1 when the daemon is dead."""
    try:
        beats = heartbeats()
    except psycopg2.OperationalError as error:
        print(f"the database does not answer: {error}")
        return
    if wrong := verdict(beats, time.time(), process_began()):
        sys.exit(wrong)


if __name__ == "__main__":
    main()
