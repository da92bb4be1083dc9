"""Instances of RDS without servers, so that they need no container engine."""

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helpers.emulator import Emulator, running
from helpers.refusals import client

GOOD: dict[str, Any] = {
    "Engine": "postgres",
    "EngineVersion": "17",
    "DBInstanceClass": "db.t4g.micro",
    "AllocatedStorage": 20,
    "StorageType": "gp3",
    "MasterUsername": "dagster_admin",
    "MasterUserPassword": "correct-horse",
}


@contextlib.contextmanager
def without_servers(state: Path) -> Iterator[Emulator]:
    """An emulator whose instances are records only."""
    of_rds = ("cloud.rds.parameters", "cloud.rds.backups", "cloud.rds.readback")
    with running(state, *of_rds, "cloud.iam.answers", "cloud.requests.front_door") as found:
        yield found


def name() -> str:
    """A name that nobody has."""
    return f"n-{secrets.token_hex(4)}"


def make(emulator: Emulator, **changes: Any) -> str:
    """A new instance, and its name."""
    made = name()
    client(emulator, "rds").create_db_instance(DBInstanceIdentifier=made, **GOOD | changes)
    return made
