"""What answers of RDS say beyond what an instance was made with.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html and API_DBInstanceAutomatedBackup.html.
MiniStack shows empty texts for what is not there, what only Aurora has, and little of backups.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from ministack.services import rds

from cloud.rds import server_parameters
from cloud.requests.answers import completes, shown
from cloud.requests.rules import Call

# What this module uses of MiniStack.
NEEDS = {
    rds: "_instances _param_groups",
}

_EMPTY = ("DBClusterIdentifier", "ReadReplicaSourceDBInstanceIdentifier", "ReplicaMode")
_INSTANCES = (
    "CreateDBInstance DeleteDBInstance DescribeDBInstances ModifyDBInstance RebootDBInstance "
    "RestoreDBInstanceFromDBSnapshot StartDBInstance StopDBInstance"
)
# What a backup tells of its instance.
_KEPT = (
    "AvailabilityZone",
    "IAMDatabaseAuthenticationEnabled",
    "InstanceCreateTime",
    "Iops",
    "LicenseModel",
    "MasterUsername",
    "PreferredBackupWindow",
    "StorageThroughput",
    "StorageType",
)


@completes("rds", _INSTANCES)
def _instances(call: Call, answer: dict[str, Any]) -> None:
    for instance in shown(answer, "DBInstances", "DBInstance"):
        for name in _EMPTY:
            if not instance.get(name):
                instance.pop(name, None)
        if not instance["Engine"].startswith("aurora"):
            instance.pop("PromotionTier", None)
        instance["ActivityStreamStatus"] = "stopped"
        instance.setdefault("DedicatedLogVolume", False)
        instance.pop("LatestRestorableTime", None)
        if instance["BackupRetentionPeriod"]:
            instance["LatestRestorableTime"] = _restorable(instance["InstanceCreateTime"])
        if instance.get("MultiAZ"):
            others = sorted(_zones(instance) - {instance["AvailabilityZone"]})
            instance |= {"SecondaryAvailabilityZone": others[0]} if others else {}


def _restorable(since: datetime) -> datetime:
    """Logs are uploaded every five minutes:
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html"""
    return max(since, datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5))


def _zones(instance: dict[str, Any]) -> set[str]:
    """The zones of an instance's subnet group."""
    subnets = (instance.get("DBSubnetGroup") or {}).get("Subnets", [])
    return {each["SubnetAvailabilityZone"]["Name"] for each in subnets}


@completes("rds", "DescribeDBInstanceAutomatedBackups")
def _backups(call: Call, answer: dict[str, Any]) -> None:
    by_id = {each["DbiResourceId"]: each for each in rds._instances.values()}
    for backup in shown(answer, "DBInstanceAutomatedBackups"):
        backup.setdefault("BackupTarget", "region")
        if instance := by_id.get(backup["DbiResourceId"]):
            backup |= {name: instance[name] for name in _KEPT if instance.get(name) not in (None, "")}
            begun = datetime.fromisoformat(instance["InstanceCreateTime"])
            backup |= {
                "OptionGroupName": instance["OptionGroupMemberships"][0]["OptionGroupName"],
                "Port": (instance.get("Endpoint") or {}).get("Port", 5432),
                "RestoreWindow": {"EarliestTime": begun, "LatestTime": _restorable(begun)},
                "VpcId": (instance.get("DBSubnetGroup") or {}).get("VpcId"),
            }


@completes("rds", "DescribeDBParameters")
def _parameters(call: Call, answer: dict[str, Any]) -> None:
    """What somebody or RDS has set, and all others with the engine's default:
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBParameters.html"""
    family = rds._param_groups[call.parameters["DBParameterGroupName"]]["DBParameterGroupFamily"]
    if not family.startswith("postgres"):
        return
    found, source = server_parameters.shown(family), call.parameters.get("Source")
    for each in shown(answer, "Parameters"):
        if each["Source"] != "engine-default":
            name = each["ParameterName"]
            own = {member: each[member] for member in ("ParameterName", "ParameterValue", "Source", "ApplyMethod")}
            found[name] = found.get(name, each) | own
    _page(call, answer, [each for _, each in sorted(found.items()) if source in (None, each["Source"])])


def _page(call: Call, answer: dict[str, Any], found: list[dict[str, Any]]) -> None:
    start = int(call.parameters.get("Marker") or 0)
    end = start + (call.parameters.get("MaxRecords") or 100)
    answer["Parameters"] = found[start:end]
    if end < len(found):
        answer["Marker"] = str(end)


@completes("rds", "DescribeCertificates")
def _certificates(call: Call, answer: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html"""
    answer["DefaultCertificateForNewLaunches"] = "rds-ca-rsa2048-g1"
