"""The migration's script beside a real Dagster, whose databases are files of SQLite here.

Only what needs PostgreSQL is exchanged: how the instance is opened, and the lock.
"""

import contextlib
import importlib.util
import pathlib
import sqlite3
from types import ModuleType

import pytest
from dagster import DagsterInstance, job

SCRIPT = pathlib.Path(__file__).parents[1] / "migrate.py"
# The last revision but one of Dagster 1.13, and one that no Dagster has.
BEFORE, NEVER = "6b7fb194ff9c", "ffffffffffff"
DATABASES = {"runs": "history/runs.db", "events": "history/runs/index.db", "schedules": "schedules/schedules.db"}


@job
def nothing() -> None:
    """Do nothing."""


@pytest.fixture
def home(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """Give Dagster a fresh home."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.delenv("DAGSTER_MIGRATION_SNAPSHOT", raising=False)
    (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    return tmp_path


@pytest.fixture
def migrate(home: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Load the script with an instance of SQLite."""
    spec = importlib.util.spec_from_file_location("migrate", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "opened", lambda storage, create: DagsterInstance.get())
    monkeypatch.setattr(module, "locked", lambda instance: contextlib.nullcontext())
    return module


def change(home: pathlib.Path, database: str, statement: str) -> None:
    """Change one of the databases as no Dagster would."""
    with contextlib.closing(sqlite3.connect(home / DATABASES[database])) as connection:
        connection.execute(statement)
        connection.commit()


def revision(home: pathlib.Path, database: str) -> str:
    """Read a database's revision."""
    with contextlib.closing(sqlite3.connect(home / DATABASES[database])) as connection:
        return connection.execute("select version_num from alembic_version").fetchone()[0]


def run() -> None:
    """Store a run."""
    DagsterInstance.get().create_run_for_job(nothing)


def test_a_current_schema_is_left_alone_with_and_without_runs(migrate: ModuleType) -> None:
    DagsterInstance.get()
    assert migrate.main({}) == 0
    run()
    assert migrate.main({}) == 0


@pytest.mark.parametrize("database", DATABASES)
def test_data_of_an_earlier_schema_are_not_touched_without_a_snapshot(
    migrate: ModuleType, home: pathlib.Path, database: str
) -> None:
    run()
    change(home, database, f"update alembic_version set version_num = '{BEFORE}'")
    assert migrate.main({}) == migrate.BEHIND
    assert revision(home, database) == BEFORE


@pytest.mark.parametrize("database", DATABASES)
def test_data_of_an_earlier_schema_are_migrated_once_a_snapshot_is_named(
    migrate: ModuleType,
    home: pathlib.Path,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    run()
    latest = revision(home, database)
    change(home, database, f"update alembic_version set version_num = '{BEFORE}'")
    monkeypatch.setenv("DAGSTER_MIGRATION_SNAPSHOT", "asset-manager-prod-before-migration")
    assert migrate.main({}) == 0
    assert revision(home, database) == latest
    assert "The way back is snapshot asset-manager-prod-before-migration." in capsys.readouterr().out
    assert migrate.main({}) == 0


@pytest.mark.parametrize(
    ("database", "name"),
    [("runs", "run_backfill_id"), ("events", "asset_key_index_columns"), ("schedules", "schedule_jobs_selector_id")],
)
def test_a_migration_of_data_alone_counts_as_well(
    migrate: ModuleType, home: pathlib.Path, database: str, name: str, capsys: pytest.CaptureFixture
) -> None:
    run()
    DagsterInstance.get().upgrade()
    change(home, database, f"delete from secondary_indexes where name = '{name}'")
    assert migrate.main({}) == migrate.BEHIND
    assert name in capsys.readouterr().out


def test_an_earlier_schema_without_data_needs_no_snapshot(migrate: ModuleType, home: pathlib.Path) -> None:
    DagsterInstance.get()
    latest = revision(home, "runs")
    change(home, "runs", f"update alembic_version set version_num = '{BEFORE}'")
    assert migrate.main({}) == 0
    assert revision(home, "runs") == latest


def test_a_lost_table_is_to_be_created(migrate: ModuleType, home: pathlib.Path) -> None:
    run()
    change(home, "events", "drop table event_logs")
    assert migrate.main({}) == migrate.BEHIND


def test_the_schema_of_a_later_dagster_is_left_alone(migrate: ModuleType, home: pathlib.Path) -> None:
    run()
    change(home, "runs", f"update alembic_version set version_num = '{NEVER}'")
    assert migrate.main({}) == migrate.AHEAD
    assert revision(home, "runs") == NEVER
