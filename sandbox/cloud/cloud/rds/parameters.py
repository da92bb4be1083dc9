"""Bring the parameters of an RDS parameter group to the PostgreSQL server.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html (dynamic parameters at once or
at the next reboot as ``ApplyMethod`` says, static ones at the next reboot, another group at the next reboot),
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ParamValuesRef.html (formulas) and
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html (``rds.force_ssl``, on by
default since PostgreSQL 15). MiniStack keeps them as text only.
"""

import logging
import re
import time
from typing import Any

import psycopg2
from ministack.services import rds
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from cloud.core import patch
from cloud.rds import roles, server_parameters

# What this module uses of MiniStack.
NEEDS = {
    rds: "_instances _param_groups _parameter_xml",
}

log = logging.getLogger(__name__)

FORCE_SSL = "rds.force_ssl"
_POLL_SECONDS = 0.05
_GIB = 1024**3
_SIZES = {"micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16}
# Without a value in the group; {DBInstanceClassMemory/9531392} is the documented default for PostgreSQL.
_DEFAULTS = {"max_connections": "LEAST({DBInstanceClassMemory/9531392},5000)"}
# What the families postgres15 and later have of RDS itself: "Logging autovacuum and vacuum activities" in the user
# guide and "Tuning PostgreSQL parameters" in the prescriptive guidance.
_FAMILY = {
    "autovacuum_analyze_scale_factor": "0.05",
    "autovacuum_vacuum_scale_factor": "0.1",
    "log_autovacuum_min_duration": "10000",
    FORCE_SSL: "1",
}


class IncompatibleError(ValueError):
    """The server does not take a parameter: the instance's status becomes ``incompatible-parameters``."""


def install() -> None:
    """Apply changes of parameter groups to the servers that use them."""
    patch.wrap(rds, "_apply_parameter_group_changes", _change, "group_name changes refuse_static")
    patch.wrap(rds, "_parameter_group_parameters_xml", _describe, "pg source_filter")


def class_memory(instance_class: str) -> int:
    """``DBInstanceClassMemory`` in bytes: a tenth less than the class has, for the system and RDS itself."""
    family, _, size = instance_class.removeprefix("db.").partition(".")
    match = re.fullmatch(r"(\d+)xlarge", size)
    gib = 16 * int(match[1]) if match else _SIZES.get(size, 1)
    if family.startswith(("r", "x")):
        gib *= 2
    return gib * _GIB * 9 // 10


def evaluate(value: str, memory: int) -> str:
    """The value of a parameter whose text may be a formula over the memory of the instance class."""

    def arithmetic(match: re.Match[str]) -> str:
        result, operator = 0, "+"
        for token in re.split(r"([*/])", match[1].replace(" ", "")):
            if token in "*/":
                operator = token
                continue
            number = memory if token == "DBInstanceClassMemory" else int(token)
            result = number if operator == "+" else result * number if operator == "*" else result // number
        return str(result)

    def function(match: re.Match[str]) -> str:
        choose = {"LEAST": min, "GREATEST": max, "SUM": sum}[match[1]]
        return str(choose(int(part) for part in match[2].split(",")))

    value = re.sub(r"\{([^{}]+)\}", arithmetic, value)
    while (simpler := re.sub(r"(LEAST|GREATEST|SUM)\(([\d,\s]+)\)", function, value)) != value:
        value = simpler
    return value


def effective(instance: dict[str, Any]) -> dict[str, str]:
    """What the instance's parameter group says, on top of RDS's defaults."""
    group = (instance.get("DBParameterGroups") or [{}])[0].get("DBParameterGroupName", "")
    custom = (rds._param_groups.get(group) or {}).get("Parameters") or {}
    major = int(re.match(r"\d+", instance["EngineVersion"])[0])
    values = {**_DEFAULTS, FORCE_SSL: "1" if major >= 15 else "0"}
    values |= {name: entry["ParameterValue"] for name, entry in custom.items()}
    memory = class_memory(instance["DBInstanceClass"])
    return {name: evaluate(value, memory) for name, value in values.items()}


def apply(connection: Connection, instance: dict[str, Any]) -> bool:
    """Set all parameters of the instance; True when some of them want a restart of the server."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM RESET ALL")
        for name, value in effective(instance).items():
            _set(cursor, name, value)
        _reload(connection)
        cursor.execute("SELECT count(*) FROM pg_file_settings WHERE error = 'setting could not be applied'")
        return cursor.fetchone()[0] > 0


def _set(cursor: Any, name: str, value: str | None) -> None:
    if name == FORCE_SSL:
        _write_hba(cursor, force=value == "1")
        return
    if name == "rds.logical_replication":
        name, value = "wal_level", "logical" if value == "1" else "replica"
    if name.startswith("rds."):
        return  # acts on RDS's own tools, not on the server
    if name == "shared_preload_libraries" and value:
        value = ",".join(library for library in value.split(",") if _loadable(cursor, library.strip()))
    statement = sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
    if value is None:
        statement = sql.SQL("ALTER SYSTEM RESET {}").format(sql.Identifier(name))
    try:
        cursor.execute(statement)
    except psycopg2.Error as error:
        raise IncompatibleError(f"parameter {name} = {value}: {error}") from error


def _loadable(cursor: Any, library: str) -> bool:
    """Whether the server at hand has a library that RDS has."""
    try:
        cursor.execute(sql.SQL("LOAD {}").format(sql.Literal(library)))
    except psycopg2.errors.UndefinedFile:
        log.warning("shared_preload_libraries: this server has no %s", library)
        return False
    except psycopg2.Error:
        pass  # it is there, and wants to be loaded at the start
    return True


def _write_hba(cursor: Any, force: bool) -> None:
    """Let in who has a password: over TLS only, or by both ways."""
    lines = [
        "local all all trust",
        f"hostssl all {roles.ADMINISTRATOR} all scram-sha-256",
        f"host all {roles.ADMINISTRATOR} all reject",
        f"{'hostssl' if force else 'host'} all all all scram-sha-256",
    ]
    _write_lines(cursor, lines)


def _write_lines(cursor: Any, lines: list[str]) -> None:
    cursor.execute("SHOW hba_file")
    path = cursor.fetchone()[0]
    cursor.execute(sql.SQL("COPY (SELECT unnest({}::text[])) TO {}").format(sql.Literal(lines), sql.Literal(path)))


def admit_administrator(connection: Connection) -> None:
    """Let in nobody but the administrator, until apply lets the others in again."""
    with connection.cursor() as cursor:
        _write_lines(cursor, ["local all all trust", f"host all {roles.ADMINISTRATOR} all scram-sha-256"])
    _reload(connection)


def _reload(connection: Connection) -> None:
    """Make the server read its files, and wait until a new connection sees that it has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_conf_load_time(), pg_reload_conf()")
        before = cursor.fetchone()[0]
    while True:
        fresh = roles.connect(connection.info.host, connection.info.port)
        with fresh.cursor() as cursor:
            cursor.execute("SELECT pg_conf_load_time()")
            loaded = cursor.fetchone()[0]
        fresh.close()
        if loaded > before:
            return
        time.sleep(_POLL_SECONDS)


def _describe(old: Any, pg: dict[str, Any], source_filter: str) -> str:
    """DescribeDBParameters: a value that is the family's is ``system`` and waits for a reboot, whoever set it how."""
    family = re.fullmatch(r"postgres(\d+)", pg.get("DBParameterGroupFamily", ""))
    if not family or int(family[1]) < 15:
        return old(pg, source_filter)
    custom = pg.get("Parameters", {})
    set_otherwise = {
        name: entry for name, entry in custom.items() if entry["ParameterValue"] != _FAMILY.get(name, object())
    }
    text = old({**pg, "Parameters": set_otherwise}, source_filter)
    if source_filter in ("", "system"):
        for name, value in _FAMILY.items():
            if name not in set_otherwise:
                text += rds._parameter_xml(name, value, "system", "pending-reboot")
    return text


def _change(old: Any, group_name: str, changes: list, refuse_static: bool = True) -> Any:
    """Changes of a group: set them on running servers, note what waits for a reboot."""
    family = str((rds._param_groups.get(group_name) or {}).get("DBParameterGroupFamily", ""))
    if not family.startswith("postgres"):
        return old(group_name, changes, refuse_static)
    for instance in list(rds._instances.values()):
        groups = instance.get("DBParameterGroups") or [{}]
        if groups[0].get("DBParameterGroupName") != group_name or not instance.get("_internal_address"):
            continue
        at_once = [
            (name, value)
            for name, value, method in changes
            if method == "immediate" and not server_parameters.static(name, family)
        ]
        if len(at_once) < len(changes):
            groups[0]["ParameterApplyStatus"] = "pending-reboot"
        if at_once and instance["DBInstanceStatus"] == "available":
            _change_running(instance, at_once)
    return None


def _change_running(instance: dict[str, Any], changes: list[tuple[str, str | None]]) -> None:
    defaults = {**_DEFAULTS, FORCE_SSL: "1"}
    memory = class_memory(instance["DBInstanceClass"])
    try:
        connection = roles.connect(instance["_internal_address"], instance["_internal_port"])
        with connection.cursor() as cursor:
            for name, value in changes:
                value = defaults.get(name) if value is None else value
                _set(cursor, name, None if value is None else evaluate(value, memory))
        _reload(connection)
        connection.close()
    except IncompatibleError as error:
        log.warning("%s: %s", instance["DBInstanceIdentifier"], error)
        instance["DBInstanceStatus"] = "incompatible-parameters"
