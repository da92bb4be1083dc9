"""RDS refuses what it refuses on AWS."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from helpers.emulator import REGION, Emulator, running

GOOD = {
    "Engine": "postgres",
    "EngineVersion": "17",
    "DBInstanceClass": "db.t4g.micro",
    "AllocatedStorage": 20,
    "MasterUsername": "dagster_admin",
    "MasterUserPassword": "correct-horse",
}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(Path(tmp_path_factory.mktemp("emulator")), "cloud.rds.refusals") as found:
        found.client("rds").create_db_instance(DBInstanceIdentifier="good", **GOOD)
        yield found


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"MasterUsername": "admin"}, "InvalidParameterValue"),
        ({"MasterUserPassword": "short"}, "InvalidParameterValue"),
        ({"MasterUserPassword": "with@sign-in-it"}, "InvalidParameterValue"),
        ({"DBSubnetGroupName": "none"}, "DBSubnetGroupNotFoundFault"),
        ({"AllocatedStorage": 5}, "InvalidParameterValue"),
        ({"MaxAllocatedStorage": 21}, "InvalidParameterCombination"),
        ({"BackupRetentionPeriod": 36}, "InvalidParameterValue"),
        ({"MonitoringInterval": 60}, "InvalidParameterCombination"),
    ],
)
def test_creation_is_refused(emulator: Emulator, change: dict, code: str) -> None:
    with pytest.raises(ClientError, match=code):
        emulator.client("rds").create_db_instance(DBInstanceIdentifier="bad", **GOOD | change)


def test_storage_never_shrinks(emulator: Emulator) -> None:
    rds = emulator.client("rds")
    rds.modify_db_instance(DBInstanceIdentifier="good", AllocatedStorage=30, ApplyImmediately=True)
    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        rds.modify_db_instance(DBInstanceIdentifier="good", AllocatedStorage=20, ApplyImmediately=True)


def test_another_major_version_is_asked_for_with_a_flag_and_a_group_of_its_family(emulator: Emulator) -> None:
    rds = emulator.client("rds")
    for version in ("16", "17"):
        rds.create_db_parameter_group(
            DBParameterGroupName=f"g{version}", DBParameterGroupFamily=f"postgres{version}", Description="g"
        )
    old = GOOD | {"EngineVersion": "16", "DBParameterGroupName": "g16"}
    rds.create_db_instance(DBInstanceIdentifier="old", **old)
    upgrade = {"DBInstanceIdentifier": "old", "EngineVersion": "17", "ApplyImmediately": True}
    with pytest.raises(ClientError, match="AllowMajorVersionUpgrade flag must be present"):
        rds.modify_db_instance(**upgrade, DBParameterGroupName="g17")
    with pytest.raises(ClientError, match="DBParameterGroupFamily postgres16 can't be used"):
        rds.modify_db_instance(**upgrade, AllowMajorVersionUpgrade=True)
    with pytest.raises(ClientError, match="InvalidDBParameterGroupState"):
        rds.delete_db_parameter_group(DBParameterGroupName="g16")
    rds.modify_db_instance(**upgrade, AllowMajorVersionUpgrade=True, DBParameterGroupName="g17")
    rds.delete_db_parameter_group(DBParameterGroupName="g16")
    with pytest.raises(ClientError, match="Cannot upgrade postgres from 17"):
        rds.modify_db_instance(**upgrade | {"EngineVersion": "16"}, AllowMajorVersionUpgrade=True)


def test_deletion_says_what_becomes_of_the_data(emulator: Emulator) -> None:
    rds = emulator.client("rds")
    rds.create_db_instance(DBInstanceIdentifier="going", **GOOD)
    with pytest.raises(ClientError, match="FinalDBSnapshotIdentifier is required"):
        rds.delete_db_instance(DBInstanceIdentifier="going")
    rds.create_db_snapshot(DBSnapshotIdentifier="taken", DBInstanceIdentifier="good")
    with pytest.raises(ClientError, match="DBSnapshotAlreadyExists"):
        rds.delete_db_instance(DBInstanceIdentifier="going", FinalDBSnapshotIdentifier="taken")
    rds.delete_db_instance(DBInstanceIdentifier="going", FinalDBSnapshotIdentifier="last")


def test_a_snapshot_is_read_with_its_key_only(emulator: Emulator) -> None:
    rds, kms = emulator.client("rds"), emulator.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    encrypted = {"StorageEncrypted": True, "KmsKeyId": key}
    rds.create_db_instance(DBInstanceIdentifier="encrypted", **GOOD | encrypted)
    rds.delete_db_instance(DBInstanceIdentifier="encrypted", FinalDBSnapshotIdentifier="kept")
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
    with pytest.raises(ClientError, match="KMSKeyNotAccessibleFault"):
        rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="restored", DBSnapshotIdentifier="kept")
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="restored", DBSnapshotIdentifier="kept")


def test_subnet_group_covers_two_zones(emulator: Emulator) -> None:
    ec2, rds = emulator.client("ec2"), emulator.client("rds")
    vpc = ec2.create_vpc(CidrBlock="10.4.0.0/16")["Vpc"]["VpcId"]
    here, also, there = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.4.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate((f"{REGION}a", f"{REGION}a", f"{REGION}b"))
    )
    with pytest.raises(ClientError, match="DBSubnetGroupDoesNotCoverEnoughAZs"):
        rds.create_db_subnet_group(DBSubnetGroupName="g", DBSubnetGroupDescription="g", SubnetIds=[here, also])
    rds.create_db_subnet_group(DBSubnetGroupName="g", DBSubnetGroupDescription="g", SubnetIds=[here, also, there])
    rds.create_db_instance(DBInstanceIdentifier="inside", DBSubnetGroupName="g", **GOOD)
    with pytest.raises(ClientError, match="SubnetAlreadyInUse"):
        rds.modify_db_subnet_group(DBSubnetGroupName="g", SubnetIds=[here, there])
    rds.modify_db_subnet_group(DBSubnetGroupName="g", SubnetIds=[here, also, there])
