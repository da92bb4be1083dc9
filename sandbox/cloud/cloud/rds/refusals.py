"""Refuse what RDS refuses when an instance or a subnet group is made, changed or deleted.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html,
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html,
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html and
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html. MiniStack takes all of it, so
that a program would fail on AWS only.
"""

from collections.abc import Callable
from typing import Any

from ministack.services import kms, rds

from cloud.core import patch
from cloud.rds import server

# What this module uses of MiniStack.
NEEDS = {
    kms: "_resolve_key",
    rds: (
        "_error _instances _p _param_groups _parse_member_list _resolve_instance _resolve_subnet_group_members "
        "_snapshots _subnet_groups"
    ),
}

Check = Callable[[dict], tuple[str, str] | None]

_RESERVED_NAMES = frozenset({"admin", "rdsadmin"})
_FORBIDDEN_IN_PASSWORD = frozenset('/"@ ')


def install() -> None:
    """Put the checks before the actions."""
    # Around all others: nothing has been done when a call is refused.
    for action, checks in _CHECKS.items():
        patch.wrap_operation(rds, action, _refusing(checks))


def _refusing(checks: tuple[Check, ...]) -> Callable[[Any, dict], Any]:
    def around(old: Any, p: dict) -> Any:
        for check in checks:
            if refused := check(p):
                return rds._error(*refused, 404 if refused[0].endswith("NotFoundFault") else 400)
        return old(p)

    return around


def _master(p: dict) -> tuple[str, str] | None:
    name = rds._p(p, "MasterUsername")
    if name.lower() in _RESERVED_NAMES:
        return (
            "InvalidParameterValue",
            f"MasterUsername {name} cannot be used as it is a reserved word used by the engine",
        )
    return None


def _password(p: dict) -> tuple[str, str] | None:
    password = rds._p(p, "MasterUserPassword")
    if password and (not 8 <= len(password) <= 128 or _FORBIDDEN_IN_PASSWORD & set(password)):
        return (
            "InvalidParameterValue",
            "The parameter MasterUserPassword is not a valid password: 8 to 128 printable "
            "ASCII characters besides '/', '@', '\"', ' '",
        )
    return None


def _subnet_group(p: dict) -> tuple[str, str] | None:
    name = rds._p(p, "DBSubnetGroupName")
    if name and name != "default" and name not in rds._subnet_groups:
        return "DBSubnetGroupNotFoundFault", f"DB subnet group '{name}' does not exist."
    return None


def _storage(p: dict) -> tuple[str, str] | None:
    size, most = int(rds._p(p, "AllocatedStorage") or 0), int(rds._p(p, "MaxAllocatedStorage") or 0)
    if size and not 20 <= size <= 65536:
        return "InvalidParameterValue", f"Invalid storage size for engine name postgres: {size}"
    if size and most and most * 10 < size * 11:
        return (
            "InvalidParameterCombination",
            "Max storage size must be at least 10 percent greater than the allocated storage",
        )
    return None


def _backups(p: dict) -> tuple[str, str] | None:
    days = rds._p(p, "BackupRetentionPeriod")
    if days and not 0 <= int(days) <= 35:
        return "InvalidParameterValue", f"Invalid backup retention period: {days}. Must be between 0 and 35"
    return None


def _monitoring(p: dict) -> tuple[str, str] | None:
    if int(rds._p(p, "MonitoringInterval") or 0) > 0 and not rds._p(p, "MonitoringRoleArn"):
        return (
            "InvalidParameterCombination",
            "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.",
        )
    return None


def _shrinking(p: dict) -> tuple[str, str] | None:
    instance, size = rds._resolve_instance(rds._p(p, "DBInstanceIdentifier")), rds._p(p, "AllocatedStorage")
    if instance and size and int(size) < instance["AllocatedStorage"]:
        return "InvalidParameterCombination", "Requested allocated storage cannot be less than the current one"
    return None


def _version(p: dict) -> tuple[str, str] | None:
    instance, wanted = rds._resolve_instance(rds._p(p, "DBInstanceIdentifier")), rds._p(p, "EngineVersion")
    code, before = "InvalidParameterCombination", server.major(instance["EngineVersion"]) if instance else 0
    if not instance or not wanted or server.major(wanted) == before:
        return None
    if server.major(wanted) < before:
        return code, f"Cannot upgrade postgres from {instance['EngineVersion']} to {wanted}"
    if rds._p(p, "AllowMajorVersionUpgrade") != "true":
        return code, "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version."
    group = rds._p(p, "DBParameterGroupName") or instance["DBParameterGroups"][0]["DBParameterGroupName"]
    family = (rds._param_groups.get(group) or {}).get("DBParameterGroupFamily")
    if family and family != f"postgres{server.major(wanted)}":
        return code, (
            f"The parameter group {group} with DBParameterGroupFamily {family} can't be used for this instance. "
            f"Use a parameter group with DBParameterGroupFamily postgres{server.major(wanted)}."
        )
    return None


def _group_in_use(p: dict) -> tuple[str, str] | None:
    name = rds._p(p, "DBParameterGroupName")
    groups = [group for instance in rds._instances.values() for group in instance.get("DBParameterGroups") or []]
    if any(group["DBParameterGroupName"] == name for group in groups):
        return (
            "InvalidDBParameterGroupState",
            "One or more database instances are still members of this parameter group "
            f"{name}, so the group cannot be deleted",
        )
    return None


def _subnets_in_use(p: dict) -> tuple[str, str] | None:
    name, kept = rds._p(p, "DBSubnetGroupName"), rds._parse_member_list(p, "SubnetIds")
    used = any(
        (instance.get("DBSubnetGroup") or {}).get("DBSubnetGroupName") == name for instance in rds._instances.values()
    )
    subnets = (rds._subnet_groups.get(name) or {}).get("Subnets") or []
    if used and any(subnet["SubnetIdentifier"] not in kept for subnet in subnets):
        return "SubnetAlreadyInUse", "The DB subnet is already in use in the Availability Zone."
    return None


def _final_snapshot(p: dict) -> tuple[str, str] | None:
    skip, name = rds._p(p, "SkipFinalSnapshot") == "true", rds._p(p, "FinalDBSnapshotIdentifier")
    if not skip and not name:
        return (
            "InvalidParameterCombination",
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
        )
    if skip and name:
        return "InvalidParameterCombination", "FinalDBSnapshotIdentifier and SkipFinalSnapshot exclude each other."
    if name in rds._snapshots:
        return "DBSnapshotAlreadyExists", f"Cannot create the snapshot because one named {name} already exists."
    return None


def _keys(p: dict) -> tuple[str, str] | None:
    """What is encrypted is made and read with a key in use: not with one that is disabled or waits for its deletion."""
    snapshot = rds._snapshots.get(rds._p(p, "DBSnapshotIdentifier")) or {}
    for name in filter(None, (rds._p(p, "KmsKeyId"), snapshot.get("KmsKeyId"))):
        key = kms._resolve_key(name)
        if not name.startswith("alias/aws/") and (not key or key["KeyState"] != "Enabled"):
            return (
                "KMSKeyNotAccessibleFault",
                f"The KMS key [{name}] does not exist, is not enabled, or may not be used.",
            )
    return None


def _zones(p: dict) -> tuple[str, str] | None:
    found = rds._resolve_subnet_group_members(rds._parse_member_list(p, "SubnetIds"))
    zones = {subnet["SubnetAvailabilityZone"]["Name"] for subnet in found[0]} if found else set()
    if found and len(zones) < 2:
        return (
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "Please add subnets to cover at least 2 availability zones. Current coverage: 1",
        )
    return None


_SETTINGS = (_password, _storage, _backups)
_CHECKS: dict[str, tuple[Check, ...]] = {
    "CreateDBInstance": (_master, _subnet_group, _monitoring, _keys, *_SETTINGS),
    "RestoreDBInstanceFromDBSnapshot": (_keys,),
    "ModifyDBInstance": (*_SETTINGS, _shrinking, _version),
    "CreateDBSubnetGroup": (_zones,),
    "ModifyDBSubnetGroup": (_zones, _subnets_in_use),
    "DeleteDBParameterGroup": (_group_in_use,),
    "DeleteDBInstance": (_final_snapshot,),
}
