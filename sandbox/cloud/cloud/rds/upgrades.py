"""Upgrade an instance to another major version of PostgreSQL, with its data.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.MajorVersion.html and
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html: only with
``AllowMajorVersionUpgrade``, only upwards, with a parameter group of the new family; the instance is away meanwhile,
keeps its endpoint, and stays on the old version where the upgrade fails. RDS runs pg_upgrade, which wants both servers
in one place; here a dump is loaded into a new server. MiniStack changes the number only.
"""

import logging
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from ministack.services import rds

from cloud.core import patch, threads
from cloud.rds import parameters, roles, server, server_parameters

# What this module uses of MiniStack.
NEEDS = {
    rds: "_p _resolve_instance _single_instance_response",
}

log = logging.getLogger(__name__)


def install() -> None:
    """Take over changes of the major version."""
    # Around rds.server, which changes the rest; within rds.readback.
    patch.wrap_operation(rds, "ModifyDBInstance", _modify)


def _modify(old: Any, p: dict) -> Any:
    instance, wanted = rds._resolve_instance(rds._p(p, "DBInstanceIdentifier")), rds._p(p, "EngineVersion")
    at_once = rds._p(p, "ApplyImmediately") == "true"
    if not instance or not wanted or not server.is_server(instance) or not at_once:
        return old(p)
    if server.major(wanted) == server.major(instance["EngineVersion"]):
        return old(p)
    # Everything else at once, without a restart of its own; the version when the data are there.
    instance["DBInstanceStatus"] = "upgrading"
    response = old({name: value for name, value in p.items() if name != "EngineVersion"})
    if response[0] != 200:
        instance["DBInstanceStatus"] = "available"
        return response
    threads.start(_upgrade, instance, wanted, name="rds-upgrade")
    return rds._single_instance_response("ModifyDBInstanceResponse", "ModifyDBInstanceResult", instance)


def _upgrade(instance: dict[str, Any], wanted: str) -> None:
    """Load a dump of the old server into a new one; where that fails the old one comes back."""
    version, volume = instance["EngineVersion"], server.volume_name(instance)
    newer = f"{volume}-{server.major(wanted)}"
    try:
        with tempfile.TemporaryDirectory() as folder:
            dump = Path(folder) / "dump.sql"
            _dump(instance, dump)
            server.switch(instance, wanted, newer)
            _load(instance, dump)
        server.bring_up(instance)
        unused = volume
    except Exception:
        log.exception("%s is not upgraded to %s", instance["DBInstanceIdentifier"], wanted)
        server.switch(instance, version, volume)
        server.bring_up(instance)
        unused = newer
    server.remove_volume(unused)


def _dump(instance: dict[str, Any], dump: Path) -> None:
    """Write all roles and databases as SQL, with nobody else in the server."""
    _close(instance)
    with dump.open("wb") as file:
        _run(instance, "pg_dumpall", "--no-sync", stdout=file)


def _close(instance: dict[str, Any]) -> None:
    """Let in nobody but the administrator."""
    connection = roles.connect(instance["_internal_address"], instance["_internal_port"])
    parameters.admit_administrator(connection)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
    connection.close()


def _load(instance: dict[str, Any], dump: Path) -> None:
    _close(instance)
    administrator = f"CREATE ROLE {roles.ADMINISTRATOR};\n".encode()  # it is the new server's own
    dump.write_bytes(dump.read_bytes().replace(administrator, b"", 1))
    _run(instance, "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--file", str(dump), "--dbname=postgres")


def _run(instance: dict[str, Any], program: str, *arguments: str, stdout: Any = subprocess.DEVNULL) -> None:
    environment = {
        "PGHOST": instance["_internal_address"],
        "PGPORT": str(instance["_internal_port"]),
        "PGUSER": roles.ADMINISTRATOR,
        "PGPASSWORD": roles.administrator_password(),
    }
    done = subprocess.run(
        [str(server_parameters.program(program)), *arguments],
        env=environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode != 0:
        raise server.StartError(f"{program}: {done.stderr.decode(errors='replace')[-2000:]}")
