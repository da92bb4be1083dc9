"""Remove old runs from Dagster, and give the room that they leave in the database's tables to new ones.

Dagster keeps runs for ever. This script removes those that ended longer ago than the settings say, with their events
and what their steps printed, through Dagster's own storages; never one that is not finished, one of a backfill that is
not, one whose retry is kept, nor one that holds what is known last of an asset, of a partition of it or of a check.
Outputs of assets and ops stay where they are. A run's events go before the run itself, by which they are found: one
that is interrupted is finished by the next call. Work is done in small parts with pauses, so that others have theirs.

The arguments are the parts of dagster.yaml that are needed, and the settings as JSON. With dryRun nothing
is changed: the last line says what would go.
"""

import json
import os
import pathlib
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as db
from dagster import DagsterInstance, DagsterRunStatus, RunRecord, RunsFilter
from dagster._core.events import ASSET_EVENTS
from dagster._core.execution.backfill import BULK_ACTION_TERMINAL_STATUSES
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable,
    ConcurrencySlotsTable,
    PendingStepsTable,
    SqlEventLogStorageTable,
)
from dagster._core.storage.runs.schema import RunTagsTable
from dagster._core.storage.tags import BACKFILL_ID_TAG, PARENT_RUN_ID_TAG, ROOT_RUN_ID_TAG

# Runs that are looked at together, and for how much of the time that they took nothing is done.
BATCH, PAUSE = 100, 0.25
TELL_SECONDS = 15
# Runs that wait for their retries to go first; what is more than that goes the next time.
MOST_WAITING = 10_000
# How often the logs of a run are removed, a thousand objects each time, and of how many runs at a time.
MOST_LISTINGS, LISTERS = 100, 8
# For any one statement, which is about a hundred runs at most.
STATEMENT_SECONDS = 300
# Any number will do that no migration takes.
LOCK = 7305113206

FINISHED = {
    DagsterRunStatus.SUCCESS: "successDays",
    DagsterRunStatus.FAILURE: "failureDays",
    DagsterRunStatus.CANCELED: "canceledDays",
}


def say(event: str, level: str = "info", **fields: Any) -> None:
    """Print a line as the services' lines are."""
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    print(json.dumps({"event": event, "logger": "maintenance", "level": level, "timestamp": at} | fields), flush=True)


def measure(namespace: str, event: str, **metrics: int) -> None:
    """Print a line that CloudWatch makes metrics of (its embedded metric format)."""
    declared = [{"Name": name, "Unit": "Count"} for name in metrics]
    directive = {"Namespace": namespace, "Dimensions": [[]], "Metrics": declared}
    say(event, _aws={"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}, **metrics)


class Rule(NamedTuple):
    """How long runs are kept that have one of the statuses and, where there is one, the tag."""

    statuses: tuple[DagsterRunStatus, ...]
    days: int
    tag: tuple[str, str] | None = None

    def covers(self, record: RunRecord) -> bool:
        """Whether the rule is about a finished run."""
        run = record.dagster_run
        return run.status in self.statuses and (self.tag is None or run.tags.get(self.tag[0]) == self.tag[1])


def rules(settings: dict[str, Any]) -> list[Rule]:
    """The rules, of which the first that covers a run counts; days of 0 are for ever."""
    tagged = [Rule(tuple(FINISHED), each["days"], (each["key"], each["value"])) for each in settings["tags"]]
    return tagged + [Rule((status,), settings[key]) for status, key in FINISHED.items()]


class Sweep:
    """One look at all runs that are old enough, and what becomes of them."""

    def __init__(self, instance: DagsterInstance, settings: dict[str, Any]) -> None:
        self.instance, self.settings = instance, settings
        self.rules, self.now = rules(settings), datetime.now(UTC)
        self.counts: Counter[str] = Counter(removed=0, assets=0, checks=0, backfills=0, retries=0)
        # Those that are gone, or would be, and are retries of others; and those that wait for their retries to go.
        self.gone: set[str] = set()
        self.waiting: list[str] = []
        self.told = time.monotonic()

    def run(self) -> None:
        """Go through the rules, and then once more through those that waited, the youngest first."""
        for rule in self.rules:
            if rule.days:
                self.apply(rule)
        waiting, self.waiting = self.waiting[::-1], []
        for at in range(0, len(waiting), BATCH):
            records = self.instance.get_run_records(RunsFilter(run_ids=waiting[at : at + BATCH]))
            self.judge(sorted(records, key=lambda record: -record.storage_id))
        self.counts["retries"] = len(self.waiting)

    def apply(self, rule: Rule) -> None:
        """Look at what a rule covers, the oldest first.

        By the time of their ends, which has an index: by number each look would go through all other runs between.
        Of two that ended in the same microsecond one may wait for the next day.
        """
        after = None
        while records := self.ended(rule, after):
            begin, after = time.monotonic(), records[-1].update_timestamp
            own = [record for record in records if next(each for each in self.rules if each.covers(record)) is rule]
            if own:
                self.judge(own)
            self.tell()
            time.sleep(PAUSE * (time.monotonic() - begin))

    def ended(self, rule: Rule, after: datetime | None) -> Sequence[RunRecord]:
        """The next runs that a rule covers and that ended long enough ago, after a moment."""
        found = RunsFilter(
            statuses=list(rule.statuses),
            tags={rule.tag[0]: rule.tag[1]} if rule.tag else None,
            updated_after=after,
            updated_before=self.now - timedelta(days=rule.days),
        )
        return self.instance.get_run_records(found, limit=BATCH, order_by="update_timestamp", ascending=True)

    def judge(self, records: Sequence[RunRecord]) -> None:
        """Remove those of the runs that nothing needs."""
        ids = [record.dagster_run.run_id for record in records]
        assets, checks, retries = (
            holders(self.instance, ids),
            checkers(self.instance, ids),
            children(self.instance, ids),
        )
        due = []
        for record in records:
            run_id, tags = record.dagster_run.run_id, record.dagster_run.tags
            if run_id in assets:
                self.counts["assets"] += 1
            elif run_id in checks:
                self.counts["checks"] += 1
            elif self.backfilling(tags.get(BACKFILL_ID_TAG)):
                self.counts["backfills"] += 1
            elif retries.get(run_id, set()) - self.gone:
                if len(self.waiting) < MOST_WAITING:
                    self.waiting.append(run_id)
            else:
                due.append(record)
                if PARENT_RUN_ID_TAG in tags or ROOT_RUN_ID_TAG in tags:
                    self.gone.add(run_id)
        self.counts["removed"] += len(due)
        if not self.settings["dryRun"]:
            self.remove(due)

    def backfilling(self, backfill_id: str | None) -> bool:
        """Whether a run belongs to a backfill that is not finished."""
        backfill = self.instance.get_backfill(backfill_id) if backfill_id else None
        return backfill is not None and backfill.status not in BULK_ACTION_TERMINAL_STATUSES

    def remove(self, records: Sequence[RunRecord]) -> None:
        """Remove runs: first what each leads to. The bucket itself drops logs that are older than it keeps them."""
        dropped = self.now - timedelta(days=self.settings["logDays"] or 36500)
        printed = [
            each.dagster_run.run_id for each in records if each.update_timestamp.timestamp() > dropped.timestamp()
        ]
        with ThreadPoolExecutor(LISTERS) as pool:
            list(pool.map(self.remove_logs, printed))
        ids, events = [each.dagster_run.run_id for each in records], self.instance.event_log_storage
        for run_id in occupants(self.instance, ids):
            events.free_concurrency_slots_for_run(run_id)
        # Dagster's own delete_events does these two steps for one run, in transactions for each.
        with events.index_transaction() as connection:
            for run_id in ids:
                events.delete_events_for_run(connection, run_id)
        for run_id in ids:
            self.instance.run_storage.delete_run(run_id)

    def remove_logs(self, run_id: str) -> None:
        """Remove what the steps of a run printed. One call removes a thousand objects at most, and tells no failure."""
        for _ in range(MOST_LISTINGS):
            self.instance.compute_log_manager.delete_logs(prefix=[run_id])
            if not has_logs(f"{self.settings['logPrefix']}/storage/{run_id}/"):
                return
        raise RuntimeError(f"the logs of run {run_id} cannot be removed")

    def tell(self) -> None:
        """Say now and then how far it is."""
        if time.monotonic() - self.told > TELL_SECONDS:
            self.told = time.monotonic()
            say(f"{self.counts['removed']} runs so far", **self.counts)


def has_logs(prefix: str) -> bool:
    """Whether the bucket has anything below a prefix."""
    import boto3

    found = boto3.client("s3").list_objects_v2(Bucket=os.environ["DAGSTER_S3_BUCKET"], Prefix=prefix, MaxKeys=1)
    return found["KeyCount"] > 0


def holders(instance: DagsterInstance, ids: Sequence[str]) -> set[str]:
    """Which of the runs hold the last event of its kind of an asset, or of a partition of it.

    Dagster's own API would give the last events of all assets, which may be more than fit into memory.
    """
    events, later = SqlEventLogStorageTable, SqlEventLogStorageTable.alias()
    same = (later.c.asset_key == events.c.asset_key, later.c.dagster_event_type == events.c.dagster_event_type)
    # One by one, as the indexes need it: a partition that is none equals no other.
    whole = db.and_(events.c.partition.is_(None), exists(*same, later.c.id > events.c.id, later.c.partition.is_(None)))
    part = exists(*same, later.c.id > events.c.id, later.c.partition == events.c.partition)
    query = db.select(events.c.run_id).where(
        events.c.run_id.in_(ids),
        events.c.asset_key.is_not(None),
        events.c.dagster_event_type.in_([each.value for each in ASSET_EVENTS]),
        db.not_(db.or_(whole, part)),
    )
    with instance.event_log_storage.index_connection() as connection:
        return {run_id for (run_id,) in connection.execute(query.distinct())}


def checkers(instance: DagsterInstance, ids: Sequence[str]) -> set[str]:
    """Which of the runs hold the last execution of an asset check, or the last one with its result."""
    made, later = AssetCheckExecutionsTable, AssetCheckExecutionsTable.alias()
    another = exists(
        later.c.asset_key == made.c.asset_key,
        later.c.check_name == made.c.check_name,
        later.c.execution_status == made.c.execution_status,
        db.func.coalesce(later.c.partition, "") == db.func.coalesce(made.c.partition, ""),
        later.c.id > made.c.id,
    )
    query = db.select(made.c.run_id).where(made.c.run_id.in_(ids), db.not_(another))
    with instance.event_log_storage.index_connection() as connection:
        return {run_id for (run_id,) in connection.execute(query.distinct())}


def children(instance: DagsterInstance, ids: Sequence[str]) -> dict[str, set[str]]:
    """The runs that were started again from each. Dagster looks for the first of all when it shows or retries one."""
    query = db.select(RunTagsTable.c.value, RunTagsTable.c.run_id).where(
        RunTagsTable.c.key.in_([PARENT_RUN_ID_TAG, ROOT_RUN_ID_TAG]), RunTagsTable.c.value.in_(ids)
    )
    found: dict[str, set[str]] = {}
    with instance.run_storage.connect() as connection:
        for run_id, child in connection.execute(query):
            found.setdefault(run_id, set()).add(child)
    return found


def occupants(instance: DagsterInstance, ids: Sequence[str]) -> set[str]:
    """Which of the runs still hold or await slots of concurrency pools."""
    found: set[str] = set()
    with instance.event_log_storage.index_connection() as connection:
        for table in (ConcurrencySlotsTable, PendingStepsTable):
            query = db.select(table.c.run_id).where(table.c.run_id.in_(ids))
            found |= {run_id for (run_id,) in connection.execute(query)}
    return found


def exists(*conditions: Any) -> Any:
    """Whether a row meets the conditions."""
    return db.select(db.literal(1)).where(*conditions).exists()


TABLES = """
SELECT relname, n_live_tup, n_dead_tup, pg_table_size(relid), pg_indexes_size(relid)
FROM pg_stat_user_tables WHERE schemaname = current_schema() ORDER BY pg_total_relation_size(relid) DESC
"""


def tend(instance: DagsterInstance, *, vacuum: bool) -> None:
    """Say how large the tables and their indexes are, and free the room of what was removed for what comes."""
    with instance.event_log_storage.index_connection() as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        for name, live, dead, size, indexes in list(connection.exec_driver_sql(TABLES)):
            begin = time.monotonic()
            if vacuum:
                connection.exec_driver_sql(f'VACUUM (ANALYZE) "{name}"')
            fields = {"rows": live, "dead": dead, "bytes": size, "indexBytes": indexes}
            per_row = round(indexes / live) if live else 0
            said = f"Table {name}: {size >> 20} MiB, and {indexes >> 20} MiB of indexes, {per_row} bytes for each row"
            say(said, table=name, seconds=round(time.monotonic() - begin, 1), indexBytesPerRow=per_row, **fields)


@contextmanager
def locked(instance: DagsterInstance) -> Iterator[bool]:
    """Let one of these scripts at a time work on the database; whether this is the one."""
    with instance.schedule_storage.connect() as connection:
        yield connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({LOCK})").scalar()


def opened(file: str) -> DagsterInstance:
    """Open an instance of what is needed of dagster.yaml, with connections that stay open between statements."""
    home = pathlib.Path(os.environ["DAGSTER_HOME"])
    home.mkdir(exist_ok=True)
    (home / "dagster.yaml").write_text(file)
    instance = DagsterInstance.get()
    instance.optimize_for_webserver(STATEMENT_SECONDS * 1000, pool_recycle=3600, max_overflow=1)
    return instance


def maintain(instance: DagsterInstance, settings: dict[str, Any]) -> None:
    """Remove, or say what would be, and tell it by metrics."""
    dry, begin = settings["dryRun"], time.monotonic()
    sweep = Sweep(instance, settings)
    sweep.run()
    tend(instance, vacuum=not dry)
    counts, peak = sweep.counts, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    removed = f"{counts['removed']} runs {'would go' if dry else 'are gone'}"
    kept = ", ".join(f"{counts[name]} for {name}" for name in ("assets", "checks", "backfills", "retries"))
    measure(
        settings["namespace"],
        f"{removed}, old ones are kept: {kept}. It took {time.monotonic() - begin:.0f} seconds and {peak} MiB.",
        MaintenanceSucceeded=1,
        MaintenanceFailed=0,
        RunsRemoved=0 if dry else counts["removed"],
        RunsToRemove=counts["removed"] if dry else 0,
        RunsHeld=counts["assets"] + counts["checks"] + counts["backfills"] + counts["retries"],
    )


def main(file: str, settings: dict[str, Any]) -> int:
    """Do it once; answer with the exit code."""
    try:
        instance = opened(file)
        with locked(instance) as alone:
            if alone:
                maintain(instance, settings)
            else:
                say("Another maintenance is at work on the database.", "warning")
    except Exception:
        say("The maintenance failed.", "error", exception=traceback.format_exc())
        measure(settings["namespace"], "Runs stay until the next time.", MaintenanceFailed=1)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], json.loads(sys.argv[2])))
