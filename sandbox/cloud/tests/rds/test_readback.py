"""What an instance was made with is given back; subscriptions and replicated backups are there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from helpers.emulator import ACCOUNT, REGION, SECOND_REGION, Emulator, running

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    modules = "cloud.rds.parameters", "cloud.rds.catalog", "cloud.rds.readback", "cloud.rds.backups", "cloud.rds.events"
    with running(Path(tmp_path_factory.mktemp("emulator")), *modules) as found:
        found.client("rds").create_db_instance(
            DBInstanceIdentifier="db",
            Engine="postgres",
            EngineVersion="17",
            DBInstanceClass="db.t4g.micro",
            AllocatedStorage=20,
            StorageType="gp3",
            StorageEncrypted=True,
            KmsKeyId=KEY,
            MasterUsername="m",
            MasterUserPassword="password",
            EnableCloudwatchLogsExports=["postgresql", "upgrade"],
            EnablePerformanceInsights=True,
            PerformanceInsightsKMSKeyId=KEY,
            PreferredBackupWindow="07:00-08:00",
            CACertificateIdentifier="rds-ca-ecc384-g1",
            BackupRetentionPeriod=3,
            MonitoringInterval=60,
            MonitoringRoleArn=f"arn:aws:iam::{ACCOUNT}:role/monitoring",
        )
        yield found


def instance(emulator: Emulator) -> dict:
    return emulator.client("rds").describe_db_instances(DBInstanceIdentifier="db")["DBInstances"][0]


def test_settings_come_back(emulator: Emulator) -> None:
    found = instance(emulator)
    assert found["EnabledCloudwatchLogsExports"] == ["postgresql", "upgrade"]
    assert found["PerformanceInsightsKMSKeyId"] == KEY
    assert found["PreferredBackupWindow"] == "07:00-08:00"
    assert found["CACertificateIdentifier"] == "rds-ca-ecc384-g1"
    assert (found["Iops"], found["StorageThroughput"]) == (3000, 125)
    assert found["EngineLifecycleSupport"] == "open-source-rds-extended-support"
    stream = f"log-group:RDSOSMetrics:log-stream:{found['DbiResourceId']}"
    assert found["EnhancedMonitoringResourceArn"] == f"arn:aws:logs:{REGION}:{ACCOUNT}:{stream}"


def test_an_instance_is_found_by_its_resource_id_and_no_other(emulator: Emulator) -> None:
    rds = emulator.client("rds")

    def by(resource_id: str) -> list[str]:
        found = rds.describe_db_instances(Filters=[{"Name": "dbi-resource-id", "Values": [resource_id]}])
        return [each["DBInstanceIdentifier"] for each in found["DBInstances"]]

    assert by(instance(emulator)["DbiResourceId"]) == ["db"]
    assert by("db-GONE") == []


def test_what_runs_is_on_offer(emulator: Emulator) -> None:
    rds, found = emulator.client("rds"), instance(emulator)
    certificate = rds.describe_certificates(CertificateIdentifier=found["CACertificateIdentifier"])["Certificates"]
    assert [each["ValidTill"].year for each in certificate] == [2121]
    with pytest.raises(ClientError, match="CertificateNotFound"):
        rds.describe_certificates(CertificateIdentifier="rds-ca-2019")
    for asked in ({}, {"EngineVersion": found["EngineVersion"]}):
        versions = rds.describe_db_engine_versions(Engine="postgres", **asked)["DBEngineVersions"]
        assert [each["EngineVersion"] for each in versions].count(found["EngineVersion"]) == 1
    assert rds.describe_db_engine_versions(Engine="postgres", EngineVersion="9.6")["DBEngineVersions"] == []


def test_changes_come_back(emulator: Emulator) -> None:
    emulator.client("rds").modify_db_instance(
        DBInstanceIdentifier="db",
        ApplyImmediately=True,
        AutoMinorVersionUpgrade=False,
        CloudwatchLogsExportConfiguration={"DisableLogTypes": ["upgrade"]},
    )
    assert instance(emulator)["EnabledCloudwatchLogsExports"] == ["postgresql"]
    assert instance(emulator)["AutoMinorVersionUpgrade"] is False


def test_a_parameter_that_is_the_familys_own_is_given_back_as_such(emulator: Emulator) -> None:
    rds = emulator.client("rds")
    rds.create_db_parameter_group(DBParameterGroupName="g", DBParameterGroupFamily="postgres17", Description="g")
    wanted = {"rds.force_ssl": "1", "log_autovacuum_min_duration": "5000", "log_lock_waits": "1"}
    rds.modify_db_parameter_group(
        DBParameterGroupName="g",
        Parameters=[
            {"ParameterName": name, "ParameterValue": value, "ApplyMethod": "immediate"}
            for name, value in wanted.items()
        ],
    )
    found = {
        each["ParameterName"]: (each["ParameterValue"], each["Source"], each["ApplyMethod"])
        for each in rds.describe_db_parameters(DBParameterGroupName="g")["Parameters"]
    }
    assert found["rds.force_ssl"] == ("1", "system", "pending-reboot")
    assert found["log_autovacuum_min_duration"] == ("5000", "user", "immediate")
    assert found["log_lock_waits"] == ("1", "user", "immediate")
    assert found["autovacuum_vacuum_scale_factor"] == ("0.1", "system", "pending-reboot")
    own = rds.describe_db_parameters(DBParameterGroupName="g", Source="user")["Parameters"]
    assert {each["ParameterName"] for each in own} == {"log_autovacuum_min_duration", "log_lock_waits"}


def test_backups_are_replicated_to_the_second_region(emulator: Emulator) -> None:
    here, there = emulator.client("rds"), emulator.client("rds", SECOND_REGION)
    arn = instance(emulator)["DBInstanceArn"]
    key = KEY.replace(REGION, SECOND_REGION)
    started = there.start_db_instance_automated_backups_replication(
        SourceDBInstanceArn=arn, KmsKeyId=key, BackupRetentionPeriod=5
    )["DBInstanceAutomatedBackup"]
    backup = started["DBInstanceAutomatedBackupsArn"]
    found = there.describe_db_instance_automated_backups(DBInstanceAutomatedBackupsArn=backup)[
        "DBInstanceAutomatedBackups"
    ][0]
    assert (found["Status"], found["BackupRetentionPeriod"], found["KmsKeyId"], found["Region"]) == (
        "replicating",
        5,
        key,
        REGION,
    )
    assert instance(emulator)["DBInstanceAutomatedBackupsReplications"] == [{"DBInstanceAutomatedBackupsArn": backup}]
    own = here.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    assert [(entry["Status"], entry["BackupRetentionPeriod"]) for entry in own] == [("active", 3)]
    there.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=arn)
    assert instance(emulator)["DBInstanceAutomatedBackupsReplications"] == []
    with pytest.raises(ClientError, match="DBInstanceAutomatedBackupNotFound"):
        there.describe_db_instance_automated_backups(DBInstanceAutomatedBackupsArn=backup)


def test_event_subscriptions_outlive_the_emulator(emulator: Emulator) -> None:
    rds, topic = emulator.client("rds"), emulator.client("sns").create_topic(Name="alerts")["TopicArn"]
    with pytest.raises(ClientError, match="SNSTopicArnNotFound"):
        rds.create_event_subscription(SubscriptionName="e", SnsTopicArn=f"{topic}-not")
    rds.create_event_subscription(
        SubscriptionName="e",
        SnsTopicArn=topic,
        SourceType="db-instance",
        SourceIds=["db"],
        EventCategories=["failure", "maintenance"],
        Tags=[{"Key": "a", "Value": "b"}],
    )
    emulator.stop()
    emulator.start()
    found = emulator.client("rds").describe_event_subscriptions(SubscriptionName="e")["EventSubscriptionsList"][0]
    assert (found["SourceIdsList"], found["EventCategoriesList"], found["Enabled"], found["Status"]) == (
        ["db"],
        ["failure", "maintenance"],
        True,
        "active",
    )
    tags = emulator.client("rds").list_tags_for_resource(ResourceName=found["EventSubscriptionArn"])["TagList"]
    assert tags == [{"Key": "a", "Value": "b"}]
    emulator.client("rds").delete_event_subscription(SubscriptionName="e")
    with pytest.raises(ClientError, match="SubscriptionNotFound"):
        emulator.client("rds").describe_event_subscriptions(SubscriptionName="e")
