"""Instances and parameters show what RDS adds, and no empty texts."""

from datetime import UTC, datetime
from typing import Any

import pytest
from helpers.emulator import ACCOUNT, REGION, Emulator

from cloud.rds import answers
from cloud.requests.rules import Call

CALL = Call("rds", "DescribeDBInstances", {}, REGION, ACCOUNT)
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def shown(**more: Any) -> dict[str, Any]:
    """An instance as it is shown."""
    subnets = [{"SubnetAvailabilityZone": {"Name": REGION + zone}} for zone in "ca"]
    instance = {
        "AvailabilityZone": f"{REGION}a",
        "BackupRetentionPeriod": 1,
        "DBClusterIdentifier": "",
        "DBSubnetGroup": {"Subnets": subnets},
        "Engine": "postgres",
        "InstanceCreateTime": BEGUN,
        "LatestRestorableTime": BEGUN,
        "MultiAZ": False,
        "PromotionTier": 1,
        "ReadReplicaSourceDBInstanceIdentifier": "",
        **more,
    }
    answers._instances(CALL, {"DBInstances": [instance]})
    return instance


def test_there_is_nothing_of_clusters_and_replicas() -> None:
    found = shown()
    assert not {"DBClusterIdentifier", "PromotionTier", "ReadReplicaSourceDBInstanceIdentifier"} & set(found)
    assert (found["DedicatedLogVolume"], found["ActivityStreamStatus"]) == (False, "stopped")


@pytest.mark.parametrize(("multi", "zone"), [(True, f"{REGION}c"), (False, None)])
def test_a_standby_is_in_another_zone_of_the_subnet_group(multi: bool, zone: str | None) -> None:
    assert shown(MultiAZ=multi).get("SecondaryAvailabilityZone") == zone


def test_the_time_to_restore_to_moves_on_while_there_are_backups() -> None:
    assert shown()["LatestRestorableTime"] > BEGUN
    assert "LatestRestorableTime" not in shown(BackupRetentionPeriod=0)


def test_parameters_have_their_source_type_and_values(aws: Emulator) -> None:
    rds, group = aws.client("rds"), {"DBParameterGroupName": "sources"}
    rds.create_db_parameter_group(**group, DBParameterGroupFamily="postgres17", Description="d")
    given = {"ParameterName": "log_lock_waits", "ParameterValue": "1", "ApplyMethod": "immediate"}
    rds.modify_db_parameter_group(**group, Parameters=[given])
    pages = rds.get_paginator("describe_db_parameters").paginate(**group)
    found = {each["ParameterName"]: each for page in pages for each in page["Parameters"]}
    assert len(found) > 300
    assert given.items() <= found["log_lock_waits"].items()
    kinds = {
        name: tuple(found[name].get(member) for member in ("Source", "ApplyType", "DataType", "AllowedValues"))
        for name in ("log_lock_waits", "max_connections", "rds.force_ssl", "autovacuum_naptime")
    }
    assert kinds == {
        "log_lock_waits": ("user", "dynamic", "boolean", "0,1"),
        "max_connections": ("engine-default", "static", "integer", "1-262143"),
        "rds.force_ssl": ("system", "dynamic", "boolean", "0,1"),
        "autovacuum_naptime": ("engine-default", "dynamic", "integer", "1-2147483"),
    }
    assert not found["wal_level"]["IsModifiable"]
    by_user = rds.describe_db_parameters(**group, Source="user")["Parameters"]
    assert [each["ParameterName"] for each in by_user] == ["log_lock_waits"]
