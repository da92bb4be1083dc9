"""What RDS refuses of an instance's settings, at its creation, its restoration and its changes.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html,
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html and
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html.
"""

import re
from collections.abc import Iterator
from typing import Any

from ministack.services import iam, rds

from cloud.iam import trust
from cloud.rds import catalog
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    iam: "_roles",
    rds: "_resolve_instance _snapshots",
}

ALWAYS = "CreateDBInstance ModifyDBInstance RestoreDBInstanceFromDBSnapshot"
_PASSWORD = re.compile(r"[\x21-\x7e]+")
_FORBIDDEN_IN_PASSWORD = frozenset('/"@ ')
_DAY = 24 * 60
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = r"([01]\d|2[0-3]):([0-5]\d)"
_BACKUP = re.compile(f"{_TIME}-{_TIME}")
_MAINTENANCE = re.compile(f"({'|'.join(_WEEK)}):{_TIME}-({'|'.join(_WEEK)}):{_TIME}", re.IGNORECASE)
_SHORTEST = 30
_INTERVALS = (0, 1, 5, 10, 15, 30, 60)
_LOGS = frozenset({"postgresql", "upgrade", "iam-db-auth-error"})
_ADVANCED_DAYS = 465


def existing(call: Call) -> dict[str, Any]:
    """The instance that a call is about, or the snapshot that it restores; empty where there is none."""
    if call.operation == "RestoreDBInstanceFromDBSnapshot":
        return rds._snapshots.get(call.parameters.get("DBSnapshotIdentifier")) or {}
    return rds._resolve_instance(call.parameters.get("DBInstanceIdentifier", "")) or {}


def setting(call: Call, name: str) -> Any:
    """What a setting will be: what the call says, or else what is there already."""
    said = call.parameters.get(name)
    return said if said is not None or call.operation == "CreateDBInstance" else existing(call).get(name)


def postgres(call: Call) -> bool:
    """Whether the instance is one of PostgreSQL."""
    return setting(call, "Engine") == "postgres"


def value(words: str) -> Refused:
    """A value that is not allowed."""
    return Refused("InvalidParameterValue", words)


def combination(words: str) -> Refused:
    """Values that do not go together."""
    return Refused("InvalidParameterCombination", words)


@rule("rds", "CreateDBSnapshot DeleteDBInstance ModifyDBInstance RebootDBInstance StartDBInstance StopDBInstance")
def _found(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html"""
    name = call.parameters["DBInstanceIdentifier"]
    if not existing(call) and not name.startswith("arn:"):
        raise Refused("DBInstanceNotFound", f"DBInstance {name} not found.")


@rule("rds", "CreateDBInstance ModifyDBInstance")
def _password(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html, MasterUserPassword"""
    password = call.parameters.get("MasterUserPassword")
    if password is None:
        return
    about = "The parameter MasterUserPassword is not a valid password"
    if len(password) < 8:
        raise value(f"{about} because it is shorter than 8 characters.")
    if len(password) > 128:
        raise value(f"{about} because it is longer than 128 characters.")
    if not _PASSWORD.fullmatch(password) or _FORBIDDEN_IN_PASSWORD & set(password):
        raise value(f"{about}. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.")


@rule("rds", ALWAYS)
def _port(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html, Port"""
    port = call.parameters.get("Port", call.parameters.get("DBPortNumber"))
    if port is not None and not 1150 <= port <= 65535:
        raise value(f"Invalid port number: {port}. Must be in the range 1150-65535.")


@rule("rds", "CreateDBInstance ModifyDBInstance")
def _backups(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html, BackupRetentionPeriod"""
    days = call.parameters.get("BackupRetentionPeriod", 0)
    if not 0 <= days <= 35:
        raise value(f"Invalid backup retention period: {days}. Must be between 0 and 35")


@rule("rds", "CreateDBInstance ModifyDBInstance")
def _windows(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ManagingAutomatedBackups.html#USER_WorkingWithAutomatedBackups.BackupWindow
    and https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Maintenance.html"""
    said = [name for name in ("PreferredBackupWindow", "PreferredMaintenanceWindow") if call.parameters.get(name)]
    backup, maintenance = setting(call, "PreferredBackupWindow"), setting(call, "PreferredMaintenanceWindow")
    if "PreferredBackupWindow" in said and not _BACKUP.fullmatch(backup):
        raise value(
            f"Invalid backup window format: {backup}. Should be specified as a range hh24:mi-hh24:mi (24H Clock UTC). "
            "Example: 23:45-00:15"
        )
    if "PreferredMaintenanceWindow" in said and not _MAINTENANCE.fullmatch(maintenance):
        raise value(
            f"Invalid maintenance window format: {maintenance}. Should be specified as a range "
            "ddd:hh24:mi-ddd:hh24:mi (24H Clock UTC). Example: Sun:23:45-Mon:00:15"
        )
    if said and any(length < _SHORTEST for length in _lengths(backup, maintenance)):
        raise value(f"The windows must be at least {_SHORTEST} minutes long.")
    if said and backup and maintenance and _overlap(backup, maintenance):
        raise value("The backup window and maintenance window must not overlap.")


def _minutes(window: str) -> tuple[int, int]:
    """The beginning of a window in minutes of the day or week, and its length."""
    found = _MAINTENANCE.fullmatch(window)
    if found is None:
        start, end = (int(hours) * 60 + int(minutes) for hours, minutes in re.findall(_TIME, window))
        return start, (end - start) % _DAY
    days = [_WEEK.index(day.lower()) for day in (found[1], found[4])]
    start = days[0] * _DAY + int(found[2]) * 60 + int(found[3])
    return start, (days[1] * _DAY + int(found[5]) * 60 + int(found[6]) - start) % (7 * _DAY)


def _lengths(*windows: str | None) -> Iterator[int]:
    yield from (_minutes(window)[1] for window in windows if window)


def _overlap(backup: str, maintenance: str) -> bool:
    start, length = _minutes(backup)
    begin, wide = _minutes(maintenance)
    later = (begin - start) % _DAY  # of the day on which the backup runs
    return later < length or later + wide > _DAY


@rule("rds", "CreateDBInstance ModifyDBInstance")
def _monitoring(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html"""
    interval, role = setting(call, "MonitoringInterval") or 0, setting(call, "MonitoringRoleArn")
    if interval not in _INTERVALS:
        raise value(f"Invalid monitoring interval: {interval}. Valid values are: {', '.join(map(str, _INTERVALS))}")
    if interval and not role:
        raise combination(
            "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0."
        )
    if call.parameters.get("MonitoringRoleArn") and not interval:
        raise combination(
            "You must specify a MonitoringInterval value other than 0 when you specify a MonitoringRoleARN value."
        )
    instance = f"arn:aws:rds:{call.region}:{call.account}:db:{call.parameters.get('DBInstanceIdentifier')}"
    found = iam._roles.get(str(role).rpartition("/")[2]) or {}
    rights = found.get("AttachedPolicies") or found.get("InlinePolicies")
    if call.parameters.get("MonitoringRoleArn") and not (
        rights and trust.assumable(role, "monitoring.rds.amazonaws.com", call.region, instance)
    ):
        raise value(
            "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING"
        )


@rule("rds", "CreateDBInstance ModifyDBInstance")
def _insights(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.Overview.cost.html and
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DatabaseInsights.html"""
    days = call.parameters.get("PerformanceInsightsRetentionPeriod")
    allowed = [7, *range(31, 24 * 31, 31), 731]
    if days is not None and days not in allowed:
        raise value(f"Invalid Performance Insights retention period. Valid values are: {allowed}")
    advanced = call.parameters.get("DatabaseInsightsMode") == "advanced"
    days = setting(call, "PerformanceInsightsRetentionPeriod") or 0
    if advanced and days < _ADVANCED_DAYS:
        raise combination(
            "To enable the Advanced mode of Database Insights, modify your instance to enable Performance Insights and "
            f"set the retention period for Performance Insights to at least {_ADVANCED_DAYS} days."
        )
    key, old = call.parameters.get("PerformanceInsightsKMSKeyId"), existing(call).get("PerformanceInsightsKMSKeyId")
    if call.operation == "ModifyDBInstance" and key and old and key != old:
        raise combination("You cannot change your Performance Insights KMS key.")


@rule("rds", ALWAYS)
def _logs(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html"""
    wanted = set(call.parameters.get("EnableCloudwatchLogsExports") or [])
    wanted |= set((call.parameters.get("CloudwatchLogsExportConfiguration") or {}).get("EnableLogTypes") or [])
    if postgres(call) and (unknown := sorted(wanted - _LOGS)):
        names = ", ".join(f"'{name}'" for name in unknown)
        version = f"postgres {setting(call, 'EngineVersion') or ''}".strip()
        raise combination(
            f"You cannot use the log types {names} with engine version {version}. For supported log types, see the "
            "documentation."
        )


@rule("rds", ALWAYS)
def _certificate(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html"""
    name = call.parameters.get("CACertificateIdentifier")
    if name and name not in catalog.AUTHORITIES:
        raise Refused("CertificateNotFound", f"CertificateIdentifier {name} not found.")
