"""Keep the data of an RDS instance in its snapshots, and restore them to a server of its own.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CreateSnapshot.html (the whole volume, with a short
suspension of I/O) and https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html.
MiniStack's snapshots hold no data, and what is restored from them has no server.
"""

import contextlib
import logging
from typing import Any

from docker.errors import DockerException, NotFound
from ministack.services import rds

from cloud.core import patch, settings, threads
from cloud.rds import server

# What this module uses of MiniStack.
NEEDS = {
    rds: (
        "_ACTION_MAP _error _get_docker _instances _p _rds_docker_name _rds_docker_scope "
        "_single_instance_response _snapshots"
    ),
}

log = logging.getLogger(__name__)

# What the restored instance takes from the snapshot unless the request says otherwise.
_TAKEN = (
    "Engine",
    "EngineVersion",
    "DBInstanceClass",
    "AllocatedStorage",
    "StorageType",
    "MasterUsername",
    "DBName",
    "Port",
    "KmsKeyId",
)


def install() -> None:
    """Copy the volume with each snapshot, and restore from the copy."""
    patch.wrap(rds, "_create_snapshot_internal", _create, "snap_id instance")
    for action, around in (("DeleteDBSnapshot", _delete), ("RestoreDBInstanceFromDBSnapshot", _restore)):
        patch.wrap_operation(rds, action, around)


def _volume_name(snapshot_id: str) -> str:
    return f"dagster-sandbox-{settings.instance()}-rds-{rds._rds_docker_scope()}-snapshot-{snapshot_id}"


def _create(old: Any, snap_id: str, instance: dict[str, Any]) -> dict[str, Any]:
    snapshot = old(snap_id, instance)
    if not server.is_server(instance):
        return snapshot
    snapshot["_MasterUserPassword"] = instance["_MasterUserPassword"]
    snapshot["Status"] = "creating"
    if instance.get("_deleting"):
        copy(snapshot, instance)  # the final one, before the volume goes
    else:
        threads.start(copy, snapshot, instance, name="rds-snapshot")
    return snapshot


def copy(snapshot: dict[str, Any], instance: dict[str, Any]) -> None:
    """Copy the data of an instance; the snapshot is available then, or failed."""
    client = rds._get_docker()
    try:
        volume = client.volumes.create(_volume_name(snapshot["DBSnapshotIdentifier"]), labels=server.labels(instance))
        with _suspended(client, instance):
            server.copy_volume(client, instance, server.volume_name(instance), volume.name)
        snapshot["Status"] = "available"
    except DockerException:
        log.exception("snapshot %s", snapshot["DBSnapshotIdentifier"])
        snapshot["Status"] = "failed"


@contextlib.contextmanager
def _suspended(client: Any, instance: dict[str, Any]) -> Any:
    """Nothing is written meanwhile, so that the copy is of one moment; the server recovers from it as from a crash.

    The processes are stopped by signals: pausing a container needs a freezer, which not every machine gives an engine.
    """
    try:
        server = client.containers.get(rds._rds_docker_name(instance["DBInstanceIdentifier"]))
    except NotFound:
        yield
        return
    if server.status != "running":
        yield
        return
    try:
        server.kill("SIGSTOP")  # the first process, which makes the others: only from outside
        _signal_others(server, "STOP")
        yield
    finally:
        server.kill("SIGCONT")
        _signal_others(server, "CONT")


def _signal_others(server: Any, signal: str) -> None:
    done = server.exec_run(["sh", "-c", f"kill -{signal} -1"], user="0:0")
    if done.exit_code != 0:
        raise DockerException(f"kill -{signal} in {server.name}: {done.output.decode(errors='replace')}")


def _delete(old: Any, p: dict) -> Any:
    response = old(p)
    if response[0] == 200:
        with contextlib.suppress(NotFound):
            rds._get_docker().volumes.get(_volume_name(rds._p(p, "DBSnapshotIdentifier"))).remove(force=True)
    return response


def _restore(old: Any, p: dict) -> Any:
    snapshot = rds._snapshots.get(rds._p(p, "DBSnapshotIdentifier"))
    if not snapshot or "_MasterUserPassword" not in snapshot:
        return old(p)
    if snapshot["Status"] != "available":
        return rds._error("InvalidDBSnapshotState", "The snapshot is not available.", 400)
    taken = {name: [str(snapshot[name])] for name in _TAKEN if snapshot.get(name)}
    taken["StorageEncrypted"] = [str(bool(snapshot.get("StorageEncrypted"))).lower()]
    taken["MasterUserPassword"] = [snapshot["_MasterUserPassword"]]
    with server.starts_held():
        response = rds._ACTION_MAP["CreateDBInstance"](taken | p)
        if response[0] != 200:
            return response
        instance = rds._instances[rds._p(p, "DBInstanceIdentifier")]
        instance["_SourceVolume"] = _volume_name(snapshot["DBSnapshotIdentifier"])
    return rds._single_instance_response(
        "RestoreDBInstanceFromDBSnapshotResponse", "RestoreDBInstanceFromDBSnapshotResult", instance
    )
