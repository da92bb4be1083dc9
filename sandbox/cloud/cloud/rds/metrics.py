"""The metrics of databases, from the server that runs.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html: once a minute, for an instance that runs.
"""

import logging
import re
import time
from typing import Any

import psycopg2
from ministack.services import rds

from cloud.cloudwatch import series
from cloud.core import clock, threads, usage
from cloud.rds import parameters, roles, server

# What this module uses of MiniStack.
NEEDS = {
    rds: "_get_docker _instances",
}

_NAMESPACE, _MINUTE, _GIB = "AWS/RDS", 60, 1024**3
# Connections of clients; those of RDS's own administrator are "sessions created by the database engine for its own
# purposes", which do not count.
_CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename <> %s"
_STORED = "SELECT (SELECT sum(pg_database_size(oid)) FROM pg_database) + (SELECT sum(size) FROM pg_ls_waldir())"
_LEAST_SECONDS = 1.0
_readings: dict[str, tuple[float, tuple[int, int]]] = {}
log = logging.getLogger(__name__)


def report(at: float) -> None:
    """Report the minute that ends."""
    for _ in threads.each_scope(rds._instances):
        for instance in rds._instances.values():
            if server.is_server(instance) and instance.get("DBInstanceStatus") == "available":
                _instance(instance, {"DBInstanceIdentifier": instance["DBInstanceIdentifier"]}, at - _MINUTE)


def _instance(instance: dict[str, Any], named: dict[str, str], at: float) -> None:
    found = usage.of(rds._get_docker(), instance["_docker_container_id"])
    if found is not None:
        free = max(0, parameters.class_memory(instance["DBInstanceClass"]) - found.memory)
        series.record(_NAMESPACE, "FreeableMemory", free, "Bytes", named, at)
        if found.processors is not None:
            percent = 100 * found.processors / _processors(instance["DBInstanceClass"])
            series.record(_NAMESPACE, "CPUUtilization", min(100.0, percent), "Percent", named, at)
    try:
        connections, stored = _read(instance)
    except psycopg2.Error as error:
        log.warning("%s does not answer: %s", instance["DBInstanceIdentifier"], error)
        return
    series.record(_NAMESPACE, "DatabaseConnections", connections, "Count", named, at)
    series.record(_NAMESPACE, "FreeStorageSpace", int(instance["AllocatedStorage"]) * _GIB - stored, "Bytes", named, at)


def _processors(instance_class: str) -> int:
    """How many a class has: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html"""
    size = re.fullmatch(r"(\d*)xlarge", instance_class.rpartition(".")[2])
    return 4 * int(size[1] or 1) if size else 2


def _read(instance: dict[str, Any]) -> tuple[int, int]:
    """What the server says, or has said a moment ago, as when the clock is moved by hours."""
    known, now = _readings.get(instance["DBInstanceArn"]), time.monotonic()
    if known is None or now - known[0] > _LEAST_SECONDS:
        known = _readings[instance["DBInstanceArn"]] = (now, _asked(instance))
    return known[1]


def _asked(instance: dict[str, Any]) -> tuple[int, int]:
    """What the server says: connections, and bytes of data and of its write-ahead log."""
    connection = roles.connect(instance["_internal_address"], instance["_internal_port"])
    try:
        with connection.cursor() as cursor:
            cursor.execute(_CONNECTIONS, (roles.ADMINISTRATOR,))
            connections = int(cursor.fetchone()[0])
            cursor.execute(_STORED)
            return connections, int(cursor.fetchone()[0])
    finally:
        connection.close()


def install() -> None:
    """Report once a minute."""
    clock.every(_MINUTE, "metrics of databases", report)
