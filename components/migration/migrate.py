"""Bring the tables of Dagster's database to the schema that this image's Dagster expects, as their owner.

The services run with should_autocreate_tables off, since their user may not create anything. Here it is on: missing
tables are created, and existing ones migrated as `dagster instance migrate` does it. The only argument is the storage
of dagster.yaml, in YAML.

Data are migrated only where DAGSTER_MIGRATION_SNAPSHOT names the snapshot that leads back. The exit code says what was
found: 0 that the schema is the expected one, or is by now, and otherwise one of the codes below.
"""

import os
import pathlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import sqlalchemy
import yaml
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from dagster import DagsterInstance
from dagster._core.storage.event_log.migration import ASSET_DATA_MIGRATIONS
from dagster._core.storage.runs.migration import REQUIRED_DATA_MIGRATIONS
from dagster._core.storage.schedules.migration import REQUIRED_SCHEDULE_DATA_MIGRATIONS
from dagster._core.storage.sql import ALEMBIC_SCRIPTS_LOCATION

# Data have to be migrated and no snapshot is named; nothing was changed.
BEHIND = 3
# The schema is of a Dagster that this image does not know, a later one; nothing was changed.
AHEAD = 4

# Any number will do, as long as every migration takes the same one.
LOCK = 7305113205
LOCK_SECONDS = 5

# These hold what Dagster writes into a fresh database.
BOOKKEEPING = {"alembic_version", "instance_info", "secondary_indexes"}


def main(storage: dict[str, Any]) -> int:
    """Migrate where there is a need to and a way back; answer with the exit code."""
    instance = opened(storage, create=False)
    with locked(instance):
        if unknown := unknown_revision(instance):
            print(f"The schema is of revision {unknown}, which this image's Dagster does not know. It stays as it is.")
            return AHEAD
        reasons = pending(instance)
        if not reasons:
            print("The schema is the one that this image's Dagster expects.")
            return 0
        for reason in reasons:
            print(f"To be migrated: {reason}")
        snapshot = os.environ.get("DAGSTER_MIGRATION_SNAPSHOT")
        if has_rows(instance) and not snapshot:
            print("There are data, and no snapshot of them is named: nothing was changed.")
            return BEHIND
        print(f"The way back is snapshot {snapshot}." if snapshot else "There are no data yet.", flush=True)
        opened(storage, create=True).upgrade(print)
    print("The schema is migrated.")
    return 0


def opened(storage: dict[str, Any], *, create: bool) -> DagsterInstance:
    """Open an instance that consists of its storage; missing tables are created if asked for."""
    storage = {"postgres": storage["postgres"] | {"should_autocreate_tables": create}}
    home = pathlib.Path(os.environ["DAGSTER_HOME"])
    home.mkdir(exist_ok=True)
    (home / "dagster.yaml").write_text(yaml.safe_dump({"storage": storage, "telemetry": {"enabled": False}}))
    return DagsterInstance.get()


@contextmanager
def locked(instance: DagsterInstance) -> Iterator[None]:
    """Let one migration at a time work on the database; a second one waits here and then finds nothing to do.

    It asks again and again. A statement that waits for the lock would be waited for by CREATE INDEX CONCURRENTLY,
    which Dagster's migrations use: both would wait for ever.
    """
    with instance.run_storage.connect() as connection:
        while not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({LOCK})").scalar():
            print("Another migration is at work on the database.")
            time.sleep(LOCK_SECONDS)
        yield


class Store(NamedTuple):
    """One of the three storages that an instance consists of."""

    storage: Any
    connect: Callable[[], Any]
    # One of these is there once the storage was set up.
    main: tuple[str, ...]
    # The migrations of data, and whether one was made.
    migrations: Iterable[str]
    made: Callable[[str], bool]

    def tables(self) -> set[str]:
        """List the tables that are there."""
        with self.connect() as connection:
            return set(sqlalchemy.inspect(connection).get_table_names())


def stores(instance: DagsterInstance) -> list[Store]:
    """Take an instance apart."""
    runs, events, schedules = instance.run_storage, instance.event_log_storage, instance.schedule_storage
    return [
        Store(runs, runs.connect, ("runs",), REQUIRED_DATA_MIGRATIONS, runs.has_built_index),
        Store(events, events.index_connection, ("event_logs",), ASSET_DATA_MIGRATIONS, events.has_secondary_index),
        Store(
            schedules,
            schedules.connect,
            ("jobs", "schedules"),
            REQUIRED_SCHEDULE_DATA_MIGRATIONS,
            schedules.has_built_index,
        ),
    ]


def unknown_revision(instance: DagsterInstance) -> str | None:
    """Name a revision of the database that none of this Dagster's migrations leads to."""
    config = Config()
    config.set_main_option("script_location", ALEMBIC_SCRIPTS_LOCATION)
    scripts = ScriptDirectory.from_config(config)
    for store in stores(instance):
        revision, _ = store.storage.alembic_version()
        try:
            if revision:
                scripts.get_revision(revision)
        except CommandError:
            return revision
    return None


def pending(instance: DagsterInstance) -> list[str]:
    """Say what `dagster instance migrate` would do: tables, revisions, migrations of data."""
    reasons = []
    for store in stores(instance):
        revision, head = store.storage.alembic_version()
        if not store.tables() & set(store.main):
            reasons.append(f"there is no table {store.main[0]}")
        elif revision != head:
            reasons.append(f"{store.main[0]} and the tables beside it, from revision {revision} to {head}")
        else:
            reasons += [f"data, {name}" for name in store.migrations if not store.made(name)]
    return reasons


def has_rows(instance: DagsterInstance) -> bool:
    """Say whether anything is stored that a failed migration could lose."""
    for store in stores(instance):
        names = sorted(store.tables() - BOOKKEEPING)
        with store.connect() as connection:
            for name in names:
                first = sqlalchemy.select(sqlalchemy.literal(1)).select_from(sqlalchemy.table(name)).limit(1)
                if connection.execute(first).first():
                    return True
    return False


if __name__ == "__main__":
    sys.exit(main(yaml.safe_load(sys.argv[1])))
