"""Replicate the automated backups of an RDS instance to a second region.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReplicateBackups.html and
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StartDBInstanceAutomatedBackupsReplication.html. MiniStack
has none of these actions. What is kept is who replicates what to where; backups themselves are not taken here.
"""

import secrets
import string
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region
from ministack.services import rds

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    AccountRegionScopedDict: "all_items get_scoped",
    rds: "_error _esc _instances _p _xml",
}


def install() -> None:
    """Add the actions."""
    patch.add_operations(
        rds,
        {
            "StartDBInstanceAutomatedBackupsReplication": _start,
            "StopDBInstanceAutomatedBackupsReplication": _stop,
            "DescribeDBInstanceAutomatedBackups": _describe,
        },
    )


def instance(arn: str) -> dict[str, Any] | None:
    """The instance of an ARN, in its region."""
    parts = arn.split(":")
    if len(parts) != 7 or parts[5] != "db":
        return None
    return rds._instances.get_scoped(parts[4], parts[3], parts[6])


def _start(p: dict) -> Any:
    arn, key = rds._p(p, "SourceDBInstanceArn"), rds._p(p, "KmsKeyId")
    source = instance(arn)
    letters = string.ascii_lowercase + string.digits
    name = "ab-" + "".join(secrets.choice(letters) for _ in range(26))
    backup = {
        "Arn": f"arn:aws:rds:{get_region()}:{get_account_id()}:auto-backup:{name}",
        "Region": get_region(),
        "KmsKeyId": key,
        "BackupRetentionPeriod": int(rds._p(p, "BackupRetentionPeriod") or "7"),
    }
    source.setdefault("_BackupReplications", []).append(backup)
    return rds._xml(
        200,
        "StartDBInstanceAutomatedBackupsReplicationResponse",
        f"<StartDBInstanceAutomatedBackupsReplicationResult>{_replica_xml(source, backup)}"
        "</StartDBInstanceAutomatedBackupsReplicationResult>",
    )


def _stop(p: dict) -> Any:
    arn = rds._p(p, "SourceDBInstanceArn")
    source = instance(arn)
    found = [backup for backup in source["_BackupReplications"] if backup["Region"] == get_region()]
    source["_BackupReplications"].remove(found[0])
    return rds._xml(
        200,
        "StopDBInstanceAutomatedBackupsReplicationResponse",
        f"<StopDBInstanceAutomatedBackupsReplicationResult>{_replica_xml(source, found[0], 'deleting')}"
        "</StopDBInstanceAutomatedBackupsReplicationResult>",
    )


def _describe(p: dict) -> Any:
    """The backups of this region: its own instances' and those that are replicated to it."""
    wanted = {name: rds._p(p, name) for name in ("DBInstanceIdentifier", "DbiResourceId")}
    wanted_arn = rds._p(p, "DBInstanceAutomatedBackupsArn")
    members = ""
    for (account, region, _), source in list(rds._instances.all_items()):
        if account != get_account_id() or any(value and source[name] != value for name, value in wanted.items()):
            continue
        if region == get_region() and source["BackupRetentionPeriod"] > 0 and not wanted_arn:
            own = {
                "Arn": "",
                "KmsKeyId": source.get("KmsKeyId", ""),
                "BackupRetentionPeriod": source["BackupRetentionPeriod"],
            }
            members += _replica_xml(source, own, "active")
        for backup in source.get("_BackupReplications", ()):
            if backup["Region"] == get_region() and wanted_arn in ("", backup["Arn"]):
                members += _replica_xml(source, backup)
    if wanted_arn and not members:
        return rds._error("DBInstanceAutomatedBackupNotFound", f"{wanted_arn} not found.", 404)
    return rds._xml(
        200,
        "DescribeDBInstanceAutomatedBackupsResponse",
        "<DescribeDBInstanceAutomatedBackupsResult><DBInstanceAutomatedBackups>"
        f"{members}</DBInstanceAutomatedBackups></DescribeDBInstanceAutomatedBackupsResult>",
    )


def _replica_xml(source: dict[str, Any], backup: dict[str, Any], status: str = "replicating") -> str:
    fields = {
        "DBInstanceArn": source["DBInstanceArn"],
        "DbiResourceId": source["DbiResourceId"],
        "Region": source["DBInstanceArn"].split(":")[3],
        "DBInstanceIdentifier": source["DBInstanceIdentifier"],
        "AllocatedStorage": source["AllocatedStorage"],
        "Status": status,
        "Engine": source["Engine"],
        "EngineVersion": source["EngineVersion"],
        "Encrypted": str(bool(source.get("StorageEncrypted"))).lower(),
        "KmsKeyId": backup["KmsKeyId"],
        "BackupRetentionPeriod": backup["BackupRetentionPeriod"],
        "DBInstanceAutomatedBackupsArn": backup["Arn"],
    }
    inner = "".join(f"<{name}>{rds._esc(str(value))}</{name}>" for name, value in fields.items() if value != "")
    return f"<DBInstanceAutomatedBackup>{inner}</DBInstanceAutomatedBackup>"
