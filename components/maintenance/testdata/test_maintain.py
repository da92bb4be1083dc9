"""The maintenance's script beside a real Dagster, whose databases are files of SQLite here.

Only what needs PostgreSQL or S3 is exchanged: how the instance is opened, the lock, the tables, and the look for logs.
"""

import contextlib
import importlib.util
import json
import pathlib
import sqlite3
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from dagster import (
    AssetCheckResult,
    AssetKey,
    DagsterInstance,
    DagsterRunStatus,
    StaticPartitionsDefinition,
    asset,
    asset_check,
    job,
    materialize,
    op,
)
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill

SCRIPT = pathlib.Path(__file__).parents[1] / "maintain.py"
SETTINGS = {
    "namespace": "Dagster/asset-manager-dev",
    "dryRun": False,
    "successDays": 30,
    "failureDays": 90,
    "canceledDays": 7,
    "tags": [],
    "logDays": 0,
    "logPrefix": "dagster/compute-logs",
}

# All events are in one database, as they are in PostgreSQL.
INSTANCE = """
telemetry:
  enabled: false
event_log_storage:
  module: dagster._core.storage.event_log
  class: ConsolidatedSqliteEventLogStorage
  config:
    base_dir: {home}/events
"""


@op
def prints() -> None:
    """Print."""
    print("printed")


@op
def fails() -> None:
    """Fail."""
    raise RuntimeError("on purpose")


@job
def printing() -> None:
    """Print."""
    prints()


@job
def failing() -> None:
    """Fail."""
    fails()


@asset
def plain() -> int:
    """Be an asset without partitions."""
    return 1


@asset(partitions_def=StaticPartitionsDefinition(["a", "b"]))
def parts() -> int:
    """Be an asset with partitions."""
    return 1


@asset_check(asset=plain)
def positive() -> AssetCheckResult:
    """Check the asset."""
    return AssetCheckResult(passed=True)


class Dagster:
    """A Dagster whose runs can be made older."""

    def __init__(self, home: pathlib.Path, script: ModuleType) -> None:
        self.home, self.script, self.instance = home, script, DagsterInstance.get()

    def change(self, statement: str, *values: Any) -> None:
        """Change the database of the runs as no Dagster would."""
        with contextlib.closing(sqlite3.connect(self.home / "history/runs.db")) as connection:
            connection.execute(statement, values)
            connection.commit()

    def run(self, days: float, what: Any = printing, **tags: str) -> str:
        """Have a run that ended so many days ago."""
        ended = what.execute_in_process(instance=self.instance, raise_on_error=False, tags=tags)
        return self.aged(ended.run_id, days)

    def made(self, days: float, *assets: Any, partition: str | None = None) -> str:
        """Have a run that made assets so many days ago."""
        made = materialize(assets, instance=self.instance, partition_key=partition, run_config=None)
        return self.aged(made.run_id, days)

    def aged(self, run_id: str, days: float) -> str:
        """Make a run older."""
        past = f"strftime('%Y-%m-%d %H:%M:%f', 'now', '-{days * 24} hours')"
        self.change(f"update runs set update_timestamp = {past} where run_id = ?", run_id)
        return run_id

    def ids(self) -> set[str]:
        """The runs that are there."""
        return set(self.instance.get_run_ids())

    def maintain(self, code: int = 0, **settings: Any) -> set[str]:
        """Maintain, and give the runs that are left."""
        assert self.script.main("", SETTINGS | settings) == code
        return self.ids()

    def logs(self, run_id: str) -> pathlib.Path:
        """Where a run's logs are."""
        return self.home / "storage" / run_id


@pytest.fixture
def dagster(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Dagster:
    """Load the script with an instance of SQLite in a fresh home."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text(INSTANCE.format(home=tmp_path))
    spec = importlib.util.spec_from_file_location("maintain", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = Dagster(tmp_path, module)
    monkeypatch.setattr(module, "opened", lambda file: found.instance)
    monkeypatch.setattr(module, "locked", lambda instance: contextlib.nullcontext(True))
    monkeypatch.setattr(module, "tend", lambda instance, vacuum: None)
    monkeypatch.setattr(module, "has_logs", lambda prefix: (tmp_path / "storage" / prefix.split("/")[-2]).exists())
    return found


@pytest.fixture
def said(capsys: pytest.CaptureFixture) -> Callable[[], dict[str, Any]]:
    """The last line that the script said, after what Dagster prints."""

    def last() -> dict[str, Any]:
        return json.loads([line for line in capsys.readouterr().out.splitlines() if line.startswith("{")][-1])

    return last


def test_old_runs_go_with_their_events_and_logs_and_young_ones_stay(dagster: Dagster) -> None:
    old, young = dagster.run(31), dagster.run(29)
    assert dagster.logs(old).exists()
    assert dagster.maintain() == {young}
    assert not dagster.instance.all_logs(old)
    assert not dagster.logs(old).exists()
    assert dagster.instance.all_logs(young)
    assert dagster.logs(young).exists()


def test_what_the_bucket_itself_has_dropped_is_not_looked_for(
    dagster: Dagster, monkeypatch: pytest.MonkeyPatch
) -> None:
    dagster.run(31)
    monkeypatch.setattr(dagster.script, "has_logs", lambda prefix: pytest.fail("looks for logs"))
    assert dagster.maintain(logDays=30) == set()


def test_logs_that_cannot_be_removed_keep_their_run(
    dagster: Dagster, monkeypatch: pytest.MonkeyPatch, said: Callable[[], dict[str, Any]]
) -> None:
    old = dagster.run(31)
    monkeypatch.setattr(dagster.script, "has_logs", lambda prefix: True)
    assert dagster.maintain(code=1) == {old}
    assert said()["MaintenanceFailed"] == 1


def test_each_status_has_its_days_and_0_is_for_ever(dagster: Dagster) -> None:
    success, failure, canceled = dagster.run(50), dagster.run(50, failing), dagster.run(50)
    dagster.change("update runs set status = 'CANCELED' where run_id = ?", canceled)
    assert dagster.maintain(successDays=0, canceledDays=51) == {success, failure, canceled}
    assert dagster.maintain(successDays=0) == {success, failure}
    assert dagster.maintain(failureDays=49) == set()


@pytest.mark.parametrize(
    "status", [each for each in DagsterRunStatus if each.value not in ("SUCCESS", "FAILURE", "CANCELED")]
)
def test_a_run_that_is_not_finished_stays(dagster: Dagster, status: DagsterRunStatus) -> None:
    waiting = dagster.run(1000)
    dagster.change("update runs set status = ? where run_id = ?", status.value, waiting)
    assert dagster.maintain() == {waiting}


def test_the_first_rule_that_a_tag_fits_counts(dagster: Dagster) -> None:
    ours, theirs, others = dagster.run(40, team="ours"), dagster.run(5, team="theirs", kind="probe"), dagster.run(5)
    tags = [{"key": "team", "value": "ours", "days": 0}, {"key": "kind", "value": "probe", "days": 3}]
    both = dagster.run(40, team="ours", kind="probe")
    assert dagster.maintain(tags=tags) == {ours, both, others}
    assert theirs not in dagster.ids()


def test_the_last_materialization_of_an_asset_and_of_each_partition_stays(dagster: Dagster) -> None:
    first, last = dagster.made(60, plain), dagster.made(50, plain)
    a1, b1, a2 = (dagster.made(60, parts, partition=name) for name in ("a", "b", "a"))
    assert dagster.maintain() == {last, b1, a2}
    assert {first, a1}.isdisjoint(dagster.ids())
    instance = dagster.instance
    assert instance.get_materialized_partitions(AssetKey("parts")) == {"a", "b"}
    assert instance.get_latest_materialization_event(AssetKey("plain")).run_id == last
    younger = dagster.made(1, plain)
    assert dagster.maintain() == {younger, b1, a2}


def test_the_last_execution_of_a_check_stays(dagster: Dagster) -> None:
    first, checked, last = dagster.made(60, plain, positive), dagster.made(50, plain, positive), dagster.made(40, plain)
    assert dagster.maintain() == {checked, last}
    assert first not in dagster.ids()


def test_a_run_of_a_backfill_stays_until_the_backfill_is_finished(dagster: Dagster) -> None:
    of = dagster.run(60, **{"dagster/backfill": "backfill"})
    unknown = dagster.run(60, **{"dagster/backfill": "gone"})
    backfill = PartitionBackfill(
        backfill_id="backfill",
        status=BulkActionStatus.REQUESTED,
        from_failure=False,
        tags={},
        backfill_timestamp=0.0,
        partition_names=[],
        partition_set_origin=None,
        last_submitted_partition_name=None,
        reexecution_steps=None,
    )
    dagster.instance.add_backfill(backfill)
    assert dagster.maintain() == {of}
    assert unknown not in dagster.ids()
    dagster.instance.update_backfill(backfill.with_status(BulkActionStatus.COMPLETED_SUCCESS))
    assert dagster.maintain() == set()


def test_a_run_stays_as_long_as_a_retry_of_it_and_all_go_together(
    dagster: Dagster, said: Callable[[], dict[str, Any]]
) -> None:
    root = dagster.run(95, failing)
    tags = {"dagster/root_run_id": root}
    second = dagster.run(94, failing, **tags | {"dagster/parent_run_id": root})
    third = dagster.run(20, **tags | {"dagster/parent_run_id": second})
    assert dagster.maintain() == {root, second, third}
    assert said()["RunsHeld"] == 2
    dagster.aged(third, 31)
    dagster.maintain(dryRun=True)
    assert said()["RunsToRemove"] == 3
    assert dagster.maintain() == set()


def test_a_dry_run_leaves_all_and_counts_what_would_go(dagster: Dagster, said: Callable[[], dict[str, Any]]) -> None:
    old, kept = [dagster.run(31) for _ in range(3)], dagster.made(31, plain)
    assert dagster.maintain(dryRun=True) == {*old, kept}
    line = said()
    assert (line["RunsToRemove"], line["RunsRemoved"], line["RunsHeld"]) == (3, 0, 1)
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Dagster/asset-manager-dev"
    assert dagster.logs(old[0]).exists()
    assert dagster.maintain() == {kept}
    line = said()
    assert (line["RunsToRemove"], line["RunsRemoved"], line["MaintenanceSucceeded"]) == (0, 3, 1)


def test_more_runs_than_are_looked_at_together_go_past_those_that_stay(
    dagster: Dagster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dagster.script, "BATCH", 2)
    kept = set()
    for name in ("a", "b"):
        dagster.run(31)
        dagster.made(31, parts, partition=name)
        kept.add(dagster.made(31, parts, partition=name))
        dagster.run(31)
    assert dagster.maintain() == kept


def test_what_was_interrupted_is_finished_the_next_time(dagster: Dagster, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        dagster.run(31)
    runs, gone = dagster.instance.run_storage, []
    delete = runs.delete_run

    def interrupted(run_id: str) -> None:
        if len(gone) == 1:
            raise ConnectionError("the database is gone")
        delete(run_id)
        gone.append(run_id)

    monkeypatch.setattr(runs, "delete_run", interrupted)
    assert len(dagster.maintain(code=1)) == 2
    monkeypatch.setattr(runs, "delete_run", delete)
    assert dagster.maintain() == set()


def test_slots_of_pools_that_an_old_run_holds_are_free_again(dagster: Dagster) -> None:
    old, events = dagster.run(31), dagster.instance.event_log_storage
    events.set_concurrency_slots("pool", 1)
    events.claim_concurrency_slot("pool", old, "prints")
    assert events.get_concurrency_info("pool").active_run_ids == {old}
    assert dagster.maintain() == set()
    assert events.get_concurrency_info("pool").active_run_ids == set()
