"""What RDS refuses of instances and snapshots as a whole: names, versions, what they refer to, and their states.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html and
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html.
"""

import re

from ministack.services import ec2, kms, rds

from cloud.ec2.existing import gateway_of
from cloud.rds import offer, server
from cloud.rds.rules.settings import ALWAYS, combination, existing, postgres, setting, value
from cloud.requests.rules import Call, Refused, rule

# What this module uses of MiniStack.
NEEDS = {
    ec2: "_security_groups",
    kms: "_resolve_key",
    rds: "_option_groups _param_groups _snapshots _subnet_groups",
}

_IDENTIFIER = re.compile(r"[A-Za-z](-?[A-Za-z0-9])*")
_NAMES = {
    "DBInstanceIdentifier": 63,
    "NewDBInstanceIdentifier": 63,
    "DBSnapshotIdentifier": 255,
    "FinalDBSnapshotIdentifier": 255,
    "DBParameterGroupName": 255,
}
_ENGINES = re.compile(
    r"(aurora|aurora-mysql|aurora-postgresql|mariadb|mysql|postgres)|(custom-)?(db2|oracle|sqlserver)-.+"
)
_WORD = re.compile(r"[A-Za-z]\w{0,62}", re.ASCII)
_RESERVED_USERS = frozenset({"admin", "rdsadmin"})
_CHOICES = {
    "BackupTarget": ("region", "outposts"),
    "EngineLifecycleSupport": ("open-source-rds-extended-support", "open-source-rds-extended-support-disabled"),
    "NetworkType": ("IPV4", "DUAL"),
}
# Versions before 13 run on classes that no region's list has any more.
_OLDEST = 13
_UNCHANGEABLE = frozenset(
    {"creating", "deleting", "modifying", "rebooting", "starting", "stopped", "stopping", "upgrading"}
)


@rule("rds", f"{ALWAYS} CreateDBSnapshot DeleteDBInstance")
def _identifiers(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.Constraints"""
    made = {
        "CreateDBInstance": ("DBInstanceIdentifier",),
        "RestoreDBInstanceFromDBSnapshot": ("DBInstanceIdentifier",),
        "ModifyDBInstance": ("NewDBInstanceIdentifier",),
        "CreateDBSnapshot": ("DBSnapshotIdentifier",),
        "DeleteDBInstance": ("FinalDBSnapshotIdentifier",),
    }
    for member in made[call.operation]:
        identifier(member, call.parameters.get(member))


def identifier(member: str, name: str | None) -> None:
    """Refuse what is no name of RDS's; nothing is said of a name that is not given."""
    if name is None:
        return
    if len(name) > _NAMES[member]:
        raise value(
            f"The parameter {member} is not a valid identifier because it is longer than {_NAMES[member]} characters."
        )
    if not _IDENTIFIER.fullmatch(name):
        raise value(
            f"The parameter {member} is not a valid identifier. Identifiers must begin with a letter; must contain "
            "only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive "
            "hyphens."
        )


@rule("rds", "CreateDBInstance")
def _names(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html, DBName and MasterUsername"""
    engine = call.parameters["Engine"]
    if not _ENGINES.fullmatch(engine):
        raise value(f"Invalid DB engine: {engine}")
    if engine != "postgres":
        return
    license_model = call.parameters.get("LicenseModel", "postgresql-license")
    if license_model != "postgresql-license":
        raise combination(
            f"Invalid license model '{license_model}' for engine 'postgres'. Valid license models are: "
            "postgresql-license."
        )
    database, user = call.parameters.get("DBName"), call.parameters.get("MasterUsername")
    if database is not None and not _WORD.fullmatch(database):
        raise value("DBName must begin with a letter and contain only alphanumeric characters.")
    if database is not None and database.lower() == "db":
        raise value(f"DBName {database} cannot be used. It is a reserved word for this engine")
    for member in ("MasterUsername", "MasterUserPassword"):
        managed = member == "MasterUserPassword" and call.parameters.get("ManageMasterUserPassword")
        if not call.parameters.get(member) and not managed:
            raise value(f"The parameter {member} must be provided and must not be blank.")
    if not _WORD.fullmatch(str(user)):
        raise value("The parameter MasterUsername must begin with a letter and contain only alphanumeric characters.")
    if str(user).lower() in _RESERVED_USERS or str(user).lower().startswith("pg_"):
        raise value(f"MasterUsername {user} cannot be used as it is a reserved word used by the engine")


@rule("rds", ALWAYS)
def _choices(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html, of each member"""
    for member, choices in _CHOICES.items():
        said = call.parameters.get(member)
        if said is not None and said not in choices:
            raise value(f"Invalid value {said} for {member}. Valid values are: {', '.join(choices)}")
    zone, group = call.parameters.get("AvailabilityZone"), call.parameters.get("OptionGroupName")
    if zone and not zone.startswith(call.region):
        raise value(f"{zone} is not a valid availability zone.")
    if group and ":" not in group and group not in rds._option_groups:
        raise Refused("OptionGroupNotFoundFault", f"Specified OptionGroupName: {group} not found.")
    if call.parameters.get("ManageMasterUserPassword") and call.parameters.get("MasterUserPassword"):
        raise combination("You can't specify MasterUserPassword when you specify ManageMasterUserPassword.")


@rule("rds", "CreateDBInstance")
def _version(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html"""
    version = call.parameters.get("EngineVersion")
    if call.parameters["Engine"] == "postgres" and version and not offer.version(version):
        raise combination(f"Cannot find version {version} for postgres")


@rule("rds", "ModifyDBInstance")
def _upgrade(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.MajorVersion.html"""
    instance, wanted = existing(call), call.parameters.get("EngineVersion")
    if not postgres(call) or not wanted or wanted == instance["EngineVersion"]:
        return
    if not offer.version(wanted):
        raise combination(f"Cannot find version {wanted} for postgres")
    before, after = server.major(instance["EngineVersion"]), server.major(wanted)
    if after < before or (after == before and _minor(wanted) < _minor(instance["EngineVersion"])):
        raise combination(f"Cannot upgrade postgres from {instance['EngineVersion']} to {wanted}")
    if after > before and not call.parameters.get("AllowMajorVersionUpgrade"):
        raise combination("The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.")
    if instance["DBInstanceStatus"] != "available":
        raise Refused("InvalidDBInstanceState", "Database instance is not in available state.")


def _minor(version: str) -> int:
    """The minor version in a version, of which a major one alone leaves the choice to RDS."""
    found = re.fullmatch(r"\d+\.(\d+).*", version)
    return int(found[1]) if found else 10**6


@rule("rds", "CreateDBInstance ModifyDBInstance")
def _family(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html"""
    version = setting(call, "EngineVersion")
    groups = existing(call).get("DBParameterGroups") or [{}]
    name = call.parameters.get("DBParameterGroupName") or groups[0].get("DBParameterGroupName")
    known = name in rds._param_groups or offer.family(name.removeprefix("default.")) if name else True
    if call.parameters.get("DBParameterGroupName") and postgres(call) and not known:
        raise Refused("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}")
    if not postgres(call) or not version or not name:
        return
    default = name.startswith("default.")
    family = (
        name.removeprefix("default.") if default else (rds._param_groups.get(name) or {}).get("DBParameterGroupFamily")
    )
    wanted = f"postgres{server.major(version)}"
    if family and family != wanted and not (default and "DBParameterGroupName" not in call.parameters):
        raise combination(
            f"The parameter group {name} with DBParameterGroupFamily {family} can't be used for this instance. "
            f"Use a parameter group with DBParameterGroupFamily {wanted}."
        )


@rule("rds", ALWAYS)
def _class(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html"""
    name, version = call.parameters.get("DBInstanceClass"), setting(call, "EngineVersion")
    if name is None or not postgres(call):
        return
    if not offer.is_class(name):
        raise value(f"Invalid DB Instance class: {name}")
    if not offer.has_class(call.region, name) and (not version or server.major(version) >= _OLDEST):
        raise combination(
            "RDS does not support creating a DB instance with the following combination: "
            f"DBInstanceClass={name}, Engine=postgres, EngineVersion={version}, LicenseModel=postgresql-license. "
            "For supported combinations of instance class and database engine version, see the documentation."
        )


@rule("rds", ALWAYS)
def _network(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html"""
    name = call.parameters.get("DBSubnetGroupName")
    if name and name != "default" and name not in rds._subnet_groups:
        raise Refused("DBSubnetGroupNotFoundFault", f"DB subnet group '{name}' does not exist.")
    group = rds._subnet_groups.get(name or (existing(call).get("DBSubnetGroup") or {}).get("DBSubnetGroupName")) or {}
    for each in call.parameters.get("VpcSecurityGroupIds") or []:
        found = ec2._security_groups.get(each)
        if found is None:
            raise value(f"Invalid security group , groupId= {each}, groupName=.")
        if group.get("VpcId") and found["VpcId"] != group["VpcId"]:
            raise combination(
                f"The DB instance and EC2 security group are in different VPCs. The DB instance is in {group['VpcId']} "
                f"and the EC2 security group is in {found['VpcId']}"
            )
    if call.parameters.get("PubliclyAccessible") and group and not gateway_of(group["VpcId"]):
        raise Refused(
            "InvalidVPCNetworkStateFault",
            "Cannot create a publicly accessible DBInstance. The specified VPC has no internet gateway attached. "
            "Update the VPC and then try again",
        )
    if call.parameters.get("MultiAZ") and call.parameters.get("AvailabilityZone"):
        raise combination("Requesting a specific availability zone is not valid for Multi-AZ instances.")


@rule("rds", ALWAYS)
def _keys(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html: in use, of the region"""
    said = [call.parameters.get(name) for name in ("KmsKeyId", "PerformanceInsightsKMSKeyId")]
    kept = existing(call).get("KmsKeyId") if call.operation.startswith("Restore") else None
    for name in filter(None, [*said, kept]):
        key, parts = kms._resolve_key(name), name.split(":")
        elsewhere = len(parts) > 4 and parts[4] != call.account  # of whose keys nothing is known here
        if not elsewhere and "alias/aws/" not in name and (not key or key["KeyState"] != "Enabled"):
            raise inaccessible(name)


def inaccessible(key: str) -> Refused:
    """RDS does not say what is wrong with a key."""
    words = f"The specified KMS key [{key}] does not exist, is not enabled or you do not have permissions to access it."
    return Refused("KMSKeyNotAccessibleFault", words)


@rule("rds", "RestoreDBInstanceFromDBSnapshot")
def _restoration(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RestoreFromSnapshot.html"""
    snapshot = existing(call)
    engine, size = call.parameters.get("Engine"), call.parameters.get("AllocatedStorage")
    if snapshot and engine and engine != snapshot["Engine"]:
        raise combination(f"The engine {engine} is not that of the snapshot, {snapshot['Engine']}.")
    if snapshot and size and size < int(snapshot["AllocatedStorage"]):
        raise value("The allocated storage size can't be less than the source snapshot or backup size.")


@rule("rds", "ModifyDBInstance")
def _changeable(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html#Overview.DBInstance.Status"""
    if existing(call).get("DBInstanceStatus") in _UNCHANGEABLE:
        raise Refused("InvalidDBInstanceState", "Database instance is not in available state.")


@rule("rds", "DeleteDBInstance CreateDBSnapshot")
def _snapshot(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html"""
    instance, said = existing(call), call.parameters
    name = said.get("FinalDBSnapshotIdentifier") or said.get("DBSnapshotIdentifier")
    if instance.get("DeletionProtection") and call.operation == "DeleteDBInstance":
        raise combination("Cannot delete protected DB Instance, please disable deletion protection and try again.")
    if call.operation == "DeleteDBInstance" and not name and not said.get("SkipFinalSnapshot"):
        raise combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
    if said.get("SkipFinalSnapshot") and name:
        raise combination("FinalDBSnapshotIdentifier cannot be specified when SkipFinalSnapshot is specified.")
    if instance.get("DBInstanceStatus") == "deleting":
        raise Refused(
            "InvalidDBInstanceState", f"Instance {instance['DBInstanceIdentifier']} is already being deleted."
        )
    if name and name in rds._snapshots:
        raise Refused(
            "DBSnapshotAlreadyExists",
            f"Cannot create the snapshot because a snapshot with the identifier {name} already exists.",
        )
    if name and instance and instance["DBInstanceStatus"] not in ("available", "stopped", "storage-optimization"):
        raise Refused(
            "InvalidDBInstanceState",
            f"Cannot create a snapshot because the database instance {instance['DBInstanceIdentifier']} is not "
            "currently in the available state.",
        )


@rule("rds", "RebootDBInstance")
def _failover(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RebootDBInstance.html, ForceFailover"""
    if call.parameters.get("ForceFailover") and not existing(call).get("MultiAZ"):
        raise combination("ForceFailover cannot be specified since the instance is not configured for Multi-AZ")
