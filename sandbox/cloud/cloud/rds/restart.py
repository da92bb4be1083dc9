"""Databases run on while the emulator is replaced: the security groups of their interfaces go on to decide.

https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html: a rule that changes takes effect on all that
has the group, also on what began long before.
"""

from typing import Any

from docker.errors import NotFound
from ministack import app
from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import rds

from cloud.core import patch, settings
from cloud.rds import server

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "all_items",
    rds: "_get_docker _instances",
}


def _take_up(old: Any) -> None:
    old()
    client = rds._get_docker() if settings.network() else None
    if client is None:
        return
    for (account, region, _), instance in list(rds._instances.all_items()):
        with request_scope(account, region):
            try:
                server.guard(instance, client.containers.get(server.holder_name(instance)))
            except NotFound:
                continue  # It was never started, or is no PostgreSQL.


def install() -> None:
    """Take up databases when the state has been loaded."""
    patch.wrap(app, "_load_persisted_state", _take_up, "")
