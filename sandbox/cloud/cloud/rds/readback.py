"""Give back what an RDS instance was made with.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html. MiniStack forgets the exported logs, the
key and the retention of Performance Insights, the certificate authority, the backup window, the storage's
throughput and where enhanced monitoring writes, so that a second preview would show changes that AWS would not. Nor
does it know the filter ``dbi-resource-id`` of DescribeDBInstances, by which the AWS provider finds an instance: with
two in the account it would find the other one, and wait for good for the end of its own.
"""

import re
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import rds

from cloud.core import patch

# What this module uses of MiniStack.
NEEDS = {
    rds: "_esc _instances _p _parse_member_list _resolve_instance _single_instance_response",
}

# Settings of CreateDBInstance and ModifyDBInstance that are given back as they came, with AWS's default.
_TEXTS = {
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    "DatabaseInsightsMode": "standard",
    "EngineLifecycleSupport": "open-source-rds-extended-support",
    "PerformanceInsightsKMSKeyId": "",
    "PreferredBackupWindow": "03:00-04:00",
}
_NUMBERS = {"Iops": None, "PerformanceInsightsRetentionPeriod": 7, "StorageThroughput": 0}
_SWITCHES = {
    "AutoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
    "DedicatedLogVolume": "DedicatedLogVolume",
    "EnablePerformanceInsights": "PerformanceInsightsEnabled",
}
# What a gp3 volume below 400 GiB has: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html
_GP3 = {"Iops": 3000, "StorageThroughput": 125}


def install() -> None:
    """Record the settings at creation and change, and render them."""
    # Around rds.server, whose answer lacks what is recorded here.
    patch.wrap(rds, "_create_db_instance_impl", _create, "p")
    patch.wrap(rds, "_instance_xml", _xml, "i")
    patch.wrap(rds, "_apply_instance_filters", _filter, "instances filters")
    # Around rds.server, whose answer lacks what is recorded here.
    patch.wrap_operation(rds, "ModifyDBInstance", _modify)


def _filter(old: Any, instances: list[dict[str, Any]], filters: dict[str, list[str]]) -> list[dict[str, Any]]:
    wanted = filters.get("dbi-resource-id")
    return old([each for each in instances if wanted is None or each["DbiResourceId"] in wanted], filters)


def _create(old: Any, p: dict) -> Any:
    response = old(p)
    if response[0] != 200:
        return response
    instance = rds._instances[rds._p(p, "DBInstanceIdentifier")]
    for name, default in (_TEXTS | _NUMBERS).items():
        instance[name] = default
    if instance["StorageType"] == "gp3":
        instance.update(_GP3)
    instance["EnabledCloudwatchLogsExports"] = rds._parse_member_list(p, "EnableCloudwatchLogsExports")
    _record(instance, p)
    return rds._single_instance_response("CreateDBInstanceResponse", "CreateDBInstanceResult", instance)


def _modify(old: Any, p: dict) -> Any:
    response = old(p)
    if response[0] != 200:
        return response
    instance = rds._resolve_instance(rds._p(p, "DBInstanceIdentifier"))
    logs = set(instance.get("EnabledCloudwatchLogsExports") or [])
    logs |= set(rds._parse_member_list(p, "CloudwatchLogsExportConfiguration.EnableLogTypes"))
    logs -= set(rds._parse_member_list(p, "CloudwatchLogsExportConfiguration.DisableLogTypes"))
    instance["EnabledCloudwatchLogsExports"] = sorted(logs)
    _record(instance, p)
    return rds._single_instance_response("ModifyDBInstanceResponse", "ModifyDBInstanceResult", instance)


def _record(instance: dict[str, Any], p: dict) -> None:
    for name in _TEXTS:
        if value := rds._p(p, name):
            instance[name] = value
    for name in _NUMBERS:
        if value := rds._p(p, name):
            instance[name] = int(value)
    for name, kept in _SWITCHES.items():
        if value := rds._p(p, name):
            instance[kept] = value == "true"
    instance["CertificateDetails"]["CAIdentifier"] = instance["CACertificateIdentifier"]
    instance["EnhancedMonitoringResourceArn"] = _monitoring_stream(instance) if instance["MonitoringInterval"] else ""


def _monitoring_stream(instance: dict[str, Any]) -> str:
    """Where RDS writes the operating system's metrics:
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.CloudWatchLogs.html"""
    stream = f"log-group:RDSOSMetrics:log-stream:{instance['DbiResourceId']}"
    return f"arn:aws:logs:{get_region()}:{get_account_id()}:{stream}"


def _xml(old: Any, i: dict[str, Any]) -> str:
    text = old(i)
    logs = "".join(f"<member>{rds._esc(name)}</member>" for name in i.get("EnabledCloudwatchLogsExports") or [])
    text = text.replace(
        "<EnabledCloudwatchLogsExports/>", f"<EnabledCloudwatchLogsExports>{logs}</EnabledCloudwatchLogsExports>"
    )
    extra = "".join(
        f"<{name}>{rds._esc(str(i[name]))}</{name}>"
        for name in ("DatabaseInsightsMode", "EngineLifecycleSupport", "PerformanceInsightsKMSKeyId")
        if i.get(name)
    )
    if "DedicatedLogVolume" in i:
        extra += f"<DedicatedLogVolume>{str(i['DedicatedLogVolume']).lower()}</DedicatedLogVolume>"
    arns = "".join(
        "<DBInstanceAutomatedBackupsReplication>"
        f"<DBInstanceAutomatedBackupsArn>{backup['Arn']}</DBInstanceAutomatedBackupsArn>"
        "</DBInstanceAutomatedBackupsReplication>"
        for backup in i.get("_BackupReplications", ())
    )
    extra += f"<DBInstanceAutomatedBackupsReplications>{arns}</DBInstanceAutomatedBackupsReplications>"
    if not i.get("PerformanceInsightsEnabled"):
        text = re.sub(r"<PerformanceInsightsRetentionPeriod>.*?</PerformanceInsightsRetentionPeriod>", "", text)
    if not i.get("Endpoint", {}).get("Address"):
        text = re.sub(r"<Endpoint>.*?</Endpoint>", "", text, flags=re.DOTALL)  # AWS names none before there is one
    return text + extra
