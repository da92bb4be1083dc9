"""An instance shows what RDS adds, and no empty texts."""

from datetime import UTC, datetime
from typing import Any

import pytest
from helpers.emulator import ACCOUNT, REGION

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
