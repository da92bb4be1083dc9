"""RDS refuses instances as on AWS."""

from collections.abc import Iterator

import pytest
from helpers.emulator import ACCOUNT, REGION, SECOND_REGION, Emulator, make_role
from helpers.instances import GOOD, make, name, without_servers
from helpers.refusals import client, refused

VALUE, COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/134f2428-cec1-4b25-a1ae-9048164dba47"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with without_servers(tmp_path_factory.mktemp("emulator")) as found:
        yield found


# What is refused at creation and at a change; GOOD with the neighbor is taken.
SETTINGS: dict[str, tuple[dict, str, str, dict]] = {
    "a short password": (
        {"MasterUserPassword": "seven77"},
        VALUE,
        "because it is shorter than 8 characters.",
        {"MasterUserPassword": "eight888"},
    ),
    "a long password": (
        {"MasterUserPassword": "a" * 129},
        VALUE,
        "because it is longer than 128 characters.",
        {"MasterUserPassword": "a" * 128},
    ),
    "an @ in the password": (
        {"MasterUserPassword": "with@sign-in-it"},
        VALUE,
        "Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.",
        {"MasterUserPassword": "with#sign-in-it"},
    ),
    "many backups": ({"BackupRetentionPeriod": 36}, VALUE, "retention period: 36", {"BackupRetentionPeriod": 35}),
    "a window of words": (
        {"PreferredBackupWindow": "at night"},
        VALUE,
        "Should be specified as a range hh24:mi-hh24:mi",
        {"PreferredBackupWindow": "09:00-10:00"},
    ),
    "a window without a day": (
        {"PreferredMaintenanceWindow": "10:30-11:30"},
        VALUE,
        "Should be specified as a range ddd:hh24:mi-ddd:hh24:mi",
        {"PreferredMaintenanceWindow": "Sun:10:30-Sun:11:30"},
    ),
    "a short window": (
        {"PreferredBackupWindow": "09:00-09:29"},
        VALUE,
        "at least 30 minutes",
        {"PreferredBackupWindow": "23:45-00:15"},
    ),
    "windows that overlap": (
        {"PreferredBackupWindow": "23:30-00:30", "PreferredMaintenanceWindow": "mon:00:00-mon:01:00"},
        VALUE,
        "The backup window and maintenance window must not overlap.",
        {"PreferredBackupWindow": "23:00-00:00", "PreferredMaintenanceWindow": "mon:00:00-mon:01:00"},
    ),
    "a monitoring interval of its own": ({"MonitoringInterval": 7}, VALUE, "interval: 7", {"MonitoringInterval": 0}),
    "monitoring without role": ({"MonitoringInterval": 60}, COMBINATION, "A MonitoringRoleARN value is required", {}),
    "a monitoring role that is not there": (
        {"MonitoringInterval": 60, "MonitoringRoleArn": f"arn:aws:iam::{ACCOUNT}:role/none"},
        VALUE,
        "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING",
        {},
    ),
    "insights for a week and a day": (
        {"EnablePerformanceInsights": True, "PerformanceInsightsRetentionPeriod": 8},
        VALUE,
        "Invalid Performance Insights retention period.",
        {"EnablePerformanceInsights": True, "PerformanceInsightsRetentionPeriod": 62},
    ),
    "advanced insights for a week": (
        {"DatabaseInsightsMode": "advanced", "PerformanceInsightsRetentionPeriod": 7},
        COMBINATION,
        "To enable the Advanced mode of Database Insights",
        {"DatabaseInsightsMode": "advanced", "PerformanceInsightsRetentionPeriod": 465},
    ),
    "an unknown authority": (
        {"CACertificateIdentifier": "rds-ca-2015"},
        "CertificateNotFound",
        "rds-ca-2015 not found",
        {"CACertificateIdentifier": "rds-ca-ecc384-g1"},
    ),
    "a small disk": (
        {"AllocatedStorage": 19},
        VALUE,
        "Invalid storage size for engine name postgres and storage type gp3: 19",
        {"AllocatedStorage": 20},
    ),
    "an unknown type of disk": ({"StorageType": "gp4"}, VALUE, "Invalid storage type: gp4", {"StorageType": "gp2"}),
    "operations for a small disk": (
        {"Iops": 3000},
        COMBINATION,
        "You can't specify IOPS or storage throughput for engine postgres and a storage size less than 400.",
        {},
    ),
    "few operations for a large disk": (
        {"AllocatedStorage": 400, "Iops": 11999},
        COMBINATION,
        "Invalid iops value for engine name postgres and storage type gp3: 11999",
        {"AllocatedStorage": 400, "Iops": 12000, "StorageThroughput": 500},
    ),
    "much throughput for a large disk": (
        {"AllocatedStorage": 400, "Iops": 12000, "StorageThroughput": 4001},
        COMBINATION,
        "Invalid storage throughput value for engine name postgres and storage type gp3: 4001",
        {},
    ),
    "a limit below the disk": (
        {"AllocatedStorage": 50, "MaxAllocatedStorage": 40},
        COMBINATION,
        "Max storage size must be greater than storage size",
        {},
    ),
    "a limit near the disk": (
        {"AllocatedStorage": 50, "MaxAllocatedStorage": 54},
        COMBINATION,
        "at least 10 percent",
        {"AllocatedStorage": 50, "MaxAllocatedStorage": 55},
    ),
    "no class": ({"DBInstanceClass": "t4g.micro"}, VALUE, "Invalid DB Instance class: t4g.micro", {}),
    "a class of another engine": (
        {"DBInstanceClass": "db.serverless"},
        COMBINATION,
        "RDS does not support creating a DB instance with the following combination: DBInstanceClass=db.serverless",
        {},
    ),
    "a class of another region": (
        {"DBInstanceClass": "db.m9g.large"},
        COMBINATION,
        "DBInstanceClass=db.m9g.large, Engine=postgres, EngineVersion=17, LicenseModel=postgresql-license.",
        {"DBInstanceClass": "db.m6g.large"},
    ),
    "a size that the family lacks": ({"DBInstanceClass": "db.m6g.micro"}, COMBINATION, "db.m6g.micro", {}),
    "an absent group of subnets": (
        {"DBSubnetGroupName": "none"},
        "DBSubnetGroupNotFoundFault",
        "DB subnet group 'none' does not exist.",
        {},
    ),
    "an absent security group": (
        {"VpcSecurityGroupIds": ["sg-0123456789abcdef0"]},
        VALUE,
        "Invalid security group , groupId= sg-0123456789abcdef0, groupName=.",
        {},
    ),
}
CREATIONS: dict[str, tuple[dict, str, str, dict]] = {
    "a zone for two": (
        {"MultiAZ": True, "AvailabilityZone": f"{REGION}a"},
        COMBINATION,
        "Requesting a specific availability zone is not valid for Multi-AZ instances.",
        {"MultiAZ": True},
    ),
    "two hyphens": ({"DBInstanceIdentifier": "a--b"}, VALUE, "two consecutive hyphens.", {}),
    "a digit first": ({"DBInstanceIdentifier": "1a"}, VALUE, "Identifiers must begin with a letter;", {}),
    "a long name": (
        {"DBInstanceIdentifier": "a" * 64},
        VALUE,
        "because it is longer than 63 characters.",
        {"DBInstanceIdentifier": "a" * 63},
    ),
    "a reserved user": ({"MasterUsername": "admin"}, VALUE, "it is a reserved word used by the engine", {}),
    "a user with a hyphen": (
        {"MasterUsername": "dagster-admin"},
        VALUE,
        "MasterUsername must begin with a letter",
        {"MasterUsername": "postgres"},
    ),
    "no user": ({"MasterUsername": ""}, VALUE, "The parameter MasterUsername must be provided", {}),
    "a database with a hyphen": (
        {"DBName": "my-database"},
        VALUE,
        "DBName must begin with a letter",
        {"DBName": "my_database"},
    ),
    "a reserved database": ({"DBName": "db"}, VALUE, "It is a reserved word for this engine", {}),
    "an unknown engine": ({"Engine": "postgresql"}, VALUE, "Invalid DB engine: postgresql", {}),
    "an unknown version": (
        {"EngineVersion": "17.99"},
        COMBINATION,
        "Cannot find version 17.99 for postgres",
        {"EngineVersion": "17.6"},
    ),
    "a version that is gone": ({"EngineVersion": "16.4"}, COMBINATION, "Cannot find version 16.4 for postgres", {}),
    "a privileged port": ({"Port": 1149}, VALUE, "Must be in the range 1150-65535", {"Port": 1150}),
    "another engine's log": (
        {"EnableCloudwatchLogsExports": ["postgresql", "slowquery"]},
        COMBINATION,
        "You cannot use the log types 'slowquery' with engine version postgres 17.",
        {"EnableCloudwatchLogsExports": ["postgresql", "upgrade"]},
    ),
    "no operations": ({"StorageType": "io2", "AllocatedStorage": 100}, COMBINATION, "must specify an iops value", {}),
    "many operations": (
        {"StorageType": "io1", "AllocatedStorage": 100, "Iops": 6000},
        COMBINATION,
        "Invalid iops to storage (GB) ratio for engine name postgres and storage type io1: 60.0000",
        {"StorageType": "io1", "AllocatedStorage": 100, "Iops": 5000},
    ),
    "the parameters of another version": (
        {"DBParameterGroupName": "default.postgres16"},
        COMBINATION,
        "DBParameterGroupFamily postgres16 can't be used for this instance. Use a parameter group with "
        "DBParameterGroupFamily postgres17.",
        {"DBParameterGroupName": "default.postgres17"},
    ),
    "parameters that are not there": (
        {"DBParameterGroupName": "none"},
        "DBParameterGroupNotFound",
        "DBParameterGroup not found: none",
        {},
    ),
    "another region's zone": (
        {"AvailabilityZone": f"{SECOND_REGION}a"},
        VALUE,
        f"{SECOND_REGION}a is not a valid availability zone.",
        {"AvailabilityZone": f"{REGION}a"},
    ),
    "absent options": ({"OptionGroupName": "none"}, "OptionGroupNotFoundFault", "OptionGroupName: none not found.", {}),
    "a network of its own": ({"NetworkType": "IPV6"}, VALUE, "Valid values are: IPV4, DUAL", {"NetworkType": "IPV4"}),
    "two passwords": ({"ManageMasterUserPassword": True}, COMBINATION, "can't specify MasterUserPassword", {}),
    "another engine's license": (
        {"LicenseModel": "bring-your-own-license"},
        COMBINATION,
        "Valid license models are: postgresql-license.",
        {"LicenseModel": "postgresql-license"},
    ),
    "a key that is not there": (
        {"StorageEncrypted": True, "KmsKeyId": KEY},
        "KMSKeyNotAccessibleFault",
        "does not exist, is not enabled",
        {"StorageEncrypted": True},
    ),
    "a key of another region": (
        {"StorageEncrypted": True, "KmsKeyId": KEY.replace(REGION, SECOND_REGION)},
        "KMSKeyNotAccessibleFault",
        "does not exist, is not enabled",
        {},
    ),
}


@pytest.fixture(scope="module")
def instance(emulator: Emulator) -> str:
    return make(emulator)


@pytest.mark.parametrize(
    ("change", "code", "words", "neighbor"), (SETTINGS | CREATIONS).values(), ids=SETTINGS | CREATIONS
)
def test_a_creation_is_refused_and_its_neighbor_is_not(
    emulator: Emulator, change: dict, code: str, words: str, neighbor: dict
) -> None:
    rds = client(emulator, "rds")
    refused(rds, "create_db_instance", {"DBInstanceIdentifier": name()} | GOOD | change, code, words)
    rds.create_db_instance(**{"DBInstanceIdentifier": name()} | GOOD | neighbor)


@pytest.mark.parametrize(("change", "code", "words", "_"), SETTINGS.values(), ids=SETTINGS)
def test_a_change_is_refused(emulator: Emulator, instance: str, change: dict, code: str, words: str, _: dict) -> None:
    request = {"DBInstanceIdentifier": instance, **change}
    refused(client(emulator, "rds"), "modify_db_instance", request, code, words)


def test_a_disk_does_not_shrink_and_its_limit_can_be_lifted(emulator: Emulator) -> None:
    rds, grown = client(emulator, "rds"), make(emulator, AllocatedStorage=50, MaxAllocatedStorage=100)
    less = {"DBInstanceIdentifier": grown, "AllocatedStorage": 40}
    refused(rds, "modify_db_instance", less, COMBINATION, "cannot be less than the current one")
    rds.modify_db_instance(DBInstanceIdentifier=grown, MaxAllocatedStorage=50)


def test_monitoring_takes_a_role_that_it_may_assume_and_that_has_rights(emulator: Emulator) -> None:
    rds, iam = client(emulator, "rds"), client(emulator, "iam")
    other, role = (make_role(emulator, service) for service in ("ec2.amazonaws.com", "monitoring.rds.amazonaws.com"))
    for arn in (other, role):
        if arn == other:
            iam.attach_role_policy(
                RoleName=arn.rsplit("/", 1)[-1],
                PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
            )
        request = {"DBInstanceIdentifier": name(), "MonitoringInterval": 60, "MonitoringRoleArn": arn, **GOOD}
        refused(rds, "create_db_instance", request, VALUE, "required permissions for: ENHANCED_MONITORING")
    iam.attach_role_policy(
        RoleName=role.rsplit("/", 1)[-1],
        PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
    )
    rds.create_db_instance(**request)


def test_a_major_version_is_asked_for_goes_up_and_wants_its_parameters(emulator: Emulator) -> None:
    rds = client(emulator, "rds")
    groups = {family: name() for family in ("postgres16", "postgres17")}
    for family, group in groups.items():
        rds.create_db_parameter_group(DBParameterGroupName=group, DBParameterGroupFamily=family, Description="g")
    old = make(emulator, EngineVersion="16", DBParameterGroupName=groups["postgres16"])
    upgrade = {"DBInstanceIdentifier": old, "EngineVersion": "17", "ApplyImmediately": True}
    asked = upgrade | {"AllowMajorVersionUpgrade": True}
    with_group = {"DBParameterGroupName": groups["postgres17"]}
    refused(rds, "modify_db_instance", upgrade | with_group, COMBINATION, "AllowMajorVersionUpgrade flag")
    refused(rds, "modify_db_instance", asked, COMBINATION, "DBParameterGroupFamily postgres16 can't be used")
    refused(rds, "modify_db_instance", asked | {"EngineVersion": "19"}, COMBINATION, "Cannot find version 19")
    used = {"DBParameterGroupName": groups["postgres16"]}
    refused(rds, "delete_db_parameter_group", used, "InvalidDBParameterGroupState", "so the group cannot be deleted")
    rds.modify_db_instance(**asked | with_group)
    rds.delete_db_parameter_group(**used)
    refused(rds, "modify_db_instance", asked | {"EngineVersion": "16"}, COMBINATION, "Cannot upgrade postgres from 17")


def test_a_deletion_says_what_becomes_of_the_data(emulator: Emulator, instance: str) -> None:
    rds, going = client(emulator, "rds"), make(emulator)
    one = {"DBInstanceIdentifier": going}
    refused(rds, "delete_db_instance", one, COMBINATION, "FinalDBSnapshotIdentifier is required unless")
    both = one | {"SkipFinalSnapshot": True, "FinalDBSnapshotIdentifier": "last"}
    refused(rds, "delete_db_instance", both, COMBINATION, "when SkipFinalSnapshot is specified")
    bad = one | {"FinalDBSnapshotIdentifier": "last-"}
    refused(rds, "delete_db_instance", bad, VALUE, "The parameter FinalDBSnapshotIdentifier is not a valid identifier.")
    taken = name()
    rds.create_db_snapshot(DBSnapshotIdentifier=taken, DBInstanceIdentifier=instance)
    again = one | {"FinalDBSnapshotIdentifier": taken}
    refused(rds, "delete_db_instance", again, "DBSnapshotAlreadyExists", f"with the identifier {taken} already exists.")
    rds.modify_db_instance(**one, DeletionProtection=True)
    skipped = one | {"SkipFinalSnapshot": True}
    refused(rds, "delete_db_instance", skipped, COMBINATION, "Cannot delete protected DB Instance, please disable")
    rds.modify_db_instance(**one, DeletionProtection=False)
    rds.delete_db_instance(**one, FinalDBSnapshotIdentifier=name())
    refused(rds, "delete_db_instance", skipped, "DBInstanceNotFound", f"DBInstance {going} not found.")


def test_what_is_not_available_is_not_changed_and_has_no_last_snapshot(emulator: Emulator) -> None:
    rds, one = client(emulator, "rds"), {"DBInstanceIdentifier": make(emulator)}
    rds.stop_db_instance(**one)
    change = one | {"BackupRetentionPeriod": 3}
    refused(rds, "modify_db_instance", change, "InvalidDBInstanceState", "Database instance is not in available state.")
    rds.start_db_instance(**one)
    over = one | {"ForceFailover": True}
    refused(rds, "reboot_db_instance", over, COMBINATION, "not configured for Multi-AZ")
    absent = one | {"DBParameterGroupName": "none"}
    refused(rds, "modify_db_instance", absent, "DBParameterGroupNotFound", "DBParameterGroup not found: none")
    rds.modify_db_instance(**change)


def test_a_snapshot_is_read_with_its_key_and_its_engine(emulator: Emulator) -> None:
    rds, kms, kept = client(emulator, "rds"), client(emulator, "kms"), name()
    key = kms.create_key()["KeyMetadata"]["Arn"]
    encrypted = make(emulator, StorageEncrypted=True, KmsKeyId=key, AllocatedStorage=30)
    rds.delete_db_instance(DBInstanceIdentifier=encrypted, FinalDBSnapshotIdentifier=kept)
    request = {"DBInstanceIdentifier": name(), "DBSnapshotIdentifier": kept}
    restore = "restore_db_instance_from_db_snapshot"
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
    refused(rds, restore, request, "KMSKeyNotAccessibleFault", "is not enabled")
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    refused(rds, restore, request | {"Engine": "mysql"}, COMBINATION, "is not that of the snapshot")
    refused(rds, restore, request | {"AllocatedStorage": 25}, VALUE, "can't be less than the source snapshot")
    rds.restore_db_instance_from_db_snapshot(**request)


def test_backups_are_replicated_once_under_a_key_of_the_region(emulator: Emulator) -> None:
    there, key = client(emulator, "rds", SECOND_REGION), client(emulator, "kms").create_key()["KeyMetadata"]["Arn"]
    source = make(emulator, BackupRetentionPeriod=7, StorageEncrypted=True, KmsKeyId=key)
    arn = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{source}"
    start, replicate = "start_db_instance_automated_backups_replication", {"SourceDBInstanceArn": arn}
    refused(client(emulator, "rds"), start, replicate, VALUE, "is in this AWS Region.")
    refused(there, start, replicate, COMBINATION, "needs a KMS key of the destination AWS Region.")
    refused(there, start, replicate | {"KmsKeyId": key}, "KMSKeyNotAccessibleFault", "is not enabled")
    none = {"SourceDBInstanceArn": arn + "x"}
    refused(there, start, none, "DBInstanceNotFound", "not found.")
    elsewhere = client(emulator, "kms", SECOND_REGION).create_key()["KeyMetadata"]["Arn"]
    there.start_db_instance_automated_backups_replication(**replicate, KmsKeyId=elsewhere)
    again = replicate | {"KmsKeyId": elsewhere}
    refused(there, start, again, "InvalidDBInstanceAutomatedBackupState", "are replicated already.")
    there.stop_db_instance_automated_backups_replication(**replicate)


def test_tags_belong_to_something(emulator: Emulator, instance: str) -> None:
    rds, arn = client(emulator, "rds"), f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{instance}"
    tags = {"Tags": [{"Key": "a", "Value": "b"}]}
    refused(rds, "add_tags_to_resource", {"ResourceName": f"{arn}-not", **tags}, "DBInstanceNotFound", "not found.")
    rds.add_tags_to_resource(ResourceName=arn, **tags)
