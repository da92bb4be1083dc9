"""What RDS refuses of the replication of automated backups.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/AutomatedBackups.Replicating.Enable.html.
"""

from ministack.services import kms

from cloud.rds import backups
from cloud.rds.rules.instances import inaccessible
from cloud.rds.rules.settings import combination, value
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    kms: "_resolve_key",
}


@rule("rds", "StartDBInstanceAutomatedBackupsReplication")
def _replication(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StartDBInstanceAutomatedBackupsReplication.html"""
    arn, key = call.parameters["SourceDBInstanceArn"], call.parameters.get("KmsKeyId") or ""
    source = backups.instance(arn)
    if source is None:
        raise Refused("DBInstanceNotFound", f"DBInstance {arn} not found.")
    if arn.split(":")[3] == call.region:
        raise value("The source DB instance is in this AWS Region.")
    if not 1 <= call.parameters.get("BackupRetentionPeriod", 7) <= 35:
        raise value("Invalid backup retention period. Must be between 1 and 35")
    if source["DBInstanceStatus"] != "available" or source["BackupRetentionPeriod"] == 0:
        raise Refused("InvalidDBInstanceState", "The source DB instance is not available with backups on.")
    if source.get("_BackupReplications"):
        raise Refused("InvalidDBInstanceAutomatedBackupState", f"The backups of {arn} are replicated already.")
    if source.get("StorageEncrypted") and not key:
        raise combination("An encrypted DB instance needs a KMS key of the destination AWS Region.")
    found = kms._resolve_key(key) or {}
    if key and (found.get("KeyState") != "Enabled" or not found["Arn"].startswith(f"arn:aws:kms:{call.region}:")):
        raise inaccessible(key)


@rule("rds", "StopDBInstanceAutomatedBackupsReplication")
def _end(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StopDBInstanceAutomatedBackupsReplication.html"""
    arn = call.parameters["SourceDBInstanceArn"]
    here = [
        each for each in (backups.instance(arn) or {}).get("_BackupReplications", ()) if each["Region"] == call.region
    ]
    if not here:
        raise Refused("DBInstanceNotFound", f"There are no replicated backups of {arn} here.")
