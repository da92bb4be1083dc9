"""Give a Dagster instance a history, or tell in numbers what Dagster itself knows of it.

`history.py make` needs an empty DAGSTER_HOME, `history.py tell` one with a history; both print JSON.
"""

import json
import os
import pathlib
import sqlite3
import sys
import time
import uuid

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.storage.dagster_run import DagsterRun
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._daemon.types import DaemonHeartbeat

MINUTE, HOUR = 60, 3600
# Where a queued run comes from, without which there is none.
ORIGIN = RemoteJobOrigin(
    RemoteRepositoryOrigin(
        ManagedGrpcPythonEnvCodeLocationOrigin(LoadableTargetOrigin(python_file="good.py"), "good"), "__repository__"
    ),
    "job",
)
UNDER_WAY = {"QUEUED": "create", "STARTING": "update", "STARTED": "start"}


def add_runs(instance: DagsterInstance, status: str, ages: list[int], backfill: str = "") -> None:
    """Add a run for each age in seconds: for so long it has been in its state, and was created ten minutes before."""
    for age in ages:
        tags = {"dagster/backfill": backfill} if backfill else {}
        run = DagsterRun(
            job_name="job",
            run_id=str(uuid.uuid4()),
            status=DagsterRunStatus[status],
            tags=tags,
            remote_job_origin=ORIGIN,
        )
        instance.add_run(run)
        then = time.time() - age
        created = then if status == "QUEUED" else then - 10 * MINUTE
        # As Dagster writes them: two as texts in UTC, two as numbers.
        with sqlite3.connect(pathlib.Path(os.environ["DAGSTER_HOME"]) / "history" / "runs.db") as database:
            database.execute(
                "update runs set create_timestamp = datetime(?, 'unixepoch'),"
                " update_timestamp = datetime(?, 'unixepoch'), start_time = ?, end_time = ? where run_id = ?",
                (
                    created,
                    then,
                    then if status in ("STARTED", "SUCCESS", "FAILURE") else None,
                    then if status in ("SUCCESS", "FAILURE") else None,
                    run.run_id,
                ),
            )


def add_backfill(instance: DagsterInstance, name: str, status: BulkActionStatus, age: int) -> None:
    instance.add_backfill(
        PartitionBackfill(
            backfill_id=name, status=status, from_failure=False, tags={}, backfill_timestamp=time.time() - age
        )
    )


def make(instance: DagsterInstance) -> dict[str, object]:
    # More than are asked for at a time, the first of them not created last.
    add_runs(instance, "QUEUED", [2 * HOUR, 3 * HOUR, *range(10, 240)])
    add_runs(instance, "STARTING", [30, 17 * MINUTE])
    add_runs(instance, "STARTED", [5 * HOUR, MINUTE, 2], backfill="working")
    add_runs(instance, "FAILURE", [MINUTE, 59 * MINUTE, 61 * MINUTE])
    add_runs(instance, "SUCCESS", [1, 2, 3, 30 * MINUTE, 26 * HOUR])
    add_runs(instance, "CANCELED", [5])
    for name, status, age in (
        ("working", BulkActionStatus.REQUESTED, HOUR),
        ("stuck", BulkActionStatus.REQUESTED, HOUR),
        ("stopping", BulkActionStatus.CANCELING, 2 * HOUR),
        ("young", BulkActionStatus.REQUESTED, MINUTE),
        ("done", BulkActionStatus.COMPLETED_SUCCESS, HOUR),
    ):
        add_backfill(instance, name, status, age)
    for number, daemon in enumerate(sorted(instance.get_required_daemon_types())[1:]):
        instance.add_daemon_heartbeat(DaemonHeartbeat(time.time() - 40 * number, daemon, "id", []))
    return {}


def tell(instance: DagsterInstance) -> dict[str, object]:
    """What Dagster knows, not by GraphQL. Times are in seconds since 1970."""
    answer: dict[str, object] = {}
    for status, when in UNDER_WAY.items():
        records = instance.get_run_records(RunsFilter(statuses=[DagsterRunStatus[status]]))
        answer[status] = len(records)
        answer["since" + status] = min(
            {
                "create": record.create_timestamp.timestamp(),
                "update": record.update_timestamp.timestamp(),
                "start": record.start_time or 0.0,
            }[when]
            for record in records
        )
    hour = time.time() - HOUR
    for status in ("FAILURE", "SUCCESS"):
        records = instance.get_run_records(RunsFilter(statuses=[DagsterRunStatus[status]]))
        answer[status] = sum(record.update_timestamp.timestamp() > hour for record in records)
    answer["heartbeats"] = {
        name: found.last_heartbeat.timestamp if found.last_heartbeat else 0.0
        for name, found in instance.get_daemon_statuses().items()
        if found.required
    }
    return answer


if __name__ == "__main__":
    with DagsterInstance.get() as current:
        print(json.dumps({"make": make, "tell": tell}[sys.argv[1]](current)))
